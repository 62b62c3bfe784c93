/**
 * A thousand body-cams on one box that has a crew, no lane, and a command room to tell: what they cost it, how fast a call for help goes round,
 * and what one that floods does to the others. The gateway is a process of its own; devices and command room live in this one, so its load
 * is part of the machine's.
 */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSos, encodeTelemetry } from '../../../adapters/crew/bodycam/codec.ts';
import { brokerPort, layCrewBox } from '../../rigs/crew.ts';
import { openMqtt, publishBytes, type Hears, type MqttLogin, type RawMqtt } from '../../rigs/raw-mqtt.ts';
import { spawnGateway } from '../../product/gateway.ts';
import { startRoom } from '../../command-room/room.ts';
import { memoryMiB } from '../../product/processes.ts';
import { newSecret } from '../../product/site.ts';
import { metric } from '../../rigs/road.ts';
import { measure, milliseconds, percentile, type Measure } from '../report.ts';

interface FleetPlan {
  readonly devices: number;
  /** How long the fleet only reports, and how long each half of the flood's measure takes. */
  readonly seconds: number;
  readonly calls: number;
}

export const WHOLE: FleetPlan = { devices: 1_000, seconds: 15, calls: 40 };

const REPORT_EVERY_S = 10;
/** argon2 takes some 20 ms of a processor for each. */
const LOGINS_AT_ONCE = 16;
const CALL_EVERY_MS = 1_000;
/** Others whose receipts are timed while one floods, and how often each of them asks for one. */
const TIMED = 50;
const ASK_EVERY_MS = 100;
/** The broker's limit is `packetsPerS` of its configuration, 300 unless told. */
const LIMIT_PER_S = 300;
const FLOOD = { times: 10, everyMs: 10 };
const PATIENCE_MS = 10_000;

/** A device that reports, acknowledges what it is told, and can be asked how long its receipts take. */
interface Device {
  readonly id: string;
  readonly link: RawMqtt;
  readonly receipts: Map<number, () => void>;
}

export async function measureFleet(plan: FleetPlan, progress: (text: string) => void): Promise<Measure[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-fleet-'));
  await using undo = new AsyncDisposableStack();
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.defer(() => room.close());
  const { site, logins } = await layCrewBox({ folder: folder.path, devices: plan.devices, roomUrl: room.url });
  const gateway = spawnGateway(site.configFile, { env: { ROOM_SECRET: secret } });
  undo.defer(() => gateway.kill());
  const [port, url] = [await brokerPort(gateway), await gateway.url()];
  progress(`${plan.devices} body-cams log in`);
  const ears = openEars();
  const devices = await connectAll(port, logins, ears);
  undo.defer(() => devices.forEach((d) => d.link.close()));
  undo.defer(startReports(devices));

  // The first interval belongs to the logins; scraping starts the next one.
  await sleep(REPORT_EVERY_S * 1000);
  await loopDelayMs(url);
  progress(`they report for ${plan.seconds} s`);
  await sleep(plan.seconds * 1000);
  const quietLoop = await loopDelayMs(url);
  const connected = await metric(url, 'sitebox_crew_devices_online');
  progress(`${plan.calls} of them call for help`);
  const calls = await measureCalls(devices, plan, ears);
  const callLoop = await loopDelayMs(url);
  progress('one of them floods');
  const flood = await measureFlood(devices, plan);
  const peakMiB = Math.round(memoryMiB(gateway.pid, 'VmHWM'));
  const n = devices.length;
  return [
    measure('body-cams connected and reporting every 10 s', connected, 'devices', n, { least: n }),
    measure('memory of the gateway at its most, logins included', peakMiB, 'MiB', n, { most: 400 }),
    milliseconds('event loop of the gateway late, p99', quietLoop, plan.seconds * 100, { most: 50 }),
    milliseconds('event loop late while calls for help go round, p99', callLoop, plan.calls * 100),
    ...calls,
    ...flood,
  ];
}

/** Who is told of each message that any device hears. */
function openEars() {
  const listeners = new Set<(device: string, payload: Buffer) => void>();
  return {
    tell: (device: string, payload: Buffer) => listeners.forEach((l) => l(device, payload)),
    listen(listener: (device: string, payload: Buffer) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

type Ears = ReturnType<typeof openEars>;

async function connectAll(port: number, logins: readonly MqttLogin[], ears: Ears): Promise<Device[]> {
  const devices: Device[] = [];
  const waiting = [...logins];
  const connectSome = async (): Promise<void> => {
    for (let login = waiting.shift(); login; login = waiting.shift()) {
      const { id } = login;
      const receipts: Device['receipts'] = new Map();
      const hears: Hears = {
        published: (payload) => ears.tell(id, payload),
        acknowledged(messageId) {
          receipts.get(messageId)?.();
          receipts.delete(messageId);
        },
      };
      devices.push({ id, receipts, link: await openMqtt(port, login, `bodycam/v1/${id}/cmd`, hears) });
    }
  };
  await Promise.all(Array.from({ length: LOGINS_AT_ONCE }, connectSome));
  return devices;
}

const BASE = { lat: 30.2741, lon: 120.1551 };

const telemetry = (id: string, messageId?: number): Buffer => {
  const position = {
    lat: BASE.lat + Math.random() / 1e4,
    lon: BASE.lon + Math.random() / 1e4,
    accuracyM: 5,
    speedKmh: 4,
  };
  const payload = encodeTelemetry({ at: Date.now(), position, batteryPercent: 80, recording: 'on', signalDbm: -70 });
  return publishBytes(`bodycam/v1/${id}/telemetry`, payload, messageId);
};

/** Each device every 10 s, spread evenly, at QoS 0, until the function it gives is called. */
function startReports(devices: readonly Device[]): () => void {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / (REPORT_EVERY_S * 1000)) * devices.length;
    for (; sent < due; sent++) {
      const device = devices[sent % devices.length]!;
      device.link.send(telemetry(device.id));
    }
  }, 5);
  return () => clearInterval(timer);
}

/** One device after the other calls; when it has its receipt the call is on disk, and when the last of the others has heard it, all know. */
async function measureCalls(devices: readonly Device[], plan: FleetPlan, ears: Ears): Promise<Measure[]> {
  const [stored, everywhere]: [number[], number[]] = [[], []];
  let unheard = 0;
  const step = Math.max(1, Math.floor(devices.length / plan.calls));
  for (let i = 0; i < plan.calls; i++) {
    const caller = devices[(i * step) % devices.length]!;
    const others = new Set(devices.filter((d) => d !== caller).map((d) => d.id));
    const all = Promise.withResolvers<number>();
    const receipt = Promise.withResolvers<number>();
    const stop = ears.listen((device, payload) => {
      // Nobody else calls meanwhile; the caller's own message is its acknowledgement.
      if (!payload.includes('"sos":{') || !others.delete(device) || others.size > 0) return;
      all.resolve(performance.now());
    });
    caller.receipts.set(1, () => receipt.resolve(performance.now()));
    const payload = encodeSos({ sos: `call-${i}`, state: 'raised', at: Date.now(), position: BASE });
    const began = performance.now();
    caller.link.send(publishBytes(`bodycam/v1/${caller.id}/sos`, payload, 1));
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => NaN);
    const [at, allAt] = await Promise.all([Promise.race([receipt.promise, late]), Promise.race([all.promise, late])]);
    stop();
    stored.push(at - began);
    if (Number.isNaN(allAt)) unheard += others.size;
    else everywhere.push(allAt - began);
    await sleep(Math.max(0, CALL_EVERY_MS - (performance.now() - began)));
  }
  const n = plan.calls;
  const onOthers = 'call for help: on every other device';
  return [
    milliseconds('call for help: receipt, on disk, p99', percentile(stored, 99), n, { most: 250 }),
    milliseconds(`${onOthers}, p50`, percentile(everywhere, 50), everywhere.length),
    milliseconds(`${onOthers}, p99`, percentile(everywhere, 99), everywhere.length, { most: 250 }),
    measure('call for help: devices that did not hear of one', unheard, 'devices', n, { most: 0 }),
  ];
}

/** Receipts of others while nobody floods, and while one does. */
async function measureFlood(devices: readonly Device[], { seconds }: FleetPlan): Promise<Measure[]> {
  const [flooding, ...rest] = devices as [Device, ...Device[]];
  const timed = rest.slice(0, TIMED);
  const quiet = await receiptsMs(timed, seconds);
  let sent = 0;
  const began = performance.now();
  const packet = telemetry(flooding.id, 1);
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * LIMIT_PER_S * FLOOD.times;
    // What the box does not take piles up here; a device has no more room than this.
    for (; sent < due && flooding.link.socket.writableLength < 1e6; sent++) flooding.link.send(packet);
  }, FLOOD.everyMs);
  const flooded = await receiptsMs(timed, seconds);
  const offeredS = sent / ((performance.now() - began) / 1000);
  clearInterval(timer);
  flooding.link.close();
  const p99 = (values: readonly number[]): number => Math.round(percentile(values, 99) * 100) / 100;
  const ratio = Math.round((p99(flooded) / p99(quiet)) * 100) / 100;
  const meanwhile = `the same while one sends ${Math.round(offeredS)} packets/s (limit ${LIMIT_PER_S}), p99`;
  return [
    measure(`receipts of ${timed.length} others, quiet, p99`, p99(quiet), 'ms', quiet.length),
    measure(meanwhile, p99(flooded), 'ms', flooded.length),
    measure('flood: p99 of the others against quiet', ratio, '×', flooded.length, { most: 5 }),
  ];
}

/** Each of `devices` asks ten times a second, one after the other; a receipt that never comes counts as the whole patience. */
async function receiptsMs(devices: readonly Device[], seconds: number): Promise<number[]> {
  const taken: number[] = [];
  const began = performance.now();
  const waiting: Promise<void>[] = [];
  let messageId = 100;
  for (let i = 0; performance.now() - began < seconds * 1000; i++) {
    const due = began + (i * ASK_EVERY_MS) / devices.length;
    const ahead = due - performance.now();
    if (ahead >= 1) await sleep(ahead);
    const device = devices[i % devices.length]!;
    const id = (messageId = (messageId % 60_000) + 100);
    const sentAt = performance.now();
    waiting.push(
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(late);
          device.receipts.delete(id);
          taken.push(performance.now() - sentAt);
          resolve();
        };
        const late = setTimeout(end, PATIENCE_MS);
        device.receipts.set(id, end);
        device.link.send(telemetry(device.id, id));
      }),
    );
  }
  await Promise.all(waiting);
  return taken;
}

/** The p99 since it was asked last; NaN where the box does not say it. */
async function loopDelayMs(url: string): Promise<number> {
  const seconds = await metric(url, 'sitebox_event_loop_delay_seconds', 'quantile="0.99"');
  return seconds > 0 ? seconds * 1_000 : NaN;
}
