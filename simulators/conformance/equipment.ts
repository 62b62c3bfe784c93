/**
 * What every equipment adapter must do: abort ends it and frees what it held, loss rejects, the host is not called after the end. And a host
 * for tests, which records the calls of equipment.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import type {
  EquipmentHost,
  CrewRefusal,
  CrewDevice,
  DeviceReport,
  Equipment,
  OrderAnswer,
  Protocol,
  SosReport,
} from '../../gateway/contracts/crew.ts';
import { PATIENCE } from './source.ts';

/** A fitting of one test: equipment, and a device that speaks to it for real. */
export interface EquipmentBench {
  /** New for each test. */
  readonly host: TestHost;
  readonly equipment: Equipment;
  /** A device sends a report; called again and again until `host` has it. May reject while the equipment does not listen. */
  speak(): void | Promise<void>;
  /** What the equipment speaks through goes away for good. Absent where there is nothing to lose: a port of the box's own stays. */
  readonly lose?: () => void | Promise<void>;
  /** Of equipment that listens: the same on this port of 127.0.0.1, which is in use. */
  readonly onPort?: { readonly over: 'tcp' | 'udp'; open(port: number): Equipment };
  close(): void | Promise<void>;
}

export interface TestHost extends EquipmentHost {
  /** A device taken out of it is revoked. */
  readonly devices: Map<string, CrewDevice>;
  /** User -> secret. */
  readonly secrets: Map<string, string>;
  readonly reports: DeviceReport[];
  readonly calls: SosReport[];
  readonly answers: OrderAnswer[];
  readonly deliveries: (readonly [device: string, message: string])[];
  readonly presences: (readonly [device: string, online: boolean, cleanDisconnect?: boolean])[];
  readonly refusals: (readonly [why: CrewRefusal, device: string | undefined])[];
  /** Logins that could not be judged. */
  readonly loginErrors: (readonly [error: unknown, name: string | undefined])[];
  readonly takeovers: (readonly [device: string, addresses: readonly (string | undefined)[]])[];
  readonly loginFailures: (readonly [name: string, address: string | undefined])[];
  /** While it is set, nothing can be kept. */
  storeError: Error | undefined;
  /** How often equipment has said anything at all. */
  eventCount(): number;
  /** Runs inside each call of `sos`, before anything is kept. */
  onSos: ((report: SosReport) => void) | undefined;
}

export const crewDevice = (id: string, more: Partial<CrewDevice> = {}): CrewDevice => ({
  id,
  kind: 'bodycam',
  role: 'officer',
  protocol: 'bodycam',
  serials: [],
  ...more,
});

/** Every device's secret is `secret of ID` until it is changed in `secrets`; its authentication code changes with it. */
export function openTestHost(devices: readonly CrewDevice[]): TestHost {
  const kept = {
    reports: [] as DeviceReport[],
    calls: [] as SosReport[],
    answers: [] as OrderAnswer[],
    deliveries: [] as (readonly [string, string])[],
    presences: [] as (readonly [string, boolean, boolean?])[],
    refusals: [] as (readonly [CrewRefusal, string | undefined])[],
    loginErrors: [] as TestHost['loginErrors'][number][],
    takeovers: [] as TestHost['takeovers'][number][],
    loginFailures: [] as TestHost['loginFailures'][number][],
  };
  const registered = new Map(devices.map((d) => [d.id, d]));
  const secrets = new Map(devices.map((d) => [d.id, `secret of ${d.id}`]));
  const keep = <T>(list: T[], item: T): void => {
    if (host.storeError) throw host.storeError;
    list.push(item);
  };
  const host: TestHost = {
    ...kept,
    devices: registered,
    secrets,
    storeError: undefined,
    onSos: undefined,
    eventCount: () => Object.values(kept).reduce((sum, list) => sum + list.length, 0),
    device: (id) => registered.get(id),
    bySerial: (protocol: Protocol, serial) =>
      [...registered.values()].find((d) => d.protocol === protocol && d.serials.includes(serial)),
    login: (user, secret) =>
      Promise.resolve(secrets.get(user) === Buffer.from(secret).toString('utf8') ? registered.get(user) : undefined),
    authCode: (id) => (secrets.get(id) === `secret of ${id}` ? `code of ${id}` : `another code of ${id}`),
    report: (report) => void kept.reports.push(report),
    sos(report) {
      host.onSos?.(report);
      keep(kept.calls, report);
    },
    orderAnswer: (answer) => keep(kept.answers, answer),
    delivered: (device, message) => keep(kept.deliveries, [device, message] as const),
    presence: (device, online, cleanDisconnect) =>
      void kept.presences.push(cleanDisconnect ? [device, online, cleanDisconnect] : [device, online]),
    sessionTakenOver: (device, addresses) => void kept.takeovers.push([device, addresses]),
    loginFailed: (name, address) => void kept.loginFailures.push([name, address]),
    loginError: (error, name) => void kept.loginErrors.push([error, name]),
    refused: (why, device) => void kept.refusals.push([why, device]),
  };
  return host;
}

/** Runs `equipment`. `ended` settles with undefined after an abort, with the error after a loss. */
export function runEquipment(
  equipment: Equipment,
  host: EquipmentHost,
): { readonly ended: Promise<unknown>; readonly abort: () => void } {
  const controller = new AbortController();
  const ended = equipment.run(host, controller.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ended, abort: () => controller.abort() };
}

/** The port that equipment has taken, by what it has logged: `listening {…"port":1234…}`; `which` is found in the same line. */
export async function listeningPort(context: { said(): string }, which = ''): Promise<number> {
  return vi.waitFor(() => {
    const line = context
      .said()
      .split('\n')
      .findLast((l) => l.startsWith('listening') && l.includes(which));
    const port = /"port":(\d+)/.exec(line ?? '')?.[1];
    if (port === undefined) throw new Error('it does not listen yet');
    return Number(port);
  }, PATIENCE);
}

/** Has the device send until the host gets a report. */
async function hear(bench: EquipmentBench): Promise<void> {
  const before = bench.host.reports.length;
  await vi.waitFor(async () => {
    await bench.speak();
    await vi.waitFor(() => expect(bench.host.reports.length).toBeGreaterThan(before), { timeout: 500, interval: 5 });
  }, PATIENCE);
}

async function occupy(over: 'tcp' | 'udp'): Promise<{ port: number; free: () => void }> {
  if (over === 'udp') {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { port: socket.address().port, free: () => void socket.close() };
  }
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, free: () => void server.close() };
}

/** The tests of one equipment. `open` makes a new bench for each; nothing runs yet. */
export function conforms(open: () => Promise<EquipmentBench>): void {
  const withBench = async (body: (bench: EquipmentBench) => Promise<void>): Promise<void> => {
    const bench = await open();
    try {
      await body(bench);
    } finally {
      await bench.close();
    }
  };
  /** A device that goes on sending causes no call of the host, neither at once nor after the close. */
  const saysNoMore = async (bench: EquipmentBench): Promise<void> => {
    const atEnd = bench.host.eventCount();
    await Promise.resolve(bench.speak()).catch(() => undefined);
    await bench.close();
    expect(bench.host.eventCount()).toBe(atEnd);
  };

  it('resolves when aborted, and says nothing afterwards', () =>
    withBench(async (bench) => {
      const run = runEquipment(bench.equipment, bench.host);
      await hear(bench);
      run.abort();
      expect(await run.ended).toBeUndefined();
      await saysNoMore(bench);
    }));

  it('resolves at once when aborted before it starts', () =>
    withBench(async ({ equipment, host }) => {
      await equipment.run(host, AbortSignal.abort());
      expect(host.eventCount()).toBe(0);
    }));

  it('frees what it held: it can be run again', () =>
    withBench(async (bench) => {
      for (const _ of [1, 2]) {
        const run = runEquipment(bench.equipment, bench.host);
        await hear(bench);
        run.abort();
        expect(await run.ended).toBeUndefined();
      }
    }));

  it('rejects when what it speaks through is lost, and says nothing afterwards', () =>
    withBench(async (bench) => {
      if (!bench.lose) return;
      const run = runEquipment(bench.equipment, bench.host);
      await hear(bench);
      await bench.lose();
      expect(await run.ended).toBeInstanceOf(Error);
      await saysNoMore(bench);
    }));

  it('rejects when its port is in use, and names the address and the key to change', () =>
    withBench(async (bench) => {
      if (!bench.onPort) return;
      const { port, free } = await occupy(bench.onPort.over);
      try {
        const error = await runEquipment(bench.onPort.open(port), bench.host).ended;
        expect(error).toBeInstanceOf(Error);
        expect((error as Error).message).toContain('127.0.0.1');
        expect((error as Error).message).toContain(String(port));
        expect((error as Error).message).toContain('`listen.port`');
      } finally {
        free();
      }
    }));
}
