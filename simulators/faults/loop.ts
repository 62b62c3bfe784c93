/**
 * The longest stop of the event loop of a box whose store holds a million hits, a million rows that wait and a million rows of audit, while plate cameras push, the backlog leaves, monitoring asks, and a list of 100,000 entries is imported beside it and taken over.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../gateway/store/db.ts';
import { startRoom } from '../command-room/room.ts';
import { asTheService } from '../product/gateway.ts';
import { giveList, newSecret, stolen } from '../product/site.ts';
import { layPushBox } from './push-box.ts';
import { fillMillion } from './million.ts';
import { LOOP_PROBE, stopsIn } from './loop-stops.ts';
import { PLATE, RELAY } from './store-fill.ts';

export interface LoopOptions {
  /** Of hits, of the outbox and of the audit log, each. */
  readonly rows: number;
  readonly entries: number;
  readonly seconds: number;
}

export const MILLION: LoopOptions = { rows: 1_000_000, entries: 100_000, seconds: 90 };

/** Its code is loaded and compiled by then. */
const SETTLE_S = 5;
const PUSH_EVERY_MS = 500;
/** Of the room, as over a real line: one that answers at once on the same two cores takes them from the box. */
const ANSWER_MS = 50;

export async function measureLoop(folder: string, options: LoopOptions = MILLION) {
  const { rows, entries, seconds } = options;
  const secret = newSecret();
  const room = await startRoom({ secret, faults: { slowMs: ANSWER_MS } });
  room.fault('slow');
  const probe = join(folder, 'probe');
  const box = await layPushBox({
    folder: join(folder, 'box'),
    plates: [PLATE],
    upstream: { [RELAY]: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } },
    env: { ROOM_SECRET: secret, NODE_OPTIONS: `--import=${LOOP_PROBE}`, LOOP_PROBE: probe },
    more: { limits: { outboxRows: 4 * rows, outboxBytes: 2 ** 33 } },
  });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => room.close());
  undo.defer(() => box.close());
  fill(box.site.storage, rows);
  const gateway = asTheService(() => box.start());
  undo.defer(() => gateway.kill());
  const url = await gateway.url();
  await sleep(SETTLE_S * 1000);
  const before = stopsIn(probe).length;
  const healthMs = await loadBox(
    url,
    seconds,
    async () => box.push(PLATE),
    () => giveLarge(box.site, entries),
  );
  await gateway.line((l) => l.msg === 'list in force' && l['entries'] === entries);
  await sleep(2_000);
  /** By second, once the box has been serving for SETTLE_S. */
  const stops = stopsIn(probe).slice(before);
  await gateway.kill();
  return { stops, healthMs, delivered: room.events().length };
}

/** The box has started once before, so that its audit log has a beginning of its own: it is made anew with the rest. */
function fill(storage: string, rows: number): void {
  const db = openDb(storage);
  db.prepare('DELETE FROM audit').run();
  fillMillion(db, rows);
  db.close();
}

async function giveLarge(site: Parameters<typeof giveList>[0], entries: number): Promise<void> {
  const wanted = Array.from({ length: entries }, (_, i) => {
    return stolen(`皖${'ABCDEFGHJK'[i % 10]}${String(i).padStart(5, '0')}`);
  });
  await giveList(site, 2, wanted);
}

/** Gives the times of /health, ms. */
async function loadBox(
  url: string,
  seconds: number,
  push: () => Promise<number>,
  importList: () => Promise<void>,
): Promise<number[]> {
  const until = performance.now() + seconds * 1000;
  const healthMs: number[] = [];
  const ask = async (): Promise<void> => {
    while (performance.now() < until) {
      const at = performance.now();
      await (await fetch(`${url}/health`)).text();
      healthMs.push(performance.now() - at);
      await (await fetch(`${url}/metrics`)).text();
      await sleep(500);
    }
  };
  const drive = async (): Promise<void> => {
    while (performance.now() < until) {
      await push();
      await sleep(PUSH_EVERY_MS);
    }
  };
  await Promise.all([ask(), drive(), importList()]);
  return healthMs;
}
