import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastKnown } from '../cli/crew/nearest.ts';
import type { DeviceReport, Position } from '../contracts/crew.ts';
import { openDb } from '../store/db.ts';
import { revokeDevice } from '../store/devices.ts';
import { storedTracks } from '../store/sealing/sealing.fixtures.ts';
import { appendTracks, latestTracks, readTrack } from '../store/tracks.ts';
import { isStale, lateAfterMs, openPositions, type Positions } from './positions.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const HERE: Position = { lat: 30.25, lon: 120.125, trusted: true };
const HOUR_MS = 3_600_000;
/** Degrees of latitude in so many metres. */
const north = (metres: number): Position => ({ ...HERE, lat: HERE.lat + metres / 111_195 });
const CHIEF = { who: 'Chief 1', why: 'search', now: T0 };

let rig: CrewRig;
let asked: number;
let positions: Positions;

beforeEach(() => {
  rig = openCrewRig();
  asked = 30;
  positions = open();
});
afterEach(() => rig.close());

function open(keepTracksH = 24): Positions {
  return openPositions({ db: rig.db, clock: rig.clock, keepTracksH, intervalS: () => asked });
}

function say(more: Partial<DeviceReport> = {}): ReturnType<Positions['report']> {
  return positions.report({ device: 'cam-1', at: rig.clock.now(), ...more });
}

/** Seconds as they pass in the gateway. */
function turns(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    rig.pass(1000);
    positions.turn();
  }
}

const rows = () => storedTracks(rig.db);

describe('what is known of a device', () => {
  it('is put together from reports that say a part each', () => {
    say({ position: HERE, batteryPercent: 80, recording: 'on', clockOffsetMs: 8 * HOUR_MS });
    rig.pass(5000);
    say({ batteryPercent: 79, charging: true, signalDbm: -90, flight: 'flying' });
    expect(positions.latest('cam-1')).toEqual({
      device: 'cam-1',
      at: T0 + 5000,
      position: HERE,
      positionAt: T0,
      batteryPercent: 79,
      charging: true,
      recording: 'on',
      signalDbm: -90,
      flight: 'flying',
      clockOffsetMs: 8 * HOUR_MS,
      online: false,
      disconnectedCleanly: false,
      intervalS: 30,
    });
    expect(positions.latest('cam-2')).toBeUndefined();
  });

  it('is not changed by a report that came before', () => {
    expect(say({ sequence: 5, batteryPercent: 50 })).toBe('taken');
    rig.pass(1000);
    expect(say({ sequence: 5, batteryPercent: 10 })).toBe('repeat');
    expect(say({ sequence: 4, batteryPercent: 10 })).toBe('repeat');
    expect(positions.latest('cam-1')).toMatchObject({ at: T0, batteryPercent: 50 });
    expect(say({ sequence: 6, batteryPercent: 49 })).toBe('taken');
  });

  it('goes on where a device counts from the beginning again', () => {
    say({ sequence: 5000 });
    expect(say({ sequence: 1 })).toBe('taken');
    expect(say({ sequence: 20 })).toBe('taken');
    // After so few, only that it was away tells a restart from a repeat.
    expect(say({ sequence: 1 })).toBe('repeat');
    positions.presence('cam-1', true);
    positions.presence('cam-1', false);
    positions.presence('cam-1', true);
    expect(say({ sequence: 20 })).toBe('repeat');
    expect(say({ sequence: 2 })).toBe('taken');
    expect(say({ sequence: 1 })).toBe('repeat');
  });

  it('says whether it is there, and whether it said goodbye', () => {
    positions.presence('cam-1', false);
    expect(positions.all()).toEqual([]);
    positions.presence('cam-1', true);
    expect(positions.all()).toMatchObject([{ device: 'cam-1', at: T0, online: true, disconnectedCleanly: false }]);
    positions.presence('cam-1', false, true);
    positions.presence('cam-1', false);
    expect(positions.latest('cam-1')).toMatchObject({ online: false, disconnectedCleanly: true });
    say();
    expect(positions.latest('cam-1')).toMatchObject({ disconnectedCleanly: false });
  });

  it('is forgotten when the device is revoked, so that it stays within the registry', () => {
    for (const id of ['cam-1', 'cam-2']) {
      rig.add({ id });
      positions.report({ device: id, at: T0 });
    }
    positions.turn();
    revokeDevice(rig.db, 'cam-1', { by: 'Chief 1', now: T0 });
    positions.turn();
    expect(positions.all().map((k) => k.device)).toEqual(['cam-2']);
  });
});

describe('a device', () => {
  /** So many seconds after its last word. */
  const stale = (seconds: number): boolean => {
    const known = positions.latest('cam-1')!;
    return isStale(known, known.at + seconds * 1000);
  };

  it('is late after three of the intervals it is asked for, at least 30 s', () => {
    say({ position: HERE });
    expect([stale(90), stale(91)]).toEqual([false, true]);
    asked = 5;
    expect([stale(30), stale(31)]).toEqual([false, true]);
  });

  it('is late by the interval it says, or is seen to keep', () => {
    say({ intervalS: 60 });
    expect([stale(180), stale(181)]).toEqual([false, true]);
    for (let i = 0; i < 3; i++) {
      rig.pass(120_000);
      positions.report({ device: 'cam-2', at: rig.clock.now() });
    }
    expect(positions.latest('cam-2')).toMatchObject({ intervalS: 120 });
    // One report that was lost, or a hurry, does not change that.
    rig.pass(240_000);
    positions.report({ device: 'cam-2', at: rig.clock.now() });
    expect(positions.latest('cam-2')).toMatchObject({ intervalS: 120 });
    for (let i = 0; i < 9; i++) positions.report({ device: 'cam-2', at: rig.clock.now() });
    expect(positions.latest('cam-2')).toMatchObject({ intervalS: 30 });
    say({ intervalS: 3600 });
    expect(lateAfterMs(positions.latest('cam-1')!)).toBe(3 * 600_000);
  });

  it('that speaks without a fix is heard, but where it was is stale', () => {
    say({ position: HERE });
    rig.pass(100_000);
    say();
    expect(positions.latest('cam-1')).toMatchObject({ at: T0 + 100_000, positionAt: T0 });
    expect(stale(0)).toBe(true);
  });

  it('is stale when its last word lies in the future', () => {
    say({ position: HERE });
    expect(stale(-3600)).toBe(true);
  });
});

describe('a position', () => {
  const lat = (): number => positions.latest('cam-1')!.position!.lat;

  it('that cannot have been reached is held, and dropped when the next one is near the last again', () => {
    say({ position: HERE });
    rig.pass(10_000);
    expect(say({ position: { ...HERE, lat: 31.25 }, batteryPercent: 40 })).toBe('held');
    expect(positions.latest('cam-1')).toMatchObject({ position: HERE, positionAt: T0, at: T0 + 10_000 });
    expect(positions.latest('cam-1')).toMatchObject({ batteryPercent: 40 });
    rig.pass(10_000);
    expect(say({ position: north(30) })).toBe('taken');
    rig.pass(10_000);
    // What was held is forgotten: this is not its second.
    expect(say({ position: { ...HERE, lat: 31.25 } })).toBe('held');
    expect(lat()).toBe(north(30).lat);
  });

  it('is believed where two more agree, whichever it is that was wrong', () => {
    say({ position: HERE });
    rig.pass(10_000);
    expect(say({ position: { ...HERE, lat: 31.25 } })).toBe('held');
    rig.pass(10_000);
    expect(say({ position: { ...HERE, lat: 29 } })).toBe('held');
    rig.pass(10_000);
    expect(say({ position: { ...HERE, lat: 29.001 } })).toBe('held');
    rig.pass(10_000);
    expect(say({ position: { ...HERE, lat: 29.002 } })).toBe('taken');
    expect(lat()).toBe(29.002);
  });

  it('is believed at the speed of a vehicle, with reports that come close together, and after a long way', () => {
    say({ position: HERE });
    for (let i = 1; i <= 5; i++) {
      rig.pass(10_000);
      expect(say({ position: north(i * 400) })).toBe('taken');
    }
    expect(say({ position: north(2300) })).toBe('taken');
    rig.pass(HOUR_MS);
    expect(say({ position: north(200_000) })).toBe('taken');
  });
});

describe('a track', () => {
  it('is written every 10 s, the newest of each device, where it has moved', () => {
    turns(1);
    for (let i = 1; i <= 30; i++) {
      say({ position: north(i) });
      turns(1);
    }
    expect(rows().map((r) => r.lat)).toEqual([10, 20, 30].map((m) => north(m).lat));
    // It stands: a point a minute says that it is there.
    for (let i = 0; i < 120; i++) {
      say({ position: north(30 + (i % 5)) });
      turns(1);
    }
    expect(rows()).toHaveLength(5);
  });

  it('is committed, and deleted when its time is over, as is what a wrong clock dated ahead', () => {
    say({ position: HERE });
    positions.close();
    const other = openDb(rig.folder);
    expect(storedTracks(other)).toEqual([{ device: 'cam-1', at: T0, lat: 30.25, lon: 120.125, trusted: true }]);
    other.close();
    const ahead = { device: 'cam-2', at: T0 + 60 * HOUR_MS, lat: 1, lon: 1, trusted: true };
    appendTracks(rig.db, [ahead]);
    positions.close();
    expect(rows()).toHaveLength(1);
    rig.pass(24 * HOUR_MS - 1000);
    turns(0);
    positions.close();
    expect(rows()).toHaveLength(1);
    turns(11);
    expect(rows()).toEqual([]);
    positions.close();
    expect(rig.audit()).toEqual(['box: retention run', 'box: retention run']);
  });

  it('is not kept where none shall be, and those of before are deleted', () => {
    say({ position: HERE });
    positions.close();
    positions = open(0);
    say({ position: HERE });
    turns(11);
    expect(rows()).toEqual([]);
    expect(positions.latest('cam-1')).toMatchObject({ position: HERE });
  });

  it('waits in memory while the disk is full, one point of each device', () => {
    turns(1);
    rig.db.pragma(`max_page_count = ${rig.db.pragma('page_count', { simple: true }) as number}`);
    const fill = Array.from({ length: 20_000 }, (_, i) => ({ device: 'x', at: T0 + i, lat: 1, lon: 1, trusted: true }));
    expect(() => appendTracks(rig.db, fill)).toThrow(/full/);
    for (let i = 0; i < 3000; i++) positions.report({ device: `cam-${i}`, at: T0, position: HERE });
    expect(() => turns(11)).toThrow(/full/);
    rig.db.pragma('max_page_count = 1000000');
    turns(1);
    expect(rows()).toHaveLength(3000);
  });

  it('is read by a named person, which the audit log says', () => {
    for (const m of [0, 100, 200]) {
      say({ position: north(m) });
      positions.report({ device: 'cam-2', at: rig.clock.now(), position: { ...HERE, trusted: false } });
      turns(60);
    }
    const track = readTrack(rig.db, { device: 'cam-1', from: T0, to: T0 + 60_000 }, CHIEF);
    expect(track).toEqual([
      { device: 'cam-1', at: T0, lat: HERE.lat, lon: HERE.lon, trusted: true },
      { device: 'cam-1', at: T0 + 60_000, lat: north(100).lat, lon: HERE.lon, trusted: true },
    ]);
    const now = rig.clock.now();
    expect(latestTracks(rig.db, { ...CHIEF, now })).toMatchObject([
      { device: 'cam-1', at: T0 + 120_000, lat: north(200).lat },
      { device: 'cam-2', trusted: false },
    ]);
    expect(latestTracks(rig.db, { ...CHIEF, now: now + HOUR_MS })).toEqual([]);
    expect(lastKnown(rig.db, { ...CHIEF, now }).map((c) => c.fresh)).toEqual([true, false]);
    expect(lastKnown(rig.db, { ...CHIEF, now: now + 180_000 }).map((c) => c.fresh)).toEqual([false, false]);
    expect(rig.audit()).toEqual(['Chief 1: track read', ...Array.from({ length: 4 }, () => 'Chief 1: positions read')]);
    const detail = rig.db.prepare(`SELECT detail FROM audit WHERE what = 'track read'`).pluck().get();
    expect(JSON.parse(detail as string)).toEqual({
      device: 'cam-1',
      from: '2026-11-21T08:00:00.000Z',
      to: '2026-11-21T08:01:00.000Z',
      why: 'search',
      points: 2,
    });
  });
});
