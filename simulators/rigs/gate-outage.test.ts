/** What a gate lane does while something is away: the command room, the box itself, the reader, the list. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test, vi } from 'vitest';
import { DEFAULT_LIST_LIMITS } from '../../gateway/lists/bundle.ts';
import { readKey } from '../../gateway/lists/files.ts';
import { importBundle } from '../../gateway/lists/in-force/import.fixtures.ts';
import { signBundle } from '../../gateway/lists/office/sign.ts';
import { openDb } from '../../gateway/store/db.ts';
import { metric } from './road.ts';
import { cardOf } from '../devices/gate/card.ts';
import { alarms, dataOf, documentHits, openGatehouse, openScreens, tell, visit, type Screen } from './gate.ts';
import type { GatewayProcess, LogLine } from '../product/gateway.ts';
import type { Card } from '../devices/reader/cards.ts';
import { startReader, type Reader } from '../devices/reader/reader.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { documentNumber, people } from '../devices/gate/people.ts';
import { freePort } from '../product/free-port.ts';
import { giveDocumentList, newSecret, SITE, type Site } from '../product/site.ts';

vi.setConfig({ testTimeout: 90_000 });
const PATIENCE = { timeout: 60_000, interval: 50 };
const [FIRST, KILLED, SWAPPED, ADDED, NOBODY, ABSENT] = [0, 1, 2, 3, 4, 5].map((n) =>
  cardOf(people[0]!, { number: documentNumber('resident', 60_000 + n) }),
) as [Card, Card, Card, Card, Card, Card];
const wanted = ({ number }: Card) => ({ number, category: 'missing person', instruction: 'ask' });

const house = openGatehouse();
const undo: (() => unknown)[] = [() => house.close()];
const secret = newSecret();
let site: Site;
let reader: Reader;
let room: Room;
let roomPort: number;
let gateway: GatewayProcess;
let url: string;
let desk: Screen;

async function startBox(onLine?: (line: LogLine) => void): Promise<void> {
  gateway = house.start(onLine);
  const { screens, ...rest } = await openScreens(gateway, 'desk');
  undo.push(() => screens.desk.close());
  ({ url } = rest);
  desk = screens.desk;
}

beforeAll(async () => {
  reader = await startReader({ pty: house.port('desk') });
  undo.push(() => reader.close());
  roomPort = await freePort();
  site = await house.lay({
    lanes: { desk: { kind: 'sdt', reader: reader.address } },
    upstream: { room: { kind: 'https', url: `http://127.0.0.1:${roomPort}`, secret: 'env:ROOM_SECRET' } },
    env: { ROOM_SECRET: secret },
    more: { hits: { windowS: 3600 } },
  });
  await giveDocumentList(site, 1, [FIRST, KILLED, SWAPPED].map(wanted));
});

beforeEach(() => onTestFailed(() => console.log(gateway.text().slice(-4_000))));
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** Entries of the hits that the command room holds, each event once; fails when one came twice. */
function arrived(): unknown[] {
  expect(documentHits(room).filter((e) => e.times !== 1)).toEqual([]);
  return documentHits(room).map((e) => dataOf(e)['entry']);
}

test('while the command room is away the lane goes on; the hit arrives when it is back, once', async () => {
  await startBox();
  expect((await visit(desk, reader, FIRST)).first).toMatchObject({ outcome: 'listed', category: 'missing person' });
  expect((await visit(desk, reader, NOBODY)).first).toMatchObject({ outcome: 'clear' });
  await gateway.line((l) => l.msg === 'cannot deliver; events wait in the outbox');
  room = await startRoom({ secret, port: roomPort });
  undo.push(() => room.close());
  await expect.poll(arrived, PATIENCE).toEqual(['D-1']);
  expect(dataOf(documentHits(room)[0])).toMatchObject({ lane: 'desk', comparison: { why: 'no camera' } });
});

test('a box that is killed when a hit was committed delivers it after its start, once', async () => {
  expect(await gateway.stop()).toBe(0);
  room.fault('error');
  const killed = Promise.withResolvers<void>();
  await startBox((line) => {
    if (line.msg === 'hit committed') gateway.kill().then(killed.resolve, killed.reject);
  });
  reader.placeCard(KILLED);
  await killed.promise;
  expect(arrived()).toEqual(['D-1']);
  reader.removeCard();
  room.fault(undefined);
  await startBox();
  await expect.poll(arrived, PATIENCE).toEqual(['D-1', 'D-2']);
  expect((await visit(desk, reader, NOBODY)).first).toMatchObject({ outcome: 'clear' });
});

test('a reader that is unplugged is named at the lane and upstream, and reads again when it is back', async () => {
  await tell(desk, () => reader.placeCard(ABSENT));
  const present = desk.views.length;
  await reader.close();
  await desk.view((v) => v.away.includes('desk-reader') && !v.presented, present);
  await expect.poll(() => alarms(room, 'reader:desk-reader', 'raised'), PATIENCE).toBe(1);
  const health = (await (await fetch(`${url}/health`)).json()) as { problems: { key: string; what: string }[] };
  expect(health.problems.find((p) => p.key === 'reader:desk-reader')?.what).toMatch(/no such device|was lost/);
  expect(await metric(url, 'sitebox_reader_up')).toBe(0);

  const away = desk.views.length;
  reader = await startReader({ pty: house.port('desk') });
  await desk.view((v) => v.away.length === 0, away);
  await expect.poll(() => alarms(room, 'reader:desk-reader', 'cleared'), PATIENCE).toBe(1);
  expect(await metric(url, 'sitebox_reader_losses_total')).toBe(1);
  expect((await visit(desk, reader, FIRST)).first).toMatchObject({ outcome: 'listed' });
});

test('a list is swapped in one step, while documents are presented', async () => {
  const told: { readonly swapped: string; readonly added: string }[] = [];
  const both = async (): Promise<void> => {
    const swapped = (await visit(desk, reader, SWAPPED)).first.outcome;
    told.push({ swapped, added: (await visit(desk, reader, ADDED)).first.outcome });
  };
  await both();
  let inForce = false;
  const swap = giveDocumentList(site, 2, [wanted(ADDED)])
    .then(() => gateway.line((l) => l.msg === 'list in force' && l['version'] === 2))
    .finally(() => (inForce = true));
  while (!inForce) await both();
  await swap;
  await both();
  const [before, after] = [
    { swapped: 'listed', added: 'clear' },
    { swapped: 'clear', added: 'listed' },
  ];
  expect([told[0], told.at(-1)]).toEqual([before, after]);
  // In the pair at the change the first was looked up in the old list and the second in the new one.
  const between = { swapped: 'listed', added: 'listed' };
  const known = [before, between, after].map((t) => JSON.stringify(t));
  const steps = told.map((t) => known.indexOf(JSON.stringify(t)));
  expect(steps).not.toContain(-1);
  expect(steps).toEqual([...steps].sort());
  expect(steps.filter((s) => s === 1).length).toBeLessThanOrEqual(1);
  console.log(`${told.length * 2} documents were presented around the change of the list`);
  const hits = () => documentHits(room).map((e) => `${versionOf(e.data)} ${String(dataOf(e)['entry'])}`);
  await expect.poll(() => new Set(hits()), PATIENCE).toEqual(new Set(['1 D-1', '1 D-2', '1 D-3', '2 D-1']));
});

const versionOf = (data: unknown): number => (data as { list: { version: number } }).list.version;

/** A list without entries that is in force for some seconds, imported as the command does it. */
function importForSeconds(seconds: number, version: number): void {
  const key = readKey(join(site.folder, 'trust', 'list-1.key'));
  if (!key.ok) throw new Error(key.detail);
  const now = Date.now();
  const plan = { type: 'doc-list', site: SITE, version, entries: [], now, days: seconds / 86_400 } as const;
  const db = openDb(site.storage);
  const file = signBundle(plan, [key.value]);
  const imported = importBundle(db, { file, site: SITE, limits: DEFAULT_LIST_LIMITS, now, who: 'test' });
  db.close();
  if (!imported.ok) throw new Error(imported.detail);
}

test('a list that has run out lists nobody: no list, and an alarm', async () => {
  const held = documentHits(room).length;
  importForSeconds(3, 3);
  await expect.poll(() => alarms(room, 'list:doc-list', 'raised'), PATIENCE).toBe(1);
  const raised = room.events().find((e) => e.subject === 'list:doc-list');
  expect(dataOf(raised)['what']).toMatch(/doc-list: expired/);
  for (const card of [FIRST, ADDED])
    expect((await visit(desk, reader, card)).first).toMatchObject({ outcome: 'no list', reasons: [] });
  expect(documentHits(room)).toHaveLength(held);
  expect(await gateway.stop()).toBe(0);
});
