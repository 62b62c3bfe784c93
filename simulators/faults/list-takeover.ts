/** A running box takes over a list of 100,000 entries that another process has imported: how long it takes, what it does to the event loop, and to memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRoot } from '../../gateway/lists/box-root.ts';
import { DEFAULT_LIMITS } from '../../gateway/lists/bundle.ts';
import { writeSigned } from '../../gateway/lists/files.ts';
import { NOW, office, read, SITE } from '../../gateway/lists/fixtures.ts';
import { followLists } from '../../gateway/lists/follow.ts';
import { importBundle } from '../../gateway/lists/import.ts';
import { LARGE_ENTRIES, largeList, plateOf } from '../../gateway/lists/large.fixtures.ts';
import { watchLoop } from '../../gateway/lists/loop-lag.fixtures.ts';
import { openDb } from '../../gateway/store/db.ts';
import type { Log } from '../../gateway/types.ts';

export interface TakeOver {
  readonly entries: number;
  readonly listMB: number;
  /** From the first look at the store to the new list in force. */
  readonly takeOverMs: number;
  /** The longest that the event loop was held up meanwhile. */
  readonly longestStopMs: number;
  /** Look-ups a second in the new list, of plates that are not listed: the dearest kind. */
  readonly lookUpsPerS: number;
  /** Memory of the whole process: before, at its highest meanwhile, and after a second take-over. */
  readonly rssMB: { readonly before: number; readonly highest: number; readonly after: number };
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const rssMB = (): number => Math.round(process.memoryUsage.rss() / 1e6);

/** The importing side runs in this process, and before the clock starts; all files lie in a folder of their own that goes with the end. */
export async function measureTakeOver(entries = LARGE_ENTRIES): Promise<TakeOver> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-takeover-'));
  const trustFile = join(folder, 'root.json');
  const own = office();
  writeSigned(trustFile, own.rootFile);
  const db = openDb(folder);
  const by = { now: NOW, who: 'bench' };
  installRoot(db, own.rootFile, by);
  const options = { db, folder, site: SITE, trustFile, timeZone: 'UTC', limits: DEFAULT_LIMITS, log: silent };
  const lists = followLists({ ...options, now: () => NOW });
  const bring = (version: number): number => {
    const file = largeList(own, { version }, entries);
    const other = openDb(folder);
    const taken = importBundle(other, { ...by, file, site: SITE, limits: DEFAULT_LIMITS });
    other.close();
    if (!taken.ok) throw new Error(taken.detail);
    return file.bytes.length;
  };
  /** Until the list in force has this version; gives the highest memory seen. */
  const until = async (version: number): Promise<number> => {
    let highest = 0;
    while (lists.state('plate-list', NOW).ref?.version !== version) {
      const error = lists.loadError();
      if (error !== undefined) throw new Error(error);
      highest = Math.max(highest, rssMB());
      // As the box does it, more often: a turn is passed over while a thread of before still ends.
      lists.turn();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return highest;
  };
  try {
    await lists.started();
    const bytes = bring(8);
    globalThis.gc?.();
    const before = rssMB();
    const loop = watchLoop();
    const begun = performance.now();
    const highest = await until(8);
    const takeOverMs = Math.round(performance.now() - begun);
    const longestStopMs = Math.round(loop.stop());
    const looked = 5_000;
    const from = performance.now();
    for (let i = 0; i < looked; i++) lists.match(read(`苏B${plateOf(i).slice(2)}`), 'north', NOW);
    const lookUpsPerS = Math.round((looked * 1000) / (performance.now() - from));
    bring(9);
    await until(9);
    globalThis.gc?.();
    const listMB = Math.round(bytes / 1e6);
    return { entries, listMB, takeOverMs, longestStopMs, lookUpsPerS, rssMB: { before, highest, after: rssMB() } };
  } finally {
    await lists.close();
    db.close();
    rmSync(folder, { recursive: true });
  }
}
