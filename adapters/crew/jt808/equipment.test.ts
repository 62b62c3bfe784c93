import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import {
  conforms,
  crewDevice,
  listeningPort,
  openTestHost,
  runEquipment,
} from '../../../simulators/conformance/equipment.ts';
import { MESSAGES, openUnpacker, readAnswer, writeCode, writePacket, type Packet } from './codec.ts';
import { openJt808 } from './equipment.ts';
import { writeLocation } from './location.codec.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const HOST = '127.0.0.1';
const PHONE = '13800000001';
const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [PHONE] });
const TIME = Date.parse('2026-11-21T02:02:03Z');
const POSITION = { lat: 30.25, lon: 120.125, altitudeM: 0, speedKmh: 0, courseDeg: 0, trusted: true };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const pack = (message: number, body: Uint8Array = new Uint8Array(), serial = 1): Buffer =>
  Buffer.from(writePacket({ message, layout: 2013, version: 0, phone: PHONE, serial, body }));
const LOGIN = pack(MESSAGES.authenticate, writeCode(2013, 'code of car-1'));
const located = (emergency: boolean, serial = 2): Buffer =>
  pack(MESSAGES.location, writeLocation({ emergency, time: TIME, position: POSITION, extras: [] }), serial);

interface Terminal {
  readonly socket: Socket;
  readonly answers: Packet[];
  readonly closed: Promise<unknown>;
}

async function dial(port: number): Promise<Terminal> {
  const socket = connect({ port, host: HOST });
  const answers: Packet[] = [];
  const unpack = openUnpacker((arrival) => arrival !== 'damaged' && answers.push(arrival));
  socket.on('data', unpack);
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  closers.push(() => socket.destroy());
  await Promise.race([once(socket, 'connect'), closed]);
  return { socket, answers, closed };
}

async function start(config: object = {}, host = openTestHost([car])) {
  const context = testContext('terminals');
  const run = runEquipment(openJt808({ listen: { host: HOST, port: 0 }, ...config }, context), host);
  closers.push(async () => {
    run.abort();
    await run.ended;
  });
  return { host, run, context, port: await listeningPort(context) };
}

describe('conformance', () => {
  conforms(async () => {
    const context = testContext('terminals');
    const host = openTestHost([car]);
    const open = (port: number) => openJt808({ listen: { host: HOST, port } }, context);
    return Promise.resolve({
      host,
      equipment: open(0),
      async speak() {
        const { socket } = await dial(await listeningPort(context));
        socket.write(LOGIN);
      },
      onPort: { over: 'tcp' as const, open },
      close: () => undefined,
    });
  });
});

it('hears terminals over TCP, packets cut and joined', async () => {
  const { host, port, context } = await start();
  const { socket, answers } = await dial(port);
  const stream = Buffer.concat([LOGIN, located(false), located(true, 3)]);
  socket.setNoDelay(true);
  for (const piece of [stream.subarray(0, 7), stream.subarray(7, 60), stream.subarray(60)]) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  await vi.waitFor(() => expect(answers.map((a) => readAnswer(a.body).serial)).toEqual([1, 2, 3]), PATIENCE);
  expect(host.calls).toMatchObject([{ device: 'car-1', state: 'raised', position: POSITION }]);
  expect(host.reports.flatMap((r) => r.position ?? [])).toEqual([POSITION, POSITION]);
  expect(host.presences).toEqual([]);
  expect(context.said()).not.toContain(PHONE);
});

it('ends a connection whose call for help cannot be kept, without an answer', async () => {
  const { host, port } = await start();
  host.storeError = new Error('the disk is full');
  const { socket, answers, closed } = await dial(port);
  socket.write(Buffer.concat([LOGIN, located(true)]));
  await closed;
  expect(answers.map((a) => readAnswer(a.body).message)).toEqual([MESSAGES.authenticate]);
  expect(host.calls).toEqual([]);
});

it('a terminal that comes back ends its older connection', async () => {
  const { host, port } = await start();
  const first = await dial(port);
  first.socket.write(LOGIN);
  await vi.waitFor(() => expect(first.answers).toHaveLength(1), PATIENCE);
  const second = await dial(port);
  second.socket.write(Buffer.concat([LOGIN, pack(MESSAGES.heartbeat)]));
  await first.closed;
  await vi.waitFor(() => expect(second.answers).toHaveLength(2), PATIENCE);
  expect(host.refusals).toEqual([]);
  expect(host.takeovers).toEqual([['car-1', [HOST, HOST]]]);
});

describe('limits', () => {
  it('addresses that are not allowed', async () => {
    const { host, port } = await start({ allow: ['192.0.2.0/24'] });
    const { closed } = await dial(port);
    await closed;
    expect(host.refusals).toEqual([['not allowed', undefined]]);
  });

  it.each([{ connections: 1 }, { perAddress: 1 }])('connections: %j', async (limits) => {
    const { host, port } = await start({ limits });
    const first = await dial(port);
    first.socket.write(LOGIN);
    await vi.waitFor(() => expect(first.answers).toHaveLength(1), PATIENCE);
    await (
      await dial(port)
    ).closed;
    expect(host.refusals).toEqual([['too many connections', undefined]]);
    first.socket.destroy();
    await vi.waitFor(async () => {
      const next = await dial(port);
      next.socket.write(LOGIN);
      await vi.waitFor(() => expect(next.answers).toHaveLength(1), { timeout: 300, interval: 5 });
    }, PATIENCE);
  });

  it('silence, and not logging in', async () => {
    const { port } = await start({ limits: { idleS: 1 } });
    const silent = await dial(port);
    silent.socket.write(LOGIN);
    await silent.closed;
    expect(silent.answers).toHaveLength(1);
    const { port: strict } = await start({ limits: { loginS: 1 } });
    await (
      await dial(strict)
    ).closed;
  });

  it('a flood has to wait and loses nothing', async () => {
    const { host, port } = await start({ limits: { bytesPerS: 1_024 } });
    const { socket, answers } = await dial(port);
    const packets = Array.from({ length: 40 }, (_, i) => located(false, i + 2));
    socket.write(Buffer.concat([LOGIN, ...packets]));
    socket.write(located(true, 99));
    await vi.waitFor(() => expect(answers).toHaveLength(42), PATIENCE);
    expect(host.calls).toHaveLength(1);
    expect(host.refusals.length).toBeGreaterThan(0);
    expect(new Set(host.refusals.map(([why, device]) => `${why} ${device}`)).size).toBeLessThanOrEqual(2);
    expect(host.refusals[0]?.[0]).toBe('too fast');
  });
});

it('refuses a wrong configuration', () => {
  const open = (config: object) => () => openJt808(config, testContext('terminals'));
  expect(open({})).toThrow('listen');
  expect(open({ listen: { host: 'box.example', port: 7018 } })).toThrow('an address of this box');
  expect(open({ listen: { host: HOST, port: 7018 }, allow: ['0.0.0.0/0'] })).toThrow('allow');
  expect(open({ listen: { host: HOST, port: 7018 }, alow: [] })).toThrow('alow');
});
