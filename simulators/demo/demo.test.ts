/** `npm start` as a visitor types it: the demo tells its story, answers on its port, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFailed, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { descendantsOf, stillRunning } from '../product/processes.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The story of the road. */
const ROAD: readonly RegExp[] = [
  /box +serves http:\/\/127\.0\.0\.1:\d+\/health/,
  /list office +signed and imported a list of 2 vehicles/,
  /box +camera north-1 is up/,
  /box +HIT: entry E-[12]/,
  /command room .* HIT .* 2 pictures/,
  /the command room acknowledged the hit/,
];
/** The story of the gate: nobody in particular, somebody who is listed, a card that has expired, one that was borrowed. */
const GATE: readonly RegExp[] = [
  /box +shows the gate lane to its attendant at http:\/\/127\.0\.0\.1:\d+\/lanes\/gate-1/,
  /list office +signed and imported a list of 2 documents/,
  /lane gate-1 +CLEAR/,
  /lane gate-1 +face and photo on the card agree/,
  /lane gate-1 +LISTED: sought/,
  /box +HIT: entry D-[12]/,
  /command room .* HIT \S+ lane gate-1 entry D-[12]: stay calm.*, \d pictures?/,
  /command room .* compared: .* entry D-1: holder and photo of the document same, holder and photo of the list same/,
  /lane gate-1 +LOOK AT THE DOCUMENT: it has expired/,
  /lane gate-1 +face and photo on the card differ .*: compare the holder yourself/,
];
/** The story of the crew: an officer calls for help, all hear it, the command room has seen it and sends the nearest, who goes. */
const CREW: readonly RegExp[] = [
  /crew +5 devices are registered and connected/,
  /officer-1 +CALLS FOR HELP/,
  /officer-1 +knows that the box has the call on disk/,
  /officer-2 +hears that officer-1 calls for help/,
  /car-1 +hears that officer-1 calls for help/,
  /command room .* SOS officer-1/,
  /command room .* SOS of officer-1 .*: seen by/,
  /(officer-[23]|car-1) +gets an order: an officer calls for help/,
  /(officer-[23]|car-1) +reads the order/,
  /(officer-[23]|car-1) +says of the order: done/,
  /command room .* order demo-order .*: (officer-[23]|car-1) done/,
];
const PATIENCE = { timeout: 90_000, interval: 100 };

let output = '';
const undo: (() => unknown)[] = [];
beforeEach(() => onTestFailed(() => console.log(output.slice(-4_000))));
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('npm start tells the whole story, answers, and ends at Ctrl-C with nothing left', async () => {
  // Everything temporary goes here, so that what is left can be seen.
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  // What npm runs, without npm: that ends by the signal itself at Ctrl-C, and the exit code of the demo would not be seen.
  const project = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [program, ...args] = project.scripts.start.split(' ');
  expect(program).toBe('node');
  // A process group of its own, as a terminal gives it: Ctrl-C goes to all of it.
  const demo = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(demo, 'close');
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  undo.push(async () => {
    if (demo.exitCode === null && demo.signalCode === null) process.kill(-demo.pid!, 'SIGKILL');
    await closed;
  });
  // Port 8420, or another where that is taken.
  const url = () => /serves (http:\/\/127\.0\.0\.1:\d+)\/health/.exec(output)?.[1] ?? '';
  for (const part of [...ROAD, ...GATE, ...CREW]) await expect.poll(() => output, PATIENCE).toMatch(part);
  await expect.poll(() => output, PATIENCE).toMatch(/box +[1-9]\d* vehicles? passed so far/);

  await expect.poll(() => output, PATIENCE).toMatch(/box +[1-9]\d* documents? presented so far/);
  // Of visitors the command room hears of those only who are listed.
  const heard = output.split('\n').filter((line) => /command room .*gate-1/.test(line));
  expect(heard.filter((line) => !/entry D-[12]/.test(line))).toEqual([]);

  // A busy computer may read more slowly for a moment, which is an alarm.
  await expect.poll(async () => (await fetch(`${url()}/health`)).status, PATIENCE).toBe(200);
  expect(await (await fetch(`${url()}/lanes/gate-1`)).text()).toContain('验证通道');
  expect(await (await fetch(`${url()}/metrics`)).text()).toMatch(/^sitebox_passages_total\{.*\} \d+$/m);

  const running = descendantsOf(demo.pid!);
  // What is looked for later is there now.
  for (const part of [/sitebox\.mjs start .*sitebox\.yaml/, /camera\/main\.ts/, /^ffmpeg/]) {
    expect(running.map((p) => p.command).filter((command) => part.test(command)).length).toBeGreaterThan(0);
  }
  expect(readdirSync(folder).length).toBeGreaterThan(0);
  process.kill(-demo.pid!, 'SIGINT');
  const [code] = (await closed) as [number | null];
  expect(output).toMatch(/Everything is stopped/);
  expect(code).toBe(0);
  expect(stillRunning(running)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});
