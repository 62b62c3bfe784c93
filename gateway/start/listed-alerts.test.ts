/** What signed lists do to the alerts of the crew when they are swapped in. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crewSchema } from '../config/crew.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import type { CrewMessage, Equipment } from '../contracts/crew.ts';
import type { DocumentHit, Hit } from '../contracts/hit.ts';
import { CrewService } from '../crew/crew-service.ts';
import { openCrewRig, PLATE_HIT, type CrewRig } from '../crew/crew.fixtures.ts';
import { DEFAULT_LIST_LIMITS } from '../lists/bundle.ts';
import type { EntryText } from '../lists/entry.ts';
import { writeSigned } from '../lists/files.ts';
import { installRoot } from '../lists/in-force/box-root.ts';
import { importBundle } from '../lists/in-force/import.fixtures.ts';
import {
  ascii,
  documents,
  draft,
  entry,
  list,
  LoadedLists,
  nobody,
  NOW,
  office,
  SITE,
  type Office,
} from '../lists/lists.fixtures.ts';
import { digestNumber, normaliseNumber } from '../lists/number.ts';
import type { SignedFile } from '../lists/signature.ts';
import { recordHit } from '../store/hits.ts';
import { ListedAlerts } from './listed-alerts.ts';

const OTHER_PLATE = entry('E-9', '皖B99999');

let rig: CrewRig;
let o: Office;
let lists: LoadedLists;
let crew: CrewService;
let alerts: ListedAlerts;
let given: CrewMessage[];

const equipment: Equipment = { run: () => Promise.resolve(), deliver: (_, message) => given.push(message) > 0 };

/** A box that starts with the lists of the store. */
function start(): void {
  const { db, clock } = rig;
  lists = new LoadedLists(
    { db, site: SITE, trustFile: join(rig.folder, 'root.json'), timeZone: 'UTC', limits: DEFAULT_LIST_LIMITS },
    clock.trusted(),
  );
  const config = crewSchema.parse({ equipment: [{ id: 'b', kind: 'broker' }], alerts: [{ roles: ['officer'] }] });
  const parts = [{ id: 'b', equipment }];
  crew = new CrewService({ db, clock, log: SILENT_LOG, outbox: rig.outbox(), config, equipment: parts });
  crew.hostFor(equipment).presence('cam-1', true);
  alerts = new ListedAlerts({ db, clock, lists, types: ['plate-list', 'doc-list'], crew });
  alerts.turn();
}
function bring(file: SignedFile): void {
  const by = { site: SITE, limits: DEFAULT_LIST_LIMITS, now: rig.clock.now(), who: 'officer' };
  const imported = importBundle(rig.db, { file, ...by });
  if (!imported.ok) throw new Error(imported.detail);
  lists.reload(rig.clock.trusted());
  alerts.turn();
}
const plates = (version: number, ...entries: EntryText[]) =>
  list(o.listKeys.slice(0, 2), { version, entries, now: rig.clock.now() });
const mine = (more: Partial<EntryText> = {}) => entry('E-1', PLATE_HIT.listed, more);
function hit(given: Hit): void {
  recordHit(rig.db, { hit: given, evidence: [], windowMs: 0 }, rig.outbox());
  crew.alert(given, 'confirmed');
}
const ends = () => given.flatMap((m) => (m.kind === 'alert' && m.cancelled ? [m.hit] : []));
const whys = () =>
  rig.send().flatMap((e) => (e.type === 'io.sitebox.alert.v1' ? [(e.data as { why: string }).why] : []));

beforeEach(() => {
  rig = openCrewRig();
  rig.pass(NOW - rig.clock.now());
  rig.add({ id: 'cam-1' });
  given = [];
  o = office();
  writeSigned(join(rig.folder, 'root.json'), o.rootFile);
  installRoot(rig.db, o.rootFile, { now: NOW, who: 'officer' });
  start();
  bring(plates(7, mine(), OTHER_PLATE));
});
afterEach(() => rig.close());

describe('the alert to a listed vehicle', () => {
  beforeEach(() => hit({ ...PLATE_HIT, entry: 'E-1', lane: 'north' }));

  it('holds while a new list has its entry, at other hours too', () => {
    bring(plates(8, OTHER_PLATE, mine({ instruction: 'another', hours: { from: '01:00', to: '02:00' } })));
    expect(ends()).toEqual([]);
  });

  it.each([
    ['withdrawn', 'the entry is gone', () => []],
    ['withdrawn', 'its plate was put right', () => [entry('E-1', '皖A12346')]],
    ['withdrawn', 'another entry has the plate', () => [entry('E-2', PLATE_HIT.listed)]],
    ['suspended', 'the entry is not valid any more', () => [mine({ validUntil: '2026-11-21T11:00:00Z' })]],
    ['suspended', 'the entry is not for the lane any more', () => [mine({ lanes: ['south'] })]],
  ])('ends as %s where %s', (why, _, entries) => {
    bring(plates(8, OTHER_PLATE, ...entries()));
    expect([ends(), whys()]).toEqual([[PLATE_HIT.id], [why]]);
    alerts.turn();
    expect(ends()).toHaveLength(1);
  });

  it('ends after the start where the list came while the box was off', () => {
    const file = plates(8, OTHER_PLATE);
    importBundle(rig.db, { file, site: SITE, limits: DEFAULT_LIST_LIMITS, now: NOW, who: 'officer' });
    start();
    expect([ends(), whys()]).toEqual([[PLATE_HIT.id], ['withdrawn']]);
  });

  it('holds where the list has ended: nobody has withdrawn anything', () => {
    rig.pass(8 * 86_400_000);
    alerts.turn();
    start();
    expect(ends()).toEqual([]);
  });

  it('ends in a later turn where the store refuses', () => {
    rig.db.exec("CREATE TRIGGER full BEFORE UPDATE ON alerts BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(() => bring(plates(8, OTHER_PLATE))).toThrow('no');
    rig.db.exec('DROP TRIGGER full');
    alerts.turn();
    expect(ends()).toEqual([PLATE_HIT.id]);
  });
});

it('a hit that is confirmed after its entry was withdrawn alerts no one; one whose entry is listed does', () => {
  const withdrawn: Hit = { ...PLATE_HIT, entry: 'E-7', listed: '皖A77777' };
  const listed: Hit = { ...PLATE_HIT, id: 'HIT-3', entry: 'E-1' };
  alerts.alert(withdrawn, 'confirmed');
  alerts.alert(listed, 'confirmed');
  expect(given.flatMap((m) => (m.kind === 'alert' ? [m.hit] : []))).toEqual(['HIT-3']);
});

it('the alert to a listed document holds under another salt, and ends when the entry is gone', async () => {
  const drafts = [draft('D-1', nobody(1)), draft('D-2', nobody(2))];
  const sign = (version: number, salt: number, which = drafts) =>
    documents(o.listKeys.slice(0, 2), which, { version, salt: new Uint8Array(32).fill(salt), now: rig.clock.now() });
  bring(await sign(7, 1));
  const number = normaliseNumber(ascii(nobody(2)));
  if ('problem' in number) throw new Error(number.problem);
  const { camera: _camera, read: _read, direction: _direction, ...common } = PLATE_HIT;
  const document: DocumentHit = {
    ...common,
    entry: 'D-2',
    listed: await digestNumber(number.number, new Uint8Array(32).fill(1)),
    list: { ...common.list, type: 'doc-list' },
    reader: 'desk-1',
    document: 'resident-card',
    expired: false,
  };
  hit(document);
  bring(await sign(8, 2));
  expect(ends()).toEqual([]);
  bring(await sign(9, 3, drafts.slice(0, 1)));
  expect(ends()).toEqual([document.id]);
});
