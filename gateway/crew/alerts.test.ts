import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crewSchema } from '../config/crew.ts';
import type { CrewDevice, Position, CrewRole } from '../contracts/crew.ts';
import type { DocumentHit, Hit, PlateHit } from '../contracts/hit.ts';
import { openAlerts, type Alerts } from './alerts.ts';
import type { DeviceState } from './positions.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';
import { visibleTo } from './roles.ts';

const PLACE = { lat: 30.25, lon: 120.125, name: 'east gate' };
const DIGEST = 'd'.repeat(64);
const base: Omit<PlateHit, 'camera' | 'read' | 'crossCheck' | 'direction' | 'listed'> = {
  id: 'HIT-1',
  lane: 'road-1',
  first: T0,
  last: T0,
  sightings: 1,
  entry: 'entry-7',
  state: 'unreviewed',
  category: 'stolen vehicle',
  instruction: 'stop at the second barrier',
  certainty: 'exact',
  list: { type: 'plate-list', version: 1, sha256: 'a'.repeat(64) },
  config: 'b'.repeat(64),
  models: [],
  clock: { highest: T0, behindMs: 0 },
};
const plate: PlateHit = {
  ...base,
  listed: '皖A12345',
  camera: 'cam',
  direction: 'approaching',
  read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 1, votes: 3, by: 'box' },
};
const document: DocumentHit = {
  ...base,
  id: 'HIT-2',
  category: 'missing person',
  listed: DIGEST,
  lane: 'gate-1',
  reader: 'desk-1',
  document: 'resident-card',
  expired: false,
};

let rig: CrewRig;
let alerts: Alerts;
beforeEach(() => {
  rig = openCrewRig();
  alerts = open([{ roles: ['officer'] }]);
});
afterEach(() => rig.close());

function open(rules: unknown, place: typeof PLACE | null = PLACE): Alerts {
  const config = crewSchema.parse({ equipment: [{ id: 'b', kind: 'broker' }], alerts: rules });
  return openAlerts({ clock: rig.clock, alerts: config.alerts, place: place ?? undefined });
}
const device = (id: string, role: CrewRole = 'officer'): CrewDevice => {
  return { id, role, kind: 'bodycam', protocol: 'bodycam', serials: [] };
};
const known = (id: string, position?: Position, positionAt = rig.clock.now()): DeviceState => ({
  device: id,
  at: rig.clock.now(),
  online: true,
  disconnectedCleanly: false,
  intervalS: 30,
  ...(position ? { position, positionAt } : {}),
});
const north = (metres: number, trusted = true): Position => {
  return { lat: PLACE.lat + metres / 111_195, lon: PLACE.lon, trusted };
};
const OFFICER = device('cam-1');
const tell = (hit: Hit, confirmed: boolean, devices = [OFFICER], where: DeviceState[] = []) =>
  alerts.hit(hit, confirmed, devices, where, ['missing person']);
const ids = (told: ReturnType<typeof tell>) => told.map((t) => t.device.id);

describe('an alert', () => {
  it('says what, where and what to do', () => {
    expect(tell(plate, true)).toEqual([
      {
        device: OFFICER,
        message: {
          kind: 'alert',
          id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
          at: T0,
          confirmed: true,
          place: PLACE,
          what: 'stolen vehicle · 皖A12345 · road-1',
          instruction: 'stop at the second barrier',
        },
      },
    ]);
    alerts = open([{ roles: ['officer'] }], null);
    expect(tell(plate, true)[0]!.message).not.toHaveProperty('place');
  });

  it('of a document says category and lane, and nothing of the document or the entry', () => {
    const [alert] = tell(document, true);
    expect(alert!.message.what).toBe('missing person · gate-1');
    const text = JSON.stringify(alert!.message);
    for (const secret of [DIGEST, 'entry-7', 'resident-card', 'desk-1']) expect(text).not.toContain(secret);
    // What it would be if it were taken for a plate: this is what the line above has to catch.
    expect(JSON.stringify(tell({ ...plate, id: 'HIT-3', listed: DIGEST }, true))).toContain(DIGEST);
  });

  it('keeps place and instruction alone for partners', () => {
    alerts = open([{ roles: ['guard'] }]);
    const [alert] = tell(plate, true, [OFFICER, device('g-1', 'guard')]);
    const shown = visibleTo(alert!.device.role, alert!.message);
    expect(shown).toEqual({ ...alert!.message, what: undefined });
    expect(JSON.stringify(shown)).not.toContain('12345');
  });

  it('is given once for each stage, and not as unconfirmed after it was confirmed', () => {
    expect(tell(document, false)[0]!.message.confirmed).toBe(false);
    expect(tell(document, false)).toEqual([]);
    expect(tell(document, true)[0]!.message.confirmed).toBe(true);
    expect([...tell(document, true), ...tell(document, false)]).toEqual([]);
  });

  it('P3: is given to nobody for a vehicle that was read long ago, confirmed or not', () => {
    const late: PlateHit = { ...plate, category: 'missing person', late: true, receivedAt: T0 + 5_400_000 };
    expect(tell({ ...late, id: 'HIT-3' }, false)).toEqual([]);
    expect(tell({ ...late, id: 'HIT-3' }, true)).toEqual([]);
    expect(ids(tell({ ...plate, category: 'missing person', id: 'HIT-4' }, false))).toEqual(['cam-1']);
  });

  it('of an unconfirmed hit is given for the categories of the mode only', () => {
    expect(tell(plate, false)).toEqual([]);
    // It was not told, so it still may be, when the mode has changed.
    expect(ids(alerts.hit(plate, false, [OFFICER], [], ['stolen vehicle']))).toEqual(['cam-1']);
  });
});

describe('who hears it', () => {
  it('follows from role and distance; who cannot be placed for certain counts as near', () => {
    alerts = open([{ roles: ['officer'], withinM: 1000 }, { roles: ['guard'] }]);
    const devices = ['near', 'far', 'stale', 'spoofed', 'unplaced', 'unknown'].map((id) => device(id));
    const where = [
      ...[known('near', north(990)), known('far', north(1010)), known('spoofed', north(5000, false))],
      ...[known('stale', north(5000), T0 - 91_000), known('unplaced'), known('g-1', north(5000))],
    ];
    const others = [device('g-1', 'guard'), device('v-1', 'volunteer')];
    expect(ids(tell(plate, true, [...devices, ...others], where))).toEqual([
      ...['near', 'stale', 'spoofed', 'unplaced', 'unknown', 'g-1'],
    ]);
  });

  it('is everybody of the role where nobody said where the checkpoint stands', () => {
    alerts = open([{ roles: ['officer'], withinM: 10 }], null);
    expect(ids(tell(plate, true, [OFFICER], [known('cam-1', north(5000))]))).toEqual(['cam-1']);
  });
});

describe('a device that was away', () => {
  const waiting = () => alerts.takePending(OFFICER).map((m) => m.id);

  it('hears what it missed, newest first, once', () => {
    const [first] = tell(plate, true);
    const [second] = tell(document, true);
    expect(waiting()).toEqual([second!.message.id, first!.message.id]);
    expect(waiting()).toEqual([]);
  });

  it('does not hear again what it was given, nor that a hit was unconfirmed which is confirmed now', () => {
    const [first] = tell(plate, true);
    alerts.delivered('cam-1', first!.message.id);
    tell(document, false);
    const [last] = tell(document, true);
    expect(waiting()).toEqual([last!.message.id]);
  });

  it('hears what is at most ten minutes old, and eight alerts at most', () => {
    const [old] = tell(plate, true);
    rig.pass(599_999);
    const told = Array.from({ length: 7 }, (_, i) => tell({ ...plate, id: `HIT-${i + 10}` }, true)[0]!.message.id);
    const newest = [...told].reverse();
    // Asking takes them away, so the same is built up twice.
    expect(waiting()).toEqual([...newest, old!.message.id]);
    for (let i = 0; i < 9; i++) tell({ ...plate, id: `HIT-${i + 20}` }, true);
    expect(waiting()).toHaveLength(8);
    tell({ ...plate, id: 'HIT-30' }, true);
    rig.pass(600_000);
    expect(waiting()).toEqual([]);
  });
});
