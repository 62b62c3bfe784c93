import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWire, type ReaderPort, type Wire } from '../../../simulators/devices/reader/wire.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { newPty } from '../../../simulators/conformance/reader.ts';
import { conforms, crewDevice, openTestHost, runEquipment } from '../../../simulators/conformance/equipment.ts';
import { writeReading, writeSentence } from './codec.ts';
import { openNmea, INTACT_BEFORE_TRUST } from './equipment.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const jeep = crewDevice('jeep', { kind: 'vehicle', protocol: 'nmea' });
const TIME = Date.parse('2026-11-21T02:02:03Z');
const HERE = { lat: 30.25, lon: 120.125, speedKmh: 36, courseDeg: 90, altitudeM: 126 };
const PAIR = writeReading('GN', { ...HERE, time: TIME });
const NO_FIX = writeReading('GN', undefined);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A receiver and the box, of which the line is open and the first sentence heard. */
async function start(place: ReaderPort = { tcp: 0 }, host = openTestHost([jeep])) {
  const wire = await openWire(place, () => undefined);
  const context = testContext('gps');
  const run = runEquipment(openNmea({ device: 'jeep', port: wire.address }, context), host);
  closers.push(async () => {
    run.abort();
    await run.ended;
    await wire.close();
  });
  const say = (text: string | Uint8Array): void => wire.send(Buffer.from(text));
  await vi.waitFor(() => {
    say(NO_FIX);
    expect(host.eventCount()).toBeGreaterThan(0);
  }, PATIENCE);
  /** Says `text`, and waits until what was said before it has been heard. */
  const tell = async (text: string | Uint8Array): Promise<void> => {
    say(text);
    const marker = host.reports.length;
    say(`${writeSentence('GPGGA,,,,,,X')}${writeSentence('GPGGA,,,,,,0,00,99.99,,,,,,')}`);
    await vi.waitFor(() => expect(host.reports.length).toBeGreaterThan(marker), PATIENCE);
    await vi.waitFor(() => expect(host.refusals.at(-1)).toEqual(['malformed', 'jeep']), PATIENCE);
  };
  return { host, run, context, say, tell, wire };
}

/** Until `count` reports with a position have come. */
const positions = async (host: ReturnType<typeof openTestHost>, count: number) => {
  const found = () => host.reports.flatMap((r) => r.position ?? []);
  await vi.waitFor(() => expect(found()).toHaveLength(count), PATIENCE);
  return found();
};

describe.each([
  ['a pseudo terminal', newPty],
  ['TCP', () => ({ tcp: 0 })],
] as const)('on %s', (_, place) => {
  conforms(async () => {
    const wire: Wire = await openWire(place(), () => undefined);
    return {
      host: openTestHost([jeep]),
      equipment: openNmea({ device: 'jeep', port: wire.address }, testContext('gps')),
      speak: () => wire.send(Buffer.from(PAIR)),
      lose: () => wire.close(),
      close: () => wire.close(),
    };
  });
});

it('gives position, speed, course, altitude and the clock', async () => {
  const { host, say } = await start(newPty());
  say(PAIR);
  const [rmc, gga] = await positions(host, 2);
  const near = (n: number): number => expect.closeTo(n, 1) as number;
  const moving = { lat: 30.25, lon: 120.125, speedKmh: near(36), courseDeg: 90, trusted: true };
  expect(rmc).toEqual(moving);
  expect(gga).toEqual({ ...moving, altitudeM: 126 });
  const [first, second] = host.reports.filter((r) => r.position);
  expect(first!.at + first!.clockOffsetMs!).toBe(TIME);
  expect(second).not.toHaveProperty('clockOffsetMs');
  expect(first!.device).toBe('jeep');
});

it('what answers at an address is not trusted', async () => {
  const { host, say } = await start();
  say(PAIR);
  expect((await positions(host, 2)).map((p) => p.trusted)).toEqual([false, false]);
});

it('without a fix it says that the receiver lives, and no position', async () => {
  const { host } = await start();
  await vi.waitFor(() => expect(host.reports.length).toBeGreaterThan(1), PATIENCE);
  for (const report of host.reports) expect(Object.keys(report)).toEqual(['device', 'at']);
});

it('counts what is damaged and what cannot be, without a word of it', async () => {
  const { host, say, context } = await start();
  say('$GPRMC,020203.00,A,3015.00000,N,12007.50000,E*00\r\n');
  say(writeSentence('GPRMC,020203.00,A,9915.00000,N,12007.50000,E,0.0,0.0,211126,,,A'));
  await vi.waitFor(() => expect(host.refusals).toHaveLength(2), PATIENCE);
  expect(host.refusals).toEqual([
    ['malformed', 'jeep'],
    ['malformed', 'jeep'],
  ]);
  expect(context.said()).not.toContain('3015');
  expect(context.said()).not.toContain('9915');
});

it('a device that is not registered, or for another protocol, is refused', async () => {
  for (const devices of [[], [crewDevice('jeep')]]) {
    const { host } = await start({ tcp: 0 }, openTestHost(devices));
    expect(host.refusals[0]).toEqual(['unknown device', undefined]);
    expect(host.reports).toEqual([]);
  }
});

it('after damage no position is believed until a row of whole sentences has come', async () => {
  const { host, say } = await start();
  say(`$GPRMC,damaged*00\r\n${PAIR.repeat(INTACT_BEFORE_TRUST / 2)}`);
  say(PAIR);
  await positions(host, 2);
  const first = host.reports.findIndex((r) => r.position);
  const clocks = host.reports.slice(0, first).filter((r) => r.clockOffsetMs !== undefined);
  expect(clocks).toHaveLength(INTACT_BEFORE_TRUST / 2);
});

it('in 2,000 damaged pairs there is no wrong position', async () => {
  const { host, tell } = await start();
  await tell('$GPRMC,damaged*00\r\n');
  const damage = fc.array(fc.tuple(fc.noBias(fc.nat()), fc.integer({ min: 1, max: 255 })), {
    minLength: 2,
    maxLength: 8,
  });
  const damaged = fc.sample(damage, { seed: 7, numRuns: 2000 }).map((changes) => {
    const bytes = Buffer.from(PAIR);
    // The first of the two is hit for sure; else the other, if it is whole, would count as one in a row.
    for (const [where, mask] of changes) bytes[where % bytes.length]! ^= mask;
    bytes[20]! ^= 0x40;
    return bytes;
  });
  await tell(Buffer.concat(damaged));
  for (const { position } of host.reports) if (position) expect(position).toMatchObject({ lat: 30.25, lon: 120.125 });
  expect(host.refusals.length).toBeGreaterThan(1750);
});

it('refuses a wrong configuration', () => {
  const open = (config: object) => () => openNmea(config, testContext('gps'));
  expect(open({ device: 'jeep' })).toThrow('port');
  expect(open({ device: 'JEEP', port: '/dev/ttyUSB0' })).toThrow('device');
  expect(open({ device: 'jeep', port: 'udp://127.0.0.1:1' })).toThrow('tcp://host:port');
  expect(open({ device: 'jeep', port: '/dev/ttyUSB0', bauds: 9600 })).toThrow('bauds');
});
