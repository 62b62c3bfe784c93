/** 100,000 sealed hits at a real box: the list, the list by lane and state, and one hit with its pictures, asked for over TLS by an officer who is logged in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../../gateway/store/db.ts';
import { measureStops } from '../stops.ts';
import { PLATE } from '../../faults/store-fill.ts';
import { milliseconds, percentile, type Measure } from '../report.ts';
import { ApiClient } from './api-client.ts';
import { commitTimes } from './disk-beside.ts';
import { fillHits, LANES, STATES } from './fill-hits.ts';
import { layPeopleBox, openBox, openOfficer } from './people-box.ts';

const HITS = 100_000;
const WITH_PICTURES = 400;
/** What the box does each minute falls into it. */
const MEASURE_MS = 65_000;
/** The first ones load code. */
const WARM_UP_MS = 2_000;
/** Of the box: its code is loaded and compiled by then, the files of the store are in the cache of the system. */
const SETTLE_MS = 4_000;
/** An officer who looks through hits. */
const PAUSE_MS = 50;
/** Meanwhile a hit is raised, monitoring asks, and somebody else logs in. */
const RAISE_EVERY_MS = 2_000;
const MONITOR_EVERY_MS = 1_000;
const LOG_IN_EVERY_MS = 5_000;
const MAX_NEWEST_MS = 20;
const MAX_FILTERED_MS = 50;
const MAX_VIEW_MS = 30;

interface Times {
  readonly newest: number[];
  readonly filtered: number[];
  readonly view: number[];
}

export async function measureManyHits(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  const box = await layPeopleBox({ folder });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => box.close());
  progress(`a store of ${HITS} hits`);
  const db = openDb(box.site.storage);
  const ids = fillHits(db, { hits: HITS, withPictures: WITH_PICTURES });
  db.close();
  const gateway = box.start();
  undo.defer(() => gateway.kill());
  const open = await openBox(gateway);
  const officer = await openOfficer(open, 0);
  undo.defer(() => officer.close());
  const monitor = new ApiClient(open.url, open.ca, 9);
  undo.defer(() => monitor.close());
  await ask(officer, ids, WARM_UP_MS);
  await sleep(SETTLE_MS);
  const before = box.stops().length;
  const stop = new AbortController();
  const disk = commitTimes(folder, stop.signal);
  const [times] = await Promise.all([
    ask(officer, ids, MEASURE_MS),
    every(RAISE_EVERY_MS, () => box.push(PLATE)),
    every(MONITOR_EVERY_MS, async () => {
      for (const page of ['/health', '/metrics']) await monitor.call('GET', page);
    }),
    every(LOG_IN_EVERY_MS, async () => (await openOfficer(open, 1)).close()),
  ]);
  await sleep(1_500);
  stop.abort();
  const diskMs = await disk;
  const stops = box.stops().slice(before);
  const p95 = (name: string, ms: readonly number[], most: number): Measure =>
    milliseconds(`${HITS} hits: ${name}, p95`, percentile(ms, 95), ms.length, { most });
  return [
    p95('the newest 50', times.newest, MAX_NEWEST_MS),
    p95('by lane and state', times.filtered, MAX_FILTERED_MS),
    p95('one with its two pictures', times.view, MAX_VIEW_MS),
    ...measureStops('longest stop of the event loop meanwhile', stops),
    milliseconds('a commit of another program on the same disk meanwhile, p95', percentile(diskMs, 95), diskMs.length),
    milliseconds('its longest', Math.max(...diskMs), diskMs.length),
  ];
}

async function every(ms: number, work: () => Promise<unknown>): Promise<void> {
  for (const until = performance.now() + MEASURE_MS; performance.now() < until; await sleep(ms)) await work();
}

async function ask(officer: ApiClient, ids: readonly string[], forMs: number): Promise<Times> {
  const times: Times = { newest: [], filtered: [], view: [] };
  const until = performance.now() + forMs;
  for (let i = 0; performance.now() < until; i++) {
    times.newest.push((await get(officer, '/api/v1/hits', 50)).ms);
    const [lane, state] = [LANES[i % LANES.length]!, STATES[(i >> 2) % STATES.length]!];
    times.filtered.push((await get(officer, `/api/v1/hits?lane=${lane}&state=${state}`, 50)).ms);
    times.view.push(await look(officer, ids[i % ids.length]!));
    await sleep(PAUSE_MS);
  }
  return times;
}

/** One hit and its pictures, one after the other over one connection, ms. */
async function look(officer: ApiClient, id: string): Promise<number> {
  const hit = await get(officer, `/api/v1/hits/${id}`);
  const pictures = hit.json['pictures'] as readonly { readonly sha256: string }[];
  if (pictures.length !== 2) throw new Error(`a hit has ${pictures.length} pictures`);
  let ms = hit.ms;
  for (const { sha256 } of pictures) ms += (await get(officer, `/api/v1/hits/${id}/pictures/${sha256}`)).ms;
  return ms;
}

async function get(officer: ApiClient, path: string, rows?: number) {
  const answer = await officer.call('GET', path);
  const { length } = answer.json as unknown as unknown[];
  if (answer.status !== 200 || (rows !== undefined && length !== rows))
    throw new Error(`${path} answered ${answer.status}: ${answer.body.toString().slice(0, 200)}`);
  return answer;
}
