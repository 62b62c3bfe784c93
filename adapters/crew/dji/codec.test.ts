/** DJI Cloud API: the members that are used, partial messages, the one answer, and that nothing here could command an aircraft. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decodeEvent, decodeOsd, decodeStatus, encodeOsd, encodeTopology } from './codec.ts';

const AT = 1_667_220_873_900;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Vector D1: synthetic, with the members that a captured message had. */
const D1 =
  '{"tid":"65717bf1-aee7-4abb-8ea3-9b1908548d74","bid":"cf5ad2e6-2f32-4b59-980e-d5c9ee412805","timestamp":1667220873846,"gateway":"RC1","data":{"mode_code":3,"latitude":30.25,"longitude":120.125,"height":128.22,"elevation":78.9,"horizontal_speed":10,"vertical_speed":0,"attitude_head":-121,"home_distance":0.08,"position_state":{"gps_number":32,"is_fixed":2,"quality":5,"rtk_number":48},"battery":{"capacity_percent":81,"remain_flight_time":1986,"return_home_power":25,"landing_power":8}}}';
const D2 =
  '{"tid":"t1","bid":"b1","method":"update_topo","timestamp":1234567890123,"data":{"domain":"3","type":119,"sub_type":0,"thing_version":"1.1.2","sub_devices":[{"sn":"DRONE1","domain":"0","type":60,"sub_type":0,"index":"A","thing_version":"1.1.2"}]}}';

describe('osd', () => {
  const D1_REPORT = {
    ...{ device: 'drone-1', at: AT, clockOffsetMs: -54, batteryPercent: 81, flight: 'flying' },
    position: { lat: 30.25, lon: 120.125, altitudeM: 128.22, speedKmh: 36, courseDeg: 239, trusted: true },
  };
  it('gives place, battery and flight', () => expect(decodeOsd(bytes(D1), 'drone-1', AT)).toEqual(D1_REPORT));

  it('may be wrapped once more', () => {
    const { data, ...rest } = JSON.parse(D1) as { data: object };
    const wrapped = JSON.stringify({ ...rest, data: { host: { ...data, wind_speed: 54 } } });
    expect(decodeOsd(bytes(wrapped), 'drone-1', AT)).toEqual(D1_REPORT);
  });

  const part = (data: object) => decodeOsd(encodeOsd({ at: AT, gateway: 'RC1', data }, 't'), 'd', AT);
  test.each([
    [{ battery: { capacity_percent: 40 } }, { batteryPercent: 40 }],
    [{ mode_code: 9 }, { flight: 'returning' }],
    [{ mode_code: 11 }, { flight: 'landing' }],
    [{ mode_code: 0 }, { flight: 'ground' }],
    [{ latitude: 30, longitude: 120 }, { position: { lat: 30, lon: 120, trusted: true } }],
  ])('of a part, %j, only the part', (data, expected) => {
    expect(part(data)).toEqual({ device: 'd', at: AT, clockOffsetMs: 0, ...expected });
  });
  test.each([
    [{}],
    [{ latitude: 0, longitude: 0 }],
    [{ latitude: 30 }],
    [{ latitude: 30, longitude: 120, position_state: { is_fixed: 1 } }],
    [{ latitude: 130, longitude: 120 }],
    [{ mode_code: 14, latitude: 30, longitude: 120 }],
    [{ wireless_link: { quality: 4 } }],
  ])('of %j nothing', (data) => {
    const report = part(data);
    expect(report?.position).toBeUndefined();
  });
});

describe('status', () => {
  it('is answered, or the device stays offline', () => {
    const { devices, reply } = decodeStatus(bytes(D2), AT)!;
    expect(devices).toEqual(['DRONE1']);
    expect(JSON.parse(new TextDecoder().decode(reply))).toEqual({
      ...{ tid: 't1', bid: 'b1', timestamp: AT, method: 'update_topo', data: { result: 0 } },
    });
  });
  it('says that the aircraft has gone', () =>
    expect(decodeStatus(encodeTopology(AT, 't', []), AT)!.devices).toEqual([]));
  it('with another method is passed over', () =>
    expect(decodeStatus(bytes(D2.replace('update_topo', 'x')), AT)).toBe(undefined));
});

it('answers an event that waits for an answer, and no other', () => {
  const event = (need: number) => bytes(`{"tid":"t","bid":"b","method":"hms","need_reply":${need},"data":{"list":[]}}`);
  expect(JSON.parse(new TextDecoder().decode(decodeEvent(event(1), AT)))).toMatchObject({
    method: 'hms',
    data: { result: 0 },
  });
  expect(decodeEvent(event(0), AT)).toBeUndefined();
});

test.each([
  ['no JSON', '{', /not JSON/],
  ['no data', '{"tid":"t"}', /osd: data/],
  ['data of another form', '{"data":[1]}', /osd: data/],
  ['too much', ' '.repeat(70_000), /more than 65536 bytes/],
])('refuses %s', (_, text, why) => expect(() => decodeOsd(bytes(text), 'd', AT)).toThrow(why));

it('damaged messages give a position within bounds, or none, or an Error', () => {
  const original = bytes(D1);
  const damage = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  const check = fc.property(damage, (changes) => {
    const damaged = Uint8Array.from(original);
    for (const [at, byte] of changes) damaged[at] = byte;
    try {
      const { lat = 0, lon = 0 } = decodeOsd(damaged, 'd', AT)?.position ?? {};
      expect(Math.abs(lat) <= 90 && Math.abs(lon) <= 180).toBe(true);
    } catch (error) {
      expect((error as Error).message).toMatch(/^osd: /);
    }
  });
  fc.assert(check, { numRuns: 2_000, seed: 7 });
});

/** Flight control is not a matter of access rules alone: there is no code for it. */
const COMMANDS = /thing\/product\/[^`'"]*\/(services|property\/set|drc)|drone_control|fly_to|takeoff|return_home'/;

it('no adapter writes what commands an aircraft', () => {
  const folder = new URL('..', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => /(?<!\.test)\.ts$/.test(f));
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(readFileSync(new URL(file, folder), 'utf8'), file).not.toMatch(COMMANDS);
  // The check sees it where it is.
  expect("publish('thing/product/DRONE1/services', command)").toMatch(COMMANDS);
});
