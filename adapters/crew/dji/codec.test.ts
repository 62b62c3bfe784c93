/** DJI Cloud API: the members that are used, partial messages, the one answer, and that nothing here could command an aircraft. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { decodeEvent, decodeOsd, decodeReply, decodeStatus, encodeOsd, encodeTopology } from './codec.ts';

const AT = 1_667_220_873_900;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Vector D1: synthetic, with the members that a captured message had. */
const D1 =
  '{"tid":"65717bf1-aee7-4abb-8ea3-9b1908548d74","bid":"cf5ad2e6-2f32-4b59-980e-d5c9ee412805","timestamp":1667220873846,"gateway":"RC1","data":{"mode_code":3,"latitude":30.25,"longitude":120.125,"height":128.22,"elevation":78.9,"horizontal_speed":10,"vertical_speed":0,"attitude_head":-121,"home_distance":0.08,"position_state":{"gps_number":32,"is_fixed":2,"quality":5,"rtk_number":48},"battery":{"capacity_percent":81,"remain_flight_time":1986,"return_home_power":25,"landing_power":8}}}';
const D2 =
  '{"tid":"t1","bid":"b1","method":"update_topo","timestamp":1234567890123,"data":{"domain":"3","type":119,"sub_type":0,"thing_version":"1.1.2","sub_devices":[{"sn":"DRONE1","domain":"0","type":60,"sub_type":0,"index":"A","thing_version":"1.1.2"}]}}';

describe('osd', () => {
  const D1_REPORT = {
    device: 'drone-1',
    at: AT,
    clockOffsetMs: -54,
    batteryPercent: 81,
    flight: 'flying',
    position: { lat: 30.25, lon: 120.125, altitudeM: 128.22, speedKmh: 36, courseDeg: 239, trusted: true },
  };
  it('gives place, battery and flight', () => expect(decodeOsd(bytes(D1), 'DRONE1', 'drone-1', AT)).toEqual(D1_REPORT));

  it('may be wrapped once more', () => {
    const { data, ...rest } = JSON.parse(D1) as { data: object };
    const wrapped = JSON.stringify({ ...rest, data: { host: { ...data, wind_speed: 54 } } });
    expect(decodeOsd(bytes(wrapped), 'DRONE1', 'drone-1', AT)).toEqual(D1_REPORT);
  });

  const part = (data: object) => decodeOsd(encodeOsd({ at: AT, gateway: 'RC1', data }, 't'), 'DRONE1', 'd', AT);
  test.each([
    [{ battery: { capacity_percent: 40 } }, { batteryPercent: 40 }],
    [{ mode_code: 9 }, { flight: 'returning' }],
    [{ mode_code: 11 }, { flight: 'landing' }],
    [{ mode_code: 12 }, { flight: 'landing' }],
    [{ mode_code: 0 }, { flight: 'ground' }],
    [{ mode_code: 2 }, { flight: 'ground' }],
    [{ mode_code: 99, battery: { capacity_percent: 40 } }, { batteryPercent: 40 }],
    [{ battery: { capacity_percent: 65535 }, mode_code: 3 }, { flight: 'flying' }],
    [
      { latitude: 30, longitude: 120, position_state: { is_fixed: 0, gps_number: 15 } },
      { position: { lat: 30, lon: 120, trusted: true } },
    ],
    [{ latitude: 30, longitude: 120 }, { position: { lat: 30, lon: 120, trusted: true } }],
  ])('of a part, %j, only the part', (data, expected) => {
    expect(part(data)).toEqual({ device: 'd', at: AT, clockOffsetMs: 0, ...expected });
  });
  test.each([
    [{}],
    [{ latitude: 0, longitude: 0 }],
    [{ latitude: 30, longitude: 120, position_state: { is_fixed: 1 } }],
    [{ latitude: 30, longitude: 120, position_state: { is_fixed: 3, gps_number: 3 } }],
    [{ mode_code: 14, latitude: 30, longitude: 120 }],
    [{ wireless_link: { quality: 4 } }],
  ])('of %j nothing', (data) => {
    const report = part(data);
    expect(report?.position).toBeUndefined();
  });
});

it('what a remote control says of itself is not the aircraft’s', () => {
  // The sample of the documents, with a place and a battery that are the pilot's.
  const data = { capacity_percent: 80, latitude: 30, longitude: 120, height: 5, wireless_link: { sdr_quality: 5 } };
  const own = encodeOsd({ at: AT, gateway: 'RC1', data }, 't');
  expect(decodeOsd(own, 'RC1', 'drone-1', AT)).toBeUndefined();
  expect(decodeOsd(own, 'DRONE1', 'drone-1', AT)?.position).toBeDefined();
});

describe('status', () => {
  it('is answered, or the device stays offline', () => {
    const { devices, reply } = decodeStatus(bytes(D2), AT)!;
    expect(devices).toEqual(['DRONE1']);
    expect(JSON.parse(new TextDecoder().decode(reply))).toEqual({
      tid: 't1',
      bid: 'b1',
      timestamp: AT,
      method: 'update_topo',
      data: { result: 0 },
    });
  });
  it('is answered so that the remote control understands it', () =>
    expect(decodeReply(decodeStatus(encodeTopology(AT, 't9', ['DRONE1']), AT)!.reply)).toEqual({
      tid: 't9',
      method: 'update_topo',
      data: { result: 0 },
    }));
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
  ['no JSON', '{', /expected JSON/],
  ['no gateway', D1.replace('"gateway":"RC1",', ''), /^gateway: /],
  ['no data', '{"gateway":"RC1"}', /^data: /],
  ['data of another form', '{"gateway":"RC1","data":7}', /^data: /],
  ['too much', ' '.repeat(70_000), /at most 65536 bytes/],
])('refuses %s', (_, text, why) => expect(() => decodeOsd(bytes(text), 'DRONE1', 'd', AT)).toThrow(why));

test.each([
  ['a latitude that is none', D1.replace('30.25', '91')],
  ['a latitude alone', D1.replace('"longitude":120.125,', '')],
])('C5: with %s there is no position, and the rest is taken', (_, text) => {
  const report = decodeOsd(bytes(text), 'DRONE1', 'drone-1', 0);
  expect(report).toMatchObject({ batteryPercent: 81, flight: 'flying' });
  expect(report).not.toHaveProperty('position');
});

test.each([
  ['height', D1.replace('128.22', 'NaN'), 'altitudeM'],
  ['horizontal_speed', D1.replace('"horizontal_speed":10', '"horizontal_speed":1000'), 'speedKmh'],
  ['attitude_head', D1.replace('-121', '"north"'), 'courseDeg'],
])('C5: an odd %s is named and left out, and the position stands', (field, text, key) => {
  const report = decodeOsd(bytes(text), 'DRONE1', 'drone-1', AT)!;
  expect(report.position).toMatchObject({ lat: 30.25, lon: 120.125 });
  expect(report.position).not.toHaveProperty(key);
  expect(report.invalidFields?.map((odd) => odd.field)).toEqual([field]);
});

test.each([
  ['latitude', D1.replace('30.25', 'NaN')],
  ['battery.capacity_percent', D1.replace('"capacity_percent":81', '"capacity_percent":-5')],
  ['timestamp', D1.replace('1667220873846', '"now"')],
])('C5: an odd %s is named', (field, text) => {
  const { invalidFields: odd, flight } = decodeOsd(bytes(text), 'DRONE1', 'drone-1', AT)!;
  expect([odd?.map((o) => o.field), flight]).toEqual([[field], 'flying']);
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
