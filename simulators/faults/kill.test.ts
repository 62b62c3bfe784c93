/** kill -9 at random moments under load, while the command room loses a third of its acknowledgements. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { verifyAudit } from '../../gateway/store/audit.ts';
import { DB_FILE, openDb } from '../../gateway/store/db.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { seeded, type Random } from '../scene/random.ts';
import { forgetEnds, giveList, laySite, newSecret, type Site } from '../product/site.ts';
import { BOARD, boardsOf, drawPlates, openBoardPainter, PLATES_A_BOARD } from './boards.ts';
import { breaches, missing, type ReceivedHit } from './promise.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

/** Two boxes side by side, each killed half as often: most of a start is waiting for one core. */
const BOXES = 2;
const KILLS_EACH = 25;
/** One kill in so many comes while the box starts. */
const EARLY_EVERY = 5;
const EARLY_MS = 900;
/** The others come this long, at most, after the first hit of the run. */
const LATE_MS = 700;
/** More boards than the gateway remembers vehicles of, so that each turn of the pictures brings new passages. */
const BOARDS = 5;
const SEED = 9;
const PATIENCE = { timeout: 90_000, interval: 250 };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Box {
  readonly site: Site;
  readonly pictures: string;
  readonly env: Readonly<Record<string, string>>;
  readonly committed: Set<string>;
}

async function layBox(folder: string, name: string, room: Room, secret: string): Promise<Box> {
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const camera = { kind: 'folder', path: pictures, fps: 12, ...BOARD };
  const site = await laySite({
    folder,
    port: 0,
    cameras: { 'cam-1': camera },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } },
    more: { box: name, hits: { windowS: 1 }, inference: { threads: 1 } },
  });
  // Node keeps what it compiled there, so that most of a start is not the same work fifty times.
  const env = { ROOM_SECRET: secret, NODE_COMPILE_CACHE: join(folder, '..', 'compiled') };
  return { site, pictures, env, committed: new Set() };
}

/** What a box holds on disk. A copy is opened, because opening a store that was killed already repairs it. */
function inspect({ site }: Box): { readonly hits: string[]; readonly audit: unknown; readonly integrity: unknown } {
  const folder = tempFolder();
  for (const name of [DB_FILE, `${DB_FILE}-wal`]) {
    if (existsSync(join(site.storage, name))) copyFileSync(join(site.storage, name), join(folder, name));
  }
  const db = openDb(folder);
  try {
    const hits = db.prepare('SELECT id FROM hits').pluck().all() as string[];
    return { hits, audit: verifyAudit(db), integrity: db.pragma('integrity_check', { simple: true }) };
  } finally {
    db.close();
  }
}

function start(box: Box): GatewayProcess {
  const onLine = (line: { readonly msg: string; readonly hit?: unknown }): void => {
    if (line.msg === 'hit committed') box.committed.add(String(line.hit));
  };
  forgetEnds(box.site);
  const gateway = spawnGateway(box.site.configFile, { env: box.env, onLine });
  undo.push(() => gateway.kill());
  return gateway;
}

/** Starts the box, kills it, and looks at what is on disk. The moment is drawn, not waited for: it is the fault itself. */
async function killOnce(box: Box, early: boolean, random: Random): Promise<void> {
  const gateway = start(box);
  if (early) await sleep(random() * EARLY_MS);
  else {
    await gateway.line((l) => l.msg === 'hit committed');
    await sleep(random() * LATE_MS);
  }
  await gateway.kill();
  const { hits, audit, integrity } = inspect(box);
  expect({ audit, integrity }).toMatchObject({ audit: { ok: true }, integrity: 'ok' });
  const onDisk = new Set(hits);
  // What the log says is committed, and what was on disk after the kill before, is on disk.
  expect([...box.committed].filter((id) => !onDisk.has(id))).toEqual([]);
  for (const id of hits) box.committed.add(id);
}

const heldOf = (room: Room, box: string): ReceivedHit[] => room.events().filter((e) => e.source.endsWith(`/${box}`));

test('every hit that was committed before a kill arrives, once', { timeout: 400_000 * PATIENCE_FACTOR }, async () => {
  const startedAt = performance.now();
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const secret = newSecret();
  const room = await startRoom({ secret, faults: { random: seeded(SEED) } });
  undo.push(() => room.close());
  // The kind that is read fastest: the more hits a second, the better a kill hits.
  const plates = drawPlates(SEED, BOARDS * PLATES_A_BOARD, 'standard');
  const paint = openBoardPainter(SEED);
  const pictures = await Promise.all(boardsOf(plates).map(paint));
  const wanted = plates.map((p) => ({ plate: p.text, category: 'stolen', instruction: 'stop the vehicle' }));
  const names = Array.from({ length: BOXES }, (_, i) => `box-${i + 1}`);
  const boxes = await Promise.all(names.map((name) => layBox(join(folder, name), name, room, secret)));
  // A first run that ends in order leaves the compiled code behind.
  const first = start(boxes[0]!);
  await first.line((l) => l.msg === 'serving');
  expect(await first.stop()).toBe(0);
  room.fault('lost-ack', 1 / 3);
  await Promise.all(
    boxes.map(async (box, n) => {
      await giveList(box.site, 1, wanted);
      pictures.forEach((bytes, i) => writeFileSync(join(box.pictures, `${i}.jpg`), bytes));
      const random = seeded(SEED + n);
      for (let k = 0; k < KILLS_EACH; k++) await killOnce(box, k % EARLY_EVERY === 0, random);
    }),
  );
  const killedS = (performance.now() - startedAt) / 1000;

  // The road is empty and the line is good again: what is left arrives.
  room.fault(undefined);
  const empty = await paint([]);
  for (const [n, box] of boxes.entries()) {
    for (const name of readdirSync(box.pictures)) writeFileSync(join(box.pictures, name), empty);
    const gateway = start(box);
    await gateway.line((l) => l.msg === 'serving');
    const events = () => heldOf(room, names[n]!);
    await expect.poll(() => missing({ kept: box.committed, held: events() }), PATIENCE).toBe(0);
    expect(await gateway.stop()).toBe(0);
    const { hits, audit, integrity } = inspect(box);
    expect({ audit, integrity }).toMatchObject({ audit: { ok: true }, integrity: 'ok' });
    expect(breaches({ committed: box.committed, kept: new Set(hits), held: events() })).toEqual([]);
  }
  const again = room.events().filter((e) => e.times > 1).length;
  const hits = boxes.reduce((sum, b) => sum + b.committed.size, 0);
  const allS = (performance.now() - startedAt) / 1000;
  console.log(
    `${BOXES * KILLS_EACH} kills, ${hits} hits, ${again} events sent again, ${killedS.toFixed(0)} s, with the rest ${allS.toFixed(0)} s`,
  );
  // Otherwise there was no load, or no acknowledgement was lost, and the test proved nothing.
  expect(hits).toBeGreaterThan(BOXES * KILLS_EACH * 2);
  expect(again).toBeGreaterThan(0);
});

test('the check sees a hit that is lost, doubled, made up, or late', () => {
  const event = (hit: string, sequence: number, id = hit): ReceivedHit => {
    return { source: '/sites/demo/boxes/box-1', id, type: 'io.sitebox.plate.hit.v2', sequence, data: { id: hit } };
  };
  const good = {
    committed: new Set(['A', 'B']),
    kept: new Set(['A', 'B', 'C']),
    held: [event('A', 1), event('B', 2), event('A', 5, 'n1'), event('C', 4)],
  };
  expect(breaches(good)).toEqual([]);
  const only = (kept: string[]) => breaches({ ...good, kept: new Set(kept) });
  expect(only(['A', 'C'])).toEqual([
    'hit B was committed and is not on disk any more',
    'hit B arrived and was never committed',
  ]);
  const holding = (...more: ReceivedHit[]) => breaches({ ...good, held: [...good.held, ...more] });
  expect(breaches({ ...good, held: good.held.slice(0, 3) })).toEqual(['hit C never arrived']);
  expect(holding(event('A', 1))).toContain('hit A is held more than once');
  expect(holding(event('A', 6, 'n1'))).toEqual(['event /sites/demo/boxes/box-1 n1 is held more than once']);
  expect(holding(event('D', 9))).toEqual(['hit D arrived and was never committed']);
  expect(holding(event('A', 3, 'n2'))).toEqual(['news n2 of hit A came after later ones']);
  expect(missing({ kept: good.kept, held: good.held.slice(1) })).toBe(1);
});
