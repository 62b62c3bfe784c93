import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crewSchema } from '../config/crew.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import type { AlertStage, CrewDevice, CrewMessage, CrewRole, Position } from '../contracts/crew.ts';
import type { DocumentHit, Hit } from '../contracts/hit.ts';
import { recordHit } from '../store/hits.ts';
import { Alerts } from './alerts.ts';
import type { DeviceState } from './positions.ts';
import { NO_EQUIPMENT, openCrewRig, PLATE_HIT, T0, type CrewRig } from './crew.fixtures.ts';
import { visibleTo } from './roles.ts';

const PLACE = { lat: 30.25, lon: 120.125, name: 'east gate' };
const DIGEST = 'd'.repeat(64);
const { camera: _camera, read: _read, direction: _direction, ...common } = PLATE_HIT;
const document: DocumentHit = {
  ...common,
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
/** What was given to each device that is not away, in order. */
let given: { readonly device: string; readonly message: Alert }[];
let away: Set<string>;
let devices: readonly CrewDevice[];
let states: readonly DeviceState[];
let categories: string[];

type Alert = Extract<CrewMessage, { kind: 'alert' }>;

beforeEach(() => {
  rig = openCrewRig();
  [given, away, devices, states] = [[], new Set(), [OFFICER], []];
  categories = ['missing person'];
  alerts = open([{ roles: ['officer'] }]);
});
afterEach(() => rig.close());

function open(rules: unknown, place: typeof PLACE | null = PLACE): Alerts {
  const config = crewSchema.parse({ equipment: [{ id: 'b', kind: 'broker' }], alerts: rules });
  return new Alerts({
    db: rig.db,
    clock: rig.clock,
    log: SILENT_LOG,
    registry: { all: () => devices },
    positions: { all: () => [...states] },
    modes: { unconfirmed: () => categories },
    connections: {
      equipmentOf: (id) => (away.has(id) ? undefined : NO_EQUIPMENT),
      send(to, message) {
        if (away.has(to.id)) return false;
        given.push({ device: to.id, message: message as Alert });
        return true;
      },
    },
    rules: { alerts: config.alerts, place: place ?? undefined },
  });
}
const device = (id: string, role: CrewRole = 'officer', protocol: CrewDevice['protocol'] = 'bodycam'): CrewDevice => {
  return { id, role, kind: 'bodycam', protocol, serials: [] };
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
const keep = (hit: Hit): void => void recordHit(rig.db, { hit, evidence: [], windowMs: 0 }, rig.outbox());
/** What the devices were given for it. */
const tell = (hit: Hit, stage: AlertStage) => {
  const before = given.length;
  alerts.alert(hit, stage);
  return given.slice(before);
};
const ids = (told: ReturnType<typeof tell>) => told.map((t) => t.device);

describe('an alert', () => {
  it('says what, where and what to do', () => {
    expect(tell(PLATE_HIT, 'confirmed')).toEqual([
      {
        device: 'cam-1',
        message: {
          kind: 'alert',
          hit: 'HIT-1',
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
    expect(tell({ ...PLATE_HIT, id: 'HIT-5' }, 'confirmed')[0]!.message).not.toHaveProperty('place');
  });

  it('of a document says category and lane, and nothing of the document or the entry', () => {
    const [alert] = tell(document, 'confirmed');
    expect(alert!.message.what).toBe('missing person · gate-1');
    const text = JSON.stringify(alert!.message);
    for (const secret of [DIGEST, 'entry-7', 'resident-card', 'desk-1']) expect(text).not.toContain(secret);
    // What it would be if it were taken for a PLATE_HIT: this is what the line above has to catch.
    expect(JSON.stringify(tell({ ...PLATE_HIT, id: 'HIT-3', listed: DIGEST }, 'confirmed'))).toContain(DIGEST);
  });

  it('keeps place and instruction alone for partners', () => {
    alerts = open([{ roles: ['guard'] }]);
    devices = [OFFICER, device('g-1', 'guard')];
    const [alert] = tell(PLATE_HIT, 'confirmed');
    expect(alert!.device).toBe('g-1');
    const shown = visibleTo('guard', alert!.message);
    expect(shown).toEqual({ ...alert!.message, what: undefined });
    expect(JSON.stringify(shown)).not.toContain('12345');
  });

  it('under one opinion says so, and is never confirmed', () => {
    expect(tell(PLATE_HIT, 'one-opinion')[0]!.message).toMatchObject({ confirmed: false, oneOpinion: true });
    expect(tell(PLATE_HIT, 'one-opinion')).toEqual([]);
    const [confirmed] = tell(PLATE_HIT, 'confirmed');
    expect(confirmed!.message).toMatchObject({ hit: 'HIT-1', confirmed: true });
    expect(confirmed!.message).not.toHaveProperty('oneOpinion');
  });

  it('is given once for each stage, and not as unconfirmed after it was confirmed', () => {
    expect(tell(document, 'unreviewed')[0]!.message.confirmed).toBe(false);
    expect(tell(document, 'unreviewed')).toEqual([]);
    expect(tell(document, 'confirmed')[0]!.message.confirmed).toBe(true);
    expect([...tell(document, 'confirmed'), ...tell(document, 'unreviewed')]).toEqual([]);
  });

  it('P3: is given to nobody for a vehicle that was read long ago, confirmed or not', () => {
    const late: Hit = { ...PLATE_HIT, category: 'missing person', late: true, receivedAt: T0 + 5_400_000 };
    expect(tell({ ...late, id: 'HIT-3' }, 'unreviewed')).toEqual([]);
    expect(tell({ ...late, id: 'HIT-3' }, 'confirmed')).toEqual([]);
    expect(ids(tell({ ...PLATE_HIT, category: 'missing person', id: 'HIT-4' }, 'unreviewed'))).toEqual(['cam-1']);
  });

  it('of an unconfirmed hit is given for the categories of the mode only', () => {
    expect(tell(PLATE_HIT, 'unreviewed')).toEqual([]);
    // It was not told, so it still may be, when the mode has changed.
    categories = ['stolen vehicle'];
    expect(ids(tell(PLATE_HIT, 'unreviewed'))).toEqual(['cam-1']);
  });

  it('that the store refuses is not sent, and is a problem, until the store takes it', () => {
    rig.db.exec("CREATE TRIGGER full BEFORE INSERT ON alerts BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(tell(PLATE_HIT, 'confirmed')).toEqual([]);
    expect(alerts.problems()).toMatchObject([{ key: 'crew:alerts' }]);
    alerts.turn();
    rig.db.exec('DROP TRIGGER full');
    alerts.turn();
    alerts.turn();
    expect([ids(given), alerts.problems()]).toEqual([['cam-1'], []]);
  });
});

describe('who hears it', () => {
  it('follows from role and distance; who cannot be placed for certain counts as near', () => {
    alerts = open([{ roles: ['officer'], withinM: 1000 }, { roles: ['guard'] }]);
    devices = [
      ...['near', 'far', 'stale', 'spoofed', 'unplaced', 'unknown'].map((id) => device(id)),
      ...[device('g-1', 'guard'), device('v-1', 'volunteer')],
    ];
    states = [
      ...[known('near', north(990)), known('far', north(1010)), known('spoofed', north(5000, false))],
      ...[known('stale', north(5000), T0 - 91_000), known('unplaced'), known('g-1', north(5000))],
    ];
    expect(ids(tell(PLATE_HIT, 'confirmed'))).toEqual(['near', 'stale', 'spoofed', 'unplaced', 'unknown', 'g-1']);
  });

  it('is no one whose device can show nothing', () => {
    devices = [device('drone-1', 'officer', 'dji'), device('car-1', 'officer', 'jt808')];
    expect(tell(PLATE_HIT, 'confirmed')).toEqual([]);
    expect(rig.db.prepare('SELECT count(*) FROM alerts').pluck().get()).toBe(0);
  });

  it('is everybody of the role where nobody said where the checkpoint stands', () => {
    alerts = open([{ roles: ['officer'], withinM: 10 }], null);
    states = [known('cam-1', north(5000))];
    expect(ids(tell(PLATE_HIT, 'confirmed'))).toEqual(['cam-1']);
  });
});

describe('a device that was away', () => {
  beforeEach(() => away.add('cam-1'));
  const miss = (hit: Hit, stage: AlertStage = 'confirmed'): void => {
    if (stage !== 'confirmed' || hit.id !== 'HIT-2') keep(hit);
    rig.pass(1);
    alerts.alert(hit, stage);
  };
  /** It comes, is given what it missed, and goes again before it acknowledges anything. */
  const come = () => {
    const before = given.length;
    away.delete('cam-1');
    alerts.sendTo(OFFICER);
    away.add('cam-1');
    alerts.connectionChanged('cam-1');
    return given.slice(before).map(({ message }) => message);
  };

  it('hears what it missed, newest first, over a restart too, until it has acknowledged it', () => {
    miss(PLATE_HIT);
    keep(document);
    miss(document);
    alerts = open([{ roles: ['officer'] }]);
    const missed = come();
    expect(missed.map(({ hit }) => hit)).toEqual(['HIT-2', 'HIT-1']);
    away.delete('cam-1');
    alerts.sendTo(OFFICER);
    alerts.sendTo(OFFICER);
    expect(given).toHaveLength(4);
    for (const { id } of missed) alerts.acknowledged('cam-1', id);
    alerts.connectionChanged('cam-1');
    expect(come()).toEqual([]);
    alerts.turn();
    alerts = open([{ roles: ['officer'] }]);
    expect(come()).toEqual([]);
  });

  it('does not hear that a hit was unconfirmed which is confirmed now', () => {
    keep(document);
    miss(document, 'unreviewed');
    miss(document);
    expect(come()).toMatchObject([{ hit: 'HIT-2', confirmed: true }]);
  });

  it('hears what is at most ten minutes old, and eight alerts at most', () => {
    miss(PLATE_HIT);
    rig.pass(599_000);
    for (let i = 10; i < 17; i++) miss({ ...PLATE_HIT, id: `HIT-${i}`, entry: `E-${i}` });
    expect(come().map(({ hit }) => hit)).toEqual([16, 15, 14, 13, 12, 11, 10, 1].map((i) => `HIT-${i}`));
    for (let i = 20; i < 29; i++) miss({ ...PLATE_HIT, id: `HIT-${i}`, entry: `E-${i}` });
    expect(come()).toHaveLength(8);
    rig.pass(600_000);
    expect(come()).toEqual([]);
  });
});
