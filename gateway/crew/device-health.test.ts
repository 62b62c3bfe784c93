import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { iso } from '../contracts/time.ts';
import type { CrewDevice, DeviceReport } from '../contracts/crew.ts';
import { OutboxFull } from '../store/outbox/outbox.ts';
import { openDeviceHealth, type DeviceHealth } from './device-health.ts';
import { openPositions, type Positions } from './positions.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const CAMS: readonly CrewDevice[] = ['cam-1', 'cam-2'].map((id) => {
  return { id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] };
});
let rig: CrewRig;
let positions: Positions;
let health: DeviceHealth;
let devices = CAMS;

beforeEach(() => {
  rig = openCrewRig();
  devices = CAMS;
  start();
});
afterEach(() => rig.close());

/** As after a restart: what is in memory is gone. */
function start(limits = {}): void {
  positions = openPositions({ db: rig.db, clock: rig.clock, keepTracksH: 0, intervalS: () => 10 });
  health = openDeviceHealth({ db: rig.db, outbox: rig.outbox(limits), clock: rig.clock, batteryLowPercent: 20 });
}

function say(more: Partial<DeviceReport>): void {
  positions.report({ device: 'cam-1', at: rig.clock.now(), ...more });
}

/** Seconds of the gateway; cam-1 reports in each, where `report` is given. What the room was told meanwhile. */
function turns(seconds: number, report?: Partial<DeviceReport>): string[] {
  for (let i = 0; i < seconds; i++) {
    rig.pass(1000);
    if (report) say(report);
    health.turn(devices, positions.all());
  }
  return rig.send().map((e) => {
    const { what, state } = e.data as { what: string; state: string };
    return `${e.subject}: ${what} ${state}`;
  });
}

describe('a battery', () => {
  it('is low once, until it has five percent more for a minute', () => {
    expect(turns(5, { batteryPercent: 21 })).toEqual([]);
    expect(turns(5, { batteryPercent: 20 })).toEqual(['cam-1: battery low raised']);
    expect(turns(300, { batteryPercent: 24 })).toEqual([]);
    expect(turns(60, { batteryPercent: 25 })).toEqual([]);
    expect(turns(1, { batteryPercent: 25 })).toEqual(['cam-1: battery low cleared']);
  });

  it('is not low while it is being charged', () => {
    expect(turns(5, { batteryPercent: 5, charging: true })).toEqual([]);
    expect(turns(5, { charging: false })).toEqual(['cam-1: battery low raised']);
    expect(turns(61, { charging: true })).toEqual(['cam-1: battery low cleared']);
  });
});

describe('a recording', () => {
  it('that fails is told once, however loose the contact is', () => {
    const told: string[] = [];
    for (let i = 0; i < 100; i++) told.push(...turns(5, { recording: i % 2 === 0 ? 'fault' : 'on' }));
    expect(told).toEqual(['cam-1: recording fault raised']);
    expect(turns(61, { recording: 'off' })).toEqual(['cam-1: recording fault cleared']);
  });

  it('is an event in the stream of the device that says since when', () => {
    say({ recording: 'fault' });
    health.turn(devices, positions.all());
    expect(rig.waiting()).toMatchObject([
      {
        type: 'io.sitebox.device.v2',
        subject: 'cam-1',
        time: T0,
        data: { device: 'cam-1', what: 'recording fault', state: 'raised', since: '2026-11-21T08:00:00.000Z' },
      },
    ]);
    expect(rig.db.prepare('SELECT stream FROM outbox').pluck().all()).toEqual(['device:cam-1']);
  });
});

describe('a device', () => {
  it('is silent after three intervals without a word, and the room hears since when', () => {
    expect(turns(10, {})).toEqual([]);
    const last = rig.clock.now();
    turns(30);
    expect(rig.waiting()).toEqual([]);
    rig.pass(1000);
    health.turn(devices, positions.all());
    expect(rig.waiting()).toMatchObject([{ data: { what: 'silent', since: iso(last) } }]);
    expect(turns(100)).toEqual(['cam-1: silent raised']);
    expect(turns(62, {})).toEqual(['cam-1: silent cleared']);
  });

  it('that came and never said anything is silent, one that never came is not', () => {
    positions.presence('cam-1', true);
    expect(turns(60)).toEqual(['cam-1: silent raised']);
  });

  it('that lost its connection is silent, one that said goodbye is away', () => {
    for (const device of ['cam-1', 'cam-2']) {
      positions.presence(device, true);
      positions.report({ device, at: rig.clock.now() });
      positions.presence(device, false, device === 'cam-2');
    }
    expect(turns(60)).toEqual(['cam-1: silent raised']);
  });

  it('is not made silent by a step of the wall clock', () => {
    let step = 0;
    const steady = { ...rig.clock };
    rig.clock.now = () => steady.now() + step;
    turns(10, {});
    step = 86_400_000;
    expect(turns(25)).toEqual([]);
    expect(turns(10)).toEqual(['cam-1: silent raised']);
  });

  it('that was revoked has no problems any more', () => {
    expect(turns(5, { recording: 'fault' })).toEqual(['cam-1: recording fault raised']);
    devices = CAMS.slice(1);
    expect(turns(5)).toEqual(['cam-1: recording fault cleared']);
  });
});

describe('what the room was told', () => {
  it('is known after a restart: not told again, and cleared when it is over', () => {
    expect(turns(5, { batteryPercent: 5, recording: 'fault' })).toHaveLength(2);
    start();
    expect(turns(120)).toEqual([]);
    expect(turns(5, { batteryPercent: 5, recording: 'fault' })).toEqual([]);
    expect(turns(61, { batteryPercent: 90, recording: 'on' })).toEqual([
      'cam-1: battery low cleared',
      'cam-1: recording fault cleared',
    ]);
  });

  it('is told later where the outbox had no room', () => {
    start({ rows: 0 });
    expect(() => turns(1, { recording: 'fault' })).toThrow(OutboxFull);
    start();
    expect(turns(1, { recording: 'fault' })).toEqual(['cam-1: recording fault raised']);
  });
});
