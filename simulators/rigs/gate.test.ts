/** The gate lane from end to end: readers, cameras, gateway, signed list, command room, screen. All real but the documents and the faces. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test, vi } from 'vitest';
import { COUNT_WINDOW_MS } from '../../gateway/store/counts.ts';
import { openDb } from '../../gateway/store/db.ts';
import { metric } from './road.ts';
import { findIn, plateNeedles } from '../faults/traces.ts';
import { startWiretap, type Wiretap } from '../faults/wiretap.ts';
import { startLaneCamera, type LaneCamera } from '../devices/gate/camera.ts';
import { cardOf } from '../devices/gate/card.ts';
import { listPhoto, writePortraits } from '../devices/gate/portraits.ts';
import {
  alarms,
  dataOf,
  documentHits,
  openGatehouse,
  openScreens,
  presentedAt,
  SIGN,
  tally,
  tell,
  visit,
  type Presented,
  type Screen,
  type Told,
} from './gate.ts';
import type { GatewayProcess } from '../product/gateway.ts';
import type { Card } from '../devices/reader/cards.ts';
import { startPageReader, type PageReader } from '../devices/reader/mrz.ts';
import { zoneOfNobody } from '../devices/reader/mrz-zone.ts';
import { startReader, type Reader } from '../devices/reader/reader.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { laneShot, VARIATIONS } from '../scene/face-shots.ts';
import { documentNumber, people, type DrawnPerson } from '../devices/gate/people.ts';
import { seeded } from '../scene/random.ts';
import { giveDocumentList, newSecret, SITE, type Site } from '../product/site.ts';

vi.setConfig({ testTimeout: 90_000 });
const PATIENCE = { timeout: 60_000, interval: 50 };
const WANTED = { category: 'missing person', instruction: 'ask and call the duty officer' };
const [HOLDER, LISTED, AGED, LENDER, BORROWER, FAULTY, EARLY] = people as [DrawnPerson, DrawnPerson, ...DrawnPerson[]];
const PASSPORT = zoneOfNobody(seeded(4), 'TD3');
const OTHER_PASSPORT = zoneOfNobody(seeded(5), 'TD3');
/** Somebody at the lane where faces are not compared. */
const UNCOMPARED = cardOf(HOLDER, { number: documentNumber('resident', 50_000) });
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const house = openGatehouse();
let site: Site;
const undo: (() => unknown)[] = [() => house.close()];
/** What was presented, as the screens told it. */
const presented: Presented[] = [];
const numbers: string[] = [];
let hall: Reader;
let free: Reader;
let pages: PageReader;
let camera: LaneCamera;
let room: Room;
let line: Wiretap;
let gateway: GatewayProcess;
let url: string;
let screens: Readonly<Record<'hall' | 'free' | 'side', Screen>>;

/** Registers what has to be closed at the end. */
function closing<T extends { close(): unknown }>(part: T): T {
  undo.push(() => part.close());
  return part;
}

beforeAll(async () => {
  const secret = newSecret();
  hall = closing(await startReader({ pty: house.port('hall') }));
  free = closing(await startReader({ tcp: 0 }));
  pages = closing(await startPageReader({ pty: house.port('side') }));
  camera = closing(await startLaneCamera({ seed: 1 }));
  const freeCamera = closing(await startLaneCamera({ seed: 2 }));
  room = closing(await startRoom({ secret }));
  line = closing(await startWiretap(room.url));
  await writePortraits(house.portraits, { of: people.slice(0, 7) });
  site = await house.lay({
    lanes: {
      hall: { kind: 'sdt', reader: hall.address, camera: camera.url },
      free: { kind: 'sdt', reader: free.address, camera: freeCamera.url, compare: false },
      side: { kind: 'mrz', reader: pages.address },
    },
    upstream: { room: { kind: 'https', url: line.url, secret: 'env:ROOM_SECRET' } },
    env: { ROOM_SECRET: secret },
    more: { log: { level: 'debug' }, hits: { windowS: 3600 } },
  });
  await startBox();
});

async function startBox(): Promise<void> {
  gateway = house.start();
  ({ url, screens } = await openScreens(gateway, 'hall', 'free', 'side'));
}

beforeEach(() => onTestFailed(() => console.log(gateway.text().slice(-4_000))));
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

function note(lane: string, told: Told, number: string): Told {
  presented.push(presentedAt(lane, told));
  numbers.push(number);
  return told;
}

/** `who` stands before the camera of the lane while the card lies there. */
async function visitHall(card: Card, who: DrawnPerson): Promise<Told> {
  await camera.show(laneShot(who.seed, VARIATIONS[0]!));
  return note('hall', await visit(screens.hall, hall, card), card.number);
}
const visitSide = async (act: () => void, { number } = PASSPORT): Promise<Told> =>
  note('side', await tell(screens.side, act), number);

const ANY_TIME: unknown = expect.any(Number);
const hits = () => documentHits(room);
const health = async () => (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;

test('before a list is there every outcome is no list, and the command room is told', async () => {
  const { first, last } = await visitHall(cardOf(EARLY!), EARLY!);
  expect(first).toMatchObject({ outcome: 'no list', reasons: [] });
  expect(last).toMatchObject({ outcome: 'no list', comparison: { outcome: 'same' } });
  await expect.poll(() => alarms(room, 'list:doc-list', 'raised'), PATIENCE).toBe(1);

  await giveDocumentList(site, 1, [
    { number: LISTED.number, ...WANTED, photo: await listPhoto(LISTED) },
    { number: PASSPORT.number, ...WANTED },
    { number: UNCOMPARED.number, ...WANTED },
  ]);
  await gateway.line((l) => l.msg === 'list in force' && l['version'] === 1);
  await expect.poll(() => alarms(room, 'list:doc-list', 'cleared'), PATIENCE).toBe(1);
});

test('a document that is not listed is clear at once, its holder compared afterwards', async () => {
  const { first, last } = await visitHall(cardOf(HOLDER), HOLDER);
  const lastFour = HOLDER.number.slice(-4);
  expect(first).toEqual({ outcome: 'clear', reasons: [], document: 'resident-card', lastFour, at: ANY_TIME });
  expect(last).toEqual({ ...first, comparison: expect.objectContaining({ outcome: 'same' }) as unknown });
});

test('a listed document is a hit with the picture of the lane; what the comparison says follows it', async () => {
  const { first, last } = await visitHall(cardOf(LISTED), LISTED);
  expect(first).toMatchObject({ outcome: 'listed', reasons: [], ...WANTED });
  expect(first).not.toHaveProperty('comparison');
  expect(last).toMatchObject({ outcome: 'listed', comparison: { outcome: 'same' } });
  expect(last.entryComparison).toMatchObject({ outcome: 'same' });

  await expect.poll(() => hits().length, PATIENCE).toBe(2);
  const [raised, compared] = hits();
  const { first: from, last: to, clock, ...data } = dataOf(raised);
  expect(raised).toMatchObject({ source: `/sites/${SITE}/boxes/box-001`, subject: 'hall', times: 1 });
  expect(data).toEqual({
    id: raised!.id,
    lane: 'hall',
    reader: 'hall-reader',
    document: 'resident-card',
    expired: false,
    sightings: 1,
    state: 'unreviewed',
    entry: 'D-1',
    ...WANTED,
    certainty: 'exact',
    models: [],
    list: { type: 'doc-list', version: 1, sha256: hash(readFileSync(join(house.folder, 'documents-1.json'))) },
    config: hash(readFileSync(site.configFile)),
    evidence: raised!.evidence,
  });
  for (const time of [from, to, (clock as { highest: string }).highest])
    expect(Math.abs(Date.now() - Date.parse(time as string))).toBeLessThan(120_000);
  const { evidence: _, ...before } = dataOf(raised);
  expect(dataOf(compared)).toEqual({ ...before, comparison: last.comparison, entryComparison: last.entryComparison });
  expect(compared).toMatchObject({ subject: 'hall', times: 1, evidence: [] });

  expect(raised!.evidence.map((e) => e.what)).toEqual(['lane']);
  const picture = room.evidence().find((e) => hash(e.bytes) === raised!.evidence[0]!.sha256);
  const { format, width, height } = await sharp(Buffer.from(picture!.bytes)).metadata();
  expect({ format, width, height }).toEqual({ format: 'jpeg', width: 640, height: 480 });
  await sharp(Buffer.from(picture!.bytes)).stats();
});

test('an expired document and a borrowed one are to be looked at; neither is told to anybody else', async () => {
  const aged = await visitHall(cardOf(AGED!, { validFrom: '20050301', validUntil: '20150301' }), AGED!);
  expect(aged.first).toMatchObject({ outcome: 'look at the document', reasons: ['expired'] });
  expect(aged.last).toMatchObject({ outcome: 'look at the document', comparison: { outcome: 'same' } });
  const borrowed = await visitHall(cardOf(LENDER!), BORROWER!);
  expect(borrowed.first).toMatchObject({ outcome: 'clear', reasons: [] });
  expect(borrowed.last).toMatchObject({ outcome: 'look at the document', reasons: ['borrowed'] });
  expect(borrowed.last.comparison).toMatchObject({ outcome: 'different' });
  expect(hits()).toHaveLength(2);
});

test('a number that does not fit its check digit is a fault of reading, also when it is nearly a listed one', async () => {
  for (const { number } of [FAULTY!, LISTED]) {
    const wrong = number.slice(0, -1) + (number.endsWith('7') ? '8' : '7');
    const { first } = await visitHall(cardOf(FAULTY!, { number: wrong }), FAULTY!);
    expect(first).toEqual({ outcome: 'look at the document', reasons: ['check digit'], at: ANY_TIME });
  }
  expect(hits()).toHaveLength(2);
});

test('two lanes side by side: each screen shows its own, and a misread passport is never looked up', async () => {
  const own = cardOf(HOLDER, { number: documentNumber('resident', 50_001) });
  const [atHall, atSide] = await Promise.all([visitHall(own, HOLDER), visitSide(() => pages.present(PASSPORT))]);
  expect(atHall.last).toMatchObject({ outcome: 'clear', document: 'resident-card', comparison: { outcome: 'same' } });
  expect(atSide.last).toMatchObject({ outcome: 'listed', document: 'passport', comparison: { why: 'no camera' } });
  await expect.poll(() => hits().length, PATIENCE).toBe(3);
  const hitAtSide = dataOf(hits()[2]);
  expect(hits()[2]!.evidence).toEqual([]);
  expect(hitAtSide).toMatchObject({ lane: 'side', reader: 'side-reader', document: 'passport', entry: 'D-2' });
  expect(hitAtSide).toMatchObject({ sightings: 1, comparison: { outcome: 'not compared', why: 'no camera' } });

  const random = seeded(6);
  for (let i = 0; i < 5; i++) {
    const { first } = await visitSide(() => pages.presentMisread(PASSPORT, random));
    expect(first).toMatchObject({ outcome: 'look at the document', reasons: ['check digit'] });
    expect(first).not.toHaveProperty('lastFour');
  }
  const other = await visitSide(() => pages.present(OTHER_PASSPORT), OTHER_PASSPORT);
  expect(other.last).toMatchObject({ outcome: 'clear', comparison: { why: 'no camera' } });
  expect(hits()).toHaveLength(3);
});

test('a lane where faces are not compared looks up all the same, and shows what was before its camera', async () => {
  const { last } = note('free', await visit(screens.free, free, UNCOMPARED), UNCOMPARED.number);
  expect(last).toMatchObject({ outcome: 'listed', comparison: { outcome: 'not compared', why: 'switched off' } });
  await expect.poll(() => hits().length, PATIENCE).toBe(4);
  expect(dataOf(hits()[3])).toMatchObject({ lane: 'free', entry: 'D-3', comparison: { why: 'switched off' } });
  expect(hits()[3]!.evidence.map((e) => e.what)).toEqual(['lane']);
});

test('/health and /metrics hold what the screens showed', async () => {
  const gates = (await health())['gates'] as { lane: string; outcomes: object; comparisons: object }[];
  for (const { lane, outcomes, comparisons } of gates) {
    const here = presented.filter((p) => p.lane === lane);
    const none = { clear: 0, listed: 0, 'look at the document': 0, 'no list': 0 };
    expect(outcomes).toEqual({ ...none, ...tally(here, 'outcome') });
    expect(comparisons).toEqual(tally(here, 'comparison'));
  }
  expect(gates).toMatchObject([
    { lane: 'hall', compares: true, sign: SIGN },
    { lane: 'free', compares: false, sign: null },
    { lane: 'side', compares: false },
  ]);
  for (const { lane, document, outcome, comparison } of presented) {
    const of = presented.filter((p) => p.lane === lane);
    const sample = `lane="${lane}",document="${document}",outcome="${outcome}"`;
    const alike = of.filter((p) => p.document === document && p.outcome === outcome);
    expect(await metric(url, 'sitebox_presentations_total', sample)).toBe(alike.length);
    if (comparison === undefined) continue;
    const compared = of.filter((p) => p.comparison === comparison).length;
    expect(await metric(url, 'sitebox_comparisons_total', `lane="${lane}",outcome="${comparison}"`)).toBe(compared);
  }
  expect(await metric(url, 'sitebox_reader_up')).toBe(3);
});

test('no number leaves the lane, not even a listed one', async () => {
  const needles = plateNeedles(numbers);
  const texts = {
    upstream: line.bytes(),
    log: Buffer.from(gateway.text()),
    health: Buffer.from(JSON.stringify(await health())),
    metrics: Buffer.from(await (await fetch(`${url}/metrics`)).text()),
    screens: Buffer.from(screens.hall.text() + screens.free.text() + screens.side.text()),
  };
  for (const [where, bytes] of Object.entries(texts)) expect([...findIn(bytes, needles)], where).toEqual([]);
  // The same search finds them where they do stand, and the digests of the list stay on the box too.
  const table = readFileSync(join(house.folder, 'documents-1.csv'));
  expect(findIn(table, needles)).toEqual(new Set([LISTED.number, PASSPORT.number, UNCOMPARED.number]));
  const digests = readFileSync(join(house.folder, 'documents-1.json'), 'utf8').match(/(?<=")[0-9a-f]{64}(?=")/g) ?? [];
  expect(digests.length).toBeGreaterThanOrEqual(3);
  for (const digest of digests) expect(line.bytes().includes(digest)).toBe(false);
  const types = new Set(room.events().map((e) => e.type));
  expect([...types].filter((t) => !/^io\.sitebox\.(document\.hit\.v2|(alarm|health|counts)\.v1)$/.test(t))).toEqual([]);
  expect(new Set(hits().map((e) => dataOf(e)['entry']))).toEqual(new Set(['D-1', 'D-2', 'D-3']));
});

test('the counts of all presentations reach the command room when their five minutes are over', async () => {
  expect(await gateway.stop()).toBe(0);
  // Five minutes pass.
  const db = openDb(site.storage);
  db.prepare('UPDATE presentations SET windowMs = windowMs - ?').run(2 * COUNT_WINDOW_MS);
  db.close();
  await startBox();
  expect(await gateway.stop()).toBe(0);
  await startBox();
  const cell = ({ lane, document, outcome }: Omit<Presented, 'comparison'>): string =>
    `${lane}: ${document} ${outcome}`;
  const counted = () => {
    const events = room.events().filter((e) => e.type === 'io.sitebox.counts.v1');
    const rows = events.flatMap((e) => dataOf(e)['presentations'] as (Presented & { presentations: number })[]);
    return rows.flatMap((row) => Array<string>(row.presentations).fill(cell(row))).sort();
  };
  await expect.poll(counted, PATIENCE).toEqual(presented.map(cell).sort());
});
