/** The bucket by itself; and streams of broken packets against the whole broker. */
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  callForHelp,
  CONNACK,
  connectPacket,
  device,
  OFFICER,
  OTHER,
  packet,
  PING,
  PINGRESP,
  PUBACK,
  pubackPacket,
  publishPacket,
  rawClient,
  startBroker,
  subscribePacket,
  telemetry,
} from '../../../simulators/conformance/broker.ts';
import { SendBudget } from './guard.ts';

describe('the bucket', () => {
  it('holds one second, fills at its rate, and says how long to wait', () => {
    let now = 0;
    const budget = new SendBudget({ packetsPerS: 10, bytesPerS: 1_000 }, () => now);
    expect(budget.packets()).toBe(10);
    budget.take(10, 100);
    expect(budget.packets()).toBe(0);
    expect(budget.waitMs()).toBe(100);
    now = 250;
    expect(budget.packets()).toBe(2);
    now = 60_000;
    expect(budget.packets()).toBe(10);
  });

  it('pays bytes back that were overdrawn', () => {
    let now = 0;
    const budget = new SendBudget({ packetsPerS: 10, bytesPerS: 1_000 }, () => now);
    budget.take(1, 3_000);
    expect(budget.packets()).toBe(0);
    expect(budget.waitMs()).toBe(2_000);
    now = 1_999;
    expect(budget.packets()).toBe(0);
    now = 2_001;
    expect(budget.packets()).toBe(10);
  });
});

const COMMANDS = `bodycam/v1/${OFFICER.id}/cmd`;
const whole: readonly Buffer[] = [
  telemetry(OFFICER.id, { qos: 0 }),
  telemetry(OFFICER.id, { qos: 1 }),
  callForHelp('fuzzed'),
  publishPacket(`bodycam/v1/${OFFICER.id}/status`, { v: 1, online: true }, { retain: true }),
  publishPacket(`bodycam/v1/${OTHER.id}/telemetry`, '{}'),
  subscribePacket([COMMANDS, '#']),
  packet(0xa2, Buffer.from([0, 9, 0, 1, 35])),
  ...[pubackPacket(1), packet(0x50, Buffer.from([0, 1])), packet(0x62, Buffer.from([0, 1]))],
  ...[packet(0x70, Buffer.from([0, 1])), PING, packet(0xe0, Buffer.alloc(0))],
  connectPacket(),
];

/** A row of packets, most of them after a right login, with bytes changed, left out and put in. */
const streams = fc
  .record({
    login: fc.integer({ min: 0, max: 3 }).map((n) => (n === 0 ? Buffer.alloc(0) : connectPacket())),
    packets: fc.array(fc.constantFrom(...whole), { maxLength: 6 }),
    changes: fc.array(
      fc.record({ at: fc.nat(600), what: fc.constantFrom('change', 'drop', 'insert'), byte: fc.nat(255) }),
      { minLength: 1, maxLength: 4 },
    ),
    keepLogin: fc.boolean(),
    rest: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ login, packets, changes, keepLogin, rest }) => {
    const bytes = [...(keepLogin ? [] : login), ...packets.flatMap((p) => [...p]), ...rest];
    for (const { at, what, byte } of changes) {
      const index = at % Math.max(1, bytes.length);
      if (what === 'insert') bytes.splice(index, 0, byte);
      else if (what === 'drop') bytes.splice(index, 1);
      else bytes[index] = byte;
    }
    const bytesOfAll = Buffer.concat([keepLogin ? login : Buffer.alloc(0), Buffer.from(bytes)]);
    return { bytes: bytesOfAll, logsIn: keepLogin && login.length > 0 };
  });

it('survives 2,000 broken streams, and serves afterwards', async () => {
  const broker = startBroker({ limits: { perAddress: 64, packetsPerS: 100_000 } });
  onTestFinished(async () => void (await broker.stop()));
  const port = await broker.port();
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note));
  const waiting = fc.sample(streams, { numRuns: 2_000, seed: 1 });
  const worker = async (): Promise<void> => {
    for (let stream = waiting.pop(); stream; stream = waiting.pop()) {
      const client = await rawClient(port);
      client.send(stream.bytes);
      // They are all the same device: the next one may take its place before it is answered.
      if (stream.logsIn) await client.next(CONNACK).catch(() => undefined);
      client.socket.end();
      await client.closed;
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  const client = await device(port, { clientId: OTHER.id });
  client.send(Buffer.concat([telemetry(OTHER.id, { qos: 1 }), PING]));
  await Promise.all([client.next(PUBACK), client.next(PINGRESP)]);
  expect(uncaught).toEqual([]);
  expect(broker.host.reports.every((r) => r.device === OFFICER.id || r.device === OTHER.id)).toBe(true);
  // Each kind of refusal has been reached: the streams are not all broken in the same way.
  const kinds = new Set(broker.host.refusals.map(([why]) => why));
  expect([...kinds].sort()).toEqual(['login', 'malformed', 'not allowed', 'too large']);
});
