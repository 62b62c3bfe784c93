import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import {
  conforms,
  crewDevice,
  listeningPort,
  openTestHost,
  runEquipment,
} from '../../../simulators/conformance/equipment.ts';
import { writeFrame, type MavlinkMessage } from './codec.ts';
import { openMavlink, INTACT_BEFORE_TRUST } from './equipment.ts';
import { BATTERY, bytesOf, HEARTBEAT, POSITION, SYSTEM } from './vectors.fixtures.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const HOST = '127.0.0.1';
const kite = crewDevice('kite', { kind: 'drone', protocol: 'mavlink', serials: ['1'] });
const owl = crewDevice('owl', { kind: 'drone', protocol: 'mavlink' });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A sender of its own, and what was ever sent to it. */
async function openAircraft(): Promise<{
  socket: Socket;
  heard: Buffer[];
  say: (...d: Uint8Array[]) => Promise<void>;
}> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  closers.push(() => socket.close());
  const heard: Buffer[] = [];
  socket.on('message', (datagram) => heard.push(datagram));
  let port = 0;
  const say = async (...datagrams: Uint8Array[]): Promise<void> => {
    for (const datagram of datagrams) {
      // The box, in this same process, gets its turn to read before its buffer is full.
      await new Promise((done) => socket.send(datagram, port, HOST, () => setImmediate(done)));
    }
  };
  port = await listeningPort(context);
  return { socket, heard, say };
}

let context = testContext('aircraft');
async function start(config: object = {}) {
  context = testContext('aircraft');
  const host = openTestHost([kite, owl]);
  const run = runEquipment(openMavlink({ listen: { host: HOST, port: 0 }, allow: [HOST], ...config }, context), host);
  closers.push(async () => {
    run.abort();
    await run.ended;
  });
  return { host, run, ...(await openAircraft()) };
}

const frame = (message: MavlinkMessage, system = 1, component = 1): Uint8Array =>
  writeFrame({ system, component, sequence: 0 }, message);
const place = { kind: 'position', lat: 30.25, lon: 120.125, altitudeM: 1, heightM: 1, velocity: [0, 0, 0] } as const;
const reasons = (refusals: readonly (readonly [string, unknown])[]): string[] => refusals.map(([why]) => why);

describe('conformance', () => {
  conforms(() => {
    context = testContext('aircraft');
    const heard = context;
    const open = (port: number) => openMavlink({ listen: { host: HOST, port }, allow: [HOST] }, heard);
    return Promise.resolve({
      host: openTestHost([kite]),
      equipment: open(0),
      async speak() {
        const port = await listeningPort(heard);
        const socket = createSocket('udp4');
        await new Promise((done) => socket.send(HEARTBEAT, port, HOST, done));
        await new Promise<void>((done) => socket.close(done));
      },
      onPort: { over: 'udp' as const, open },
      close: () => undefined,
    });
  });
});

it('hears an aircraft: state, battery, position, marked as untrusted', async () => {
  const { host, say } = await start();
  await say(HEARTBEAT, Buffer.concat([SYSTEM, BATTERY]), POSITION);
  await vi.waitFor(() => expect(host.reports).toHaveLength(4), PATIENCE);
  const at = expect.any(Number) as number;
  expect(host.reports).toEqual([
    { device: 'kite', at, flight: 'flying' },
    { device: 'kite', at, batteryPercent: 72 },
    { device: 'kite', at, batteryPercent: 72, charging: false },
    {
      device: 'kite',
      at,
      position: {
        lat: 30.25,
        lon: 120.125,
        altitudeM: 128.5,
        trusted: false,
        speedKmh: expect.closeTo(4.68, 5) as number,
        courseDeg: expect.closeTo(337.38, 2) as number,
      },
    },
  ]);
});

it('without knowing where it is there is no position', async () => {
  const { host, say } = await start();
  await say(frame({ ...place, lat: 0, lon: 0 }), frame({ kind: 'heartbeat', type: 2, armed: false, state: 3 }));
  await vi.waitFor(() => expect(host.reports).toHaveLength(2), PATIENCE);
  expect(host.reports.map(({ position, flight }) => ({ position, flight }))).toEqual([
    { position: undefined, flight: undefined },
    { position: undefined, flight: 'ground' },
  ]);
});

it('knows an aircraft by its registered system id or by the configuration, and only its autopilot', async () => {
  const { host, say } = await start({ systems: { '2': 'owl', '3': 'nobody' } });
  await say(frame(place, 1), frame(place, 2), frame(place, 3), frame(place, 4), frame(place, 1, 100), HEARTBEAT);
  await vi.waitFor(() => expect(host.reports).toHaveLength(3), PATIENCE);
  expect(host.reports.map((r) => r.device)).toEqual(['kite', 'owl', 'kite']);
  expect(reasons(host.refusals)).toEqual(['unknown device', 'unknown device']);
});

it('takes nothing from addresses that are not allowed', async () => {
  const { host, say } = await start({ allow: ['192.0.2.7'] });
  await say(HEARTBEAT);
  await vi.waitFor(() => expect(reasons(host.refusals)).toEqual(['not allowed']), PATIENCE);
  expect(host.reports).toEqual([]);
});

it('refuses version 1, damage, and what is too large; and goes on', async () => {
  const { host, say } = await start();
  await say(bytesOf('FE 00'), HEARTBEAT.subarray(0, 9), Buffer.alloc(3_000, HEARTBEAT), HEARTBEAT);
  await vi.waitFor(() => expect(host.reports).toHaveLength(1), PATIENCE);
  expect(reasons(host.refusals)).toEqual(['malformed', 'malformed', 'too large']);
});

it('a flood is cut off at 500 datagrams a second', async () => {
  const { host, say } = await start();
  await vi.waitFor(async () => {
    await say(...Array.from({ length: 200 }, () => HEARTBEAT));
    expect(reasons(host.refusals)).toContain('too fast');
  }, PATIENCE);
  expect(host.reports.length).toBeGreaterThanOrEqual(500);
});

it('after damage no position is believed until a row of whole frames has come', async () => {
  const { host, say } = await start();
  const damaged = Uint8Array.from(POSITION);
  damaged[14]! ^= 1;
  await say(damaged, ...Array.from({ length: INTACT_BEFORE_TRUST + 1 }, () => POSITION));
  await vi.waitFor(() => expect(host.reports).toHaveLength(INTACT_BEFORE_TRUST + 1), PATIENCE);
  expect(host.reports.map((r) => r.position !== undefined)).toEqual([
    ...Array<boolean>(INTACT_BEFORE_TRUST).fill(false),
    true,
  ]);
});

it('in 400 damaged datagrams of five frames there is no wrong position', async () => {
  const { host, say } = await start();
  const damage = fc.array(fc.tuple(fc.noBias(fc.nat()), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  });
  for (const changes of fc.sample(damage, { seed: 6, numRuns: 400 })) {
    const datagram = Buffer.concat([POSITION, HEARTBEAT, POSITION, SYSTEM, BATTERY]);
    for (const [where, mask] of changes) datagram[where % datagram.length]! ^= mask;
    await say(datagram);
  }
  await vi.waitFor(async () => {
    await say(frame(place, 200));
    expect(reasons(host.refusals)).toContain('unknown device');
  }, PATIENCE);
  for (const { position } of host.reports) if (position) expect(position).toMatchObject({ lat: 30.25, lon: 120.125 });
  expect(host.refusals.length).toBeGreaterThan(350);
});

describe('the box only listens', () => {
  /** Every way a datagram socket has of saying something. */
  const speaks = (code: string): boolean =>
    /\.\s*(send|connect|write|addMembership|setBroadcast)\b|[\w)\]]\s*\[\s*['"`]/.test(code);
  const code = readFileSync(new URL('./equipment.ts', import.meta.url), 'utf8');

  it('there is no call in its file that sends', () => {
    expect(speaks(code)).toBe(false);
    expect(speaks(code.replace('const sender =', 'socket.send(datagram, 14550, address); const sender ='))).toBe(true);
    expect(speaks(code.replace('const sender =', "socket['send'](datagram, 14550, address); const sender ="))).toBe(
      true,
    );
  });

  it('and nothing comes back to an aircraft', async () => {
    const { host, say, heard, run } = await start();
    await say(
      HEARTBEAT,
      POSITION,
      SYSTEM,
      bytesOf('00'),
      frame({ kind: 'heartbeat', type: 2, armed: true, state: 4 }, 9),
    );
    await vi.waitFor(() => expect(host.eventCount()).toBe(5), PATIENCE);
    run.abort();
    await run.ended;
    expect(heard).toEqual([]);
  });
});

it('refuses a wrong configuration', () => {
  const open = (config: object) => () => openMavlink(config, testContext('aircraft'));
  const listen = { host: HOST, port: 14550 };
  expect(open({ listen })).toThrow('allow');
  expect(open({ listen, allow: [] })).toThrow('allow');
  expect(open({ listen, allow: ['10.0.0.0/8'] })).toThrow('allow');
  expect(open({ listen, allow: [HOST], systems: { '256': 'kite' } })).toThrow('systems');
});
