/** Where a caller is, for whoever goes there: the best place known, its origin and age, and that it follows the caller. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import type { EquipmentHost, CrewMessage, Equipment } from '../contracts/crew.ts';
import { CrewService } from './crew-service.ts';
import { acknowledgeSos } from '../store/sos.ts';
import { openCrewRig, sosOf, type CrewRig } from './crew.fixtures.ts';

const HERE = { lat: 30.25, lon: 120.125, trusted: true };
/** 17 km away: nobody gets there in a minute. */
const FAR = { lat: 30.4, lon: 120.125, trusted: true };
/** 220 m from HERE. */
const NEAR = { lat: 30.252, lon: 120.125, trusted: true };

let rig: CrewRig;
let crew: CrewService;
let host: EquipmentHost;
let heard: CrewMessage[];

const equipment: Equipment = {
  run: () => Promise.resolve(),
  deliver(device, message) {
    if (device === 'guard-1') heard.push(message);
    return true;
  },
};

function open(keepTracksH = 0): void {
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }], keepTracksH });
  const parts = [{ id: 'broker', equipment }];
  crew = new CrewService({
    db: rig.db,
    outbox: rig.outbox(),
    clock: rig.clock,
    config,
    equipment: parts,
    log: SILENT_LOG,
  });
  host = crew.hostFor(equipment);
  host.presence('guard-1', true);
  heard = [];
}
const report = (position: typeof HERE) => host.report({ device: 'cam-1', at: rig.clock.now(), position });
const call = (more = {}) => host.sos(sosOf('cam-1', { at: rig.clock.now(), ...more }));
const told = () => heard.flatMap((m) => (m.kind === 'sos' ? [m] : []));
/** What the room was told last of the call. */
const event = () => rig.waiting().findLast((e) => e.type === 'io.sitebox.sos.v1')!.data;
function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    rig.pass(1000);
    crew.turn();
  }
}

beforeEach(() => {
  rig = openCrewRig();
  rig.add({ id: 'cam-1' });
  rig.add({ id: 'guard-1', role: 'guard' });
  open();
});
afterEach(() => rig.close());

describe('C3: the place of a call', () => {
  it('is the own one where it can be, with its age', () => {
    call({ position: HERE });
    expect(told()).toMatchObject([{ place: { lat: 30.25, origin: 'own', ageS: 0 } }]);
    rig.pass(40_000);
    expect(crew.sos.open()).toMatchObject([{ place: { origin: 'own', ageS: 40 } }]);
    expect(event()).toMatchObject({
      place: { lat: 30.25, origin: 'own', trusted: true, at: '2026-11-21T08:00:00.000Z' },
    });
  });

  it('is the last one known where the call has none, and says how old that is', () => {
    report(HERE);
    rig.pass(300_000);
    call();
    expect(told()).toMatchObject([{ place: { lat: 30.25, origin: 'last known', ageS: 300 } }]);
    expect(event()).toMatchObject({ place: { origin: 'last known', ageS: 300, at: '2026-11-21T08:00:00.000Z' } });
  });

  it('is said to be none where nobody knows', () => {
    call();
    expect(told()[0]).not.toHaveProperty('place');
    expect(event()).toMatchObject({ place: null });
    expect(crew.sos.open()[0]).not.toHaveProperty('place');
  });

  it('is the last one written to disk after a restart of the box', () => {
    open(24);
    report(HERE);
    pass(11);
    open(24);
    call();
    expect(told()).toMatchObject([{ place: { lat: 30.25, origin: 'last known' } }]);
  });

  it('that cannot have been reached stands as doubtful beside the last one believed, until two more agree with it', () => {
    report(HERE);
    pass(30);
    for (let i = 0; i < 4; i++) {
      call({ position: FAR });
      if (i === 0) {
        expect(told()).toMatchObject([
          { place: { lat: 30.25, origin: 'last known', ageS: 30 }, doubtful: { lat: 30.4 } },
        ]);
        expect(event()).toMatchObject({ place: { lat: 30.25 }, doubtful: { lat: 30.4, origin: 'own' } });
        expect(crew.sos.open()).toMatchObject([{ place: { lat: 30.25 }, doubtful: { lat: 30.4 } }]);
      }
      pass(5);
    }
    expect(told().at(-1)).toMatchObject({ place: { lat: 30.4, origin: 'own' } });
    expect(told().at(-1)).not.toHaveProperty('doubtful');
    expect(event()).not.toHaveProperty('doubtful');
  });

  it('of a damaged line is doubtful too', () => {
    report(HERE);
    call({ position: NEAR, doubtful: true });
    expect(told()).toMatchObject([{ place: { lat: 30.25 }, doubtful: { lat: 30.252 } }]);
  });

  it('that was kept while the terminal was out of reach is as old as it is', () => {
    call({ position: HERE, positionAt: rig.clock.now() - 600_000 });
    expect(told()).toMatchObject([{ place: { lat: 30.25, origin: 'own', ageS: 600 } }]);
  });

  it('follows the caller by repeats of the call, at once', () => {
    for (const lat of [30.25, 30.251, 30.252]) call({ position: { ...HERE, lat } });
    expect(told().map((m) => m.place?.lat)).toEqual([30.25, 30.251, 30.252]);
    expect(new Set(told().map((m) => m.id)).size).toBe(3);
    expect(crew.sos.open()).toMatchObject([{ place: { lat: 30.252 } }]);
  });

  it('follows the caller by whatever its device reports, every ten seconds at most', () => {
    call({ position: HERE });
    for (let i = 1; i <= 30; i++) {
      report({ ...HERE, lat: 30.25 + i * 0.0005 });
      pass(1);
    }
    expect(told().length).toBeGreaterThanOrEqual(3);
    expect(told().length).toBeLessThanOrEqual(5);
    pass(10);
    expect(told().at(-1)).toMatchObject({ place: { lat: 30.265 } });
    expect(event()).toMatchObject({ place: { lat: 30.265 } });
  });

  it('does not follow a call that was withdrawn', () => {
    call({ position: HERE });
    call({ state: 'cancelled' });
    report(NEAR);
    pass(20);
    expect(told()).toHaveLength(2);
  });

  it('tells a device that comes later where the caller is now', () => {
    call({ position: HERE });
    host.presence('guard-1', false);
    rig.pass(1000);
    report(NEAR);
    host.presence('guard-1', true);
    expect(told().map((m) => m.place?.lat)).toEqual([30.25, 30.252]);
    expect(told()[0]!.id).not.toBe(told()[1]!.id);
  });
});

it('C2: all hear each of seven presses, also a terminal’s, with a new place each', () => {
  rig.add({ id: 'car-1', kind: 'vehicle', protocol: 'jt808', serials: ['13800000000'] });
  crew.turn();
  for (const device of ['cam-1', 'car-1']) {
    heard = [];
    for (let i = 0; i < 7; i++)
      host.sos(sosOf(device, { sos: `press ${i}`, position: { ...HERE, lat: 30.25 + i / 1000 } }));
    expect(told().map((m) => m.place?.lat)).toEqual([30.25, 30.251, 30.252, 30.253, 30.254, 30.255, 30.256]);
  }
  expect(crew.view().sosOpen).toBe(6);
});

it('D2: that nobody has seen stands on the displays before a newer one that somebody acts on', () => {
  call({ sos: 'call-1' });
  rig.pass(1000);
  call({ sos: 'call-2' });
  const [newest, first] = crew.sos.open();
  acknowledgeSos(rig.db, { id: newest!.id, by: 'Chief 1', from: 'box', clock: rig.clock.state() }, rig.outbox());
  expect(crew.sos.open().map((shown) => [shown.id, shown.acknowledged])).toEqual([
    [first!.id, undefined],
    [newest!.id, 'box'],
  ]);
});
