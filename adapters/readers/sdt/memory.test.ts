/** Nothing of a card stays in memory once its reading has been wiped: looked for in every page of a process that has read one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { randomCard, type Card } from '../../../simulators/devices/reader/cards.ts';
import { startReader } from '../../../simulators/devices/reader/reader.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { newPty } from '../../../simulators/conformance/reader.ts';

/** A program that reads cards. It wipes each reading, as a lane does, or leaves it to the garbage collector. */
const PROGRAM = `
const [source, port, wipes] = process.argv.slice(1);
const { openSdt } = await import(source);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const context = { id: 'r', log, check: (schema, value) => schema.parse(value) };
const kept = [];
await openSdt({ port, pollMs: 20 }, context).run((o) => {
  if (o.kind === 'document' && wipes === 'yes') o.reading.number.fill(0), o.reading.photo.fill(0);
  if (o.kind === 'document' && wipes !== 'yes') kept.push(o);
  console.log(o.kind);
}, new AbortController().signal);
`;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const PIECE = 2 ** 20;

/** How often `needle` stands in the memory of a process that may be read and written (Linux, /proc). */
function countIn(pid: number, needles: readonly Uint8Array[]): number[] {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const counts = needles.map(() => 0);
  const piece = Buffer.alloc(PIECE + 4096);
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    const end = parseInt(to, 16);
    for (let at = parseInt(from, 16); at < end; at += PIECE) {
      let got = 0;
      try {
        got = readSync(memory, piece, 0, Math.min(piece.length, end - at), at);
      } catch {
        // Pages that were never used, or belong to the kernel, cannot be read.
        continue;
      }
      needles.forEach((needle, i) => {
        const text = piece.subarray(0, got);
        for (let hit = text.indexOf(needle); hit >= 0; hit = text.indexOf(needle, hit + 1)) counts[i]! += 1;
      });
    }
  }
  closeSync(memory);
  return counts;
}

/** Lays a card before a program and lifts it again. Resolves when the program has said that it is gone. */
async function readsOne(wipes: 'yes' | 'no', card: Card): Promise<ChildProcess> {
  const reader = await startReader(newPty());
  ends.push(() => reader.close());
  const source = new URL('source.ts', import.meta.url).href;
  const program = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, source, reader.address, wipes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => {
    program.kill('SIGKILL');
    return new Promise((resolve) => program.once('close', resolve));
  });
  for await (const said of createInterface({ input: program.stdout })) {
    if (said === 'ready') reader.placeCard(card);
    // Damage makes it read twice, and throw the first reading away.
    if (said === 'ready') reader.fault('bad checksum', { times: 1, on: '3001' });
    if (said === 'document') reader.removeCard();
    if (said === 'removed') return program;
  }
  throw new Error('the program ended');
}

const traces = (program: ChildProcess, card: Card): { wire: number; number: number; photo: number } => {
  const wire = Buffer.from(card.number, 'utf16le');
  const [asSent, plain, photo] = countIn(program.pid!, [wire, Buffer.from(card.number), card.photo.subarray(500, 540)]);
  return { wire: asSent!, number: plain!, photo: photo! };
};

it('a wiped reading leaves nothing: neither number nor photo', async () => {
  const card = randomCard(seeded(21));
  const program = await readsOne('yes', card);
  expect(traces(program, card)).toEqual({ wire: 0, number: 0, photo: 0 });
});

it('a reading that is not wiped is found by the same search', async () => {
  const card = randomCard(seeded(22));
  const program = await readsOne('no', card);
  const found = traces(program, card);
  expect(found.number).toBeGreaterThan(0);
  expect(found.photo).toBeGreaterThan(0);
});
