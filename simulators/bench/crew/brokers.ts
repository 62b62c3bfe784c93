/**
 * What a message costs the box's broker and mosquitto, side by side: the same generator, the same login, the same packets, in turns on the same
 * machine. A hundred publishers, reports of 200 bytes, each device below its own prefix, as both brokers check for every packet. The
 * reports have one consumer each: for mosquitto a subscriber at the same QoS; for the box the gateway itself, which decodes and checks every
 * report and keeps the device's position. So mosquitto writes each message out once more, and the gateway reads each as JSON: what
 * is compared is the whole way to whoever wants it, except that mosquitto's subscriber, which would have to decode it too, is not counted.
 * What mosquitto takes while nobody listens is printed beside it, without a bar.
 * The guard of the box is on, with its rates lifted.
 *
 * At QoS 0 a publisher sends BURST packets and a ping, and goes on at its answer; at QoS 1 it has BURST packets without a receipt.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeTelemetry } from '../../../adapters/crew/bodycam/codec.ts';
import { brokerPort, layCrewBox } from '../../rigs/crew.ts';
import { openMqtt, PING, publishBytes, type MqttLogin, type RawMqtt } from '../../rigs/raw-mqtt.ts';
import { spawnGateway } from '../../product/gateway.ts';
import { freePort } from '../../product/free-port.ts';
import { cpuSeconds } from '../../product/processes.ts';
import { metric } from '../../rigs/road.ts';
import { measure, type Measure } from '../report.ts';

interface BrokersPlan {
  readonly publishers: number;
  /** Of each broker, at each QoS. */
  readonly rounds: number;
  readonly secondsEach: number;
}

export const WHOLE: BrokersPlan = { publishers: 100, rounds: 2, secondsEach: 4 };

const BURST = 20;
const WARM_S = 1;
const PAYLOAD_BYTES = 200;
const BARS = { 0: 0.45, 1: 0.6 } as const;
type Qos = 0 | 1;

interface Broker {
  readonly pid: number;
  readonly port: number;
  readonly logins: readonly MqttLogin[];
  /** Of whoever hears everything, where the broker does not consume it itself. */
  readonly listener: MqttLogin | undefined;
}

export async function measureBrokers(plan: BrokersPlan, progress: (text: string) => void): Promise<Measure[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-brokers-'));
  await using undo = new AsyncDisposableStack();
  const box = await startBox(join(folder.path, 'box'), plan, undo);
  const mosquitto = await startMosquitto(folder.path, box.logins, undo);
  const brokers = { mosquitto, alone: { ...mosquitto, listener: undefined }, box };
  const measures: Measure[] = [];
  for (const qos of [0, 1] as const) {
    const nothing = (): Spent => ({ messages: 0, cpuS: 0 });
    const sums = { mosquitto: nothing(), alone: nothing(), box: nothing() };
    for (let round = 0; round < plan.rounds; round++) {
      progress(`${plan.publishers} publishers at QoS ${qos}, round ${round + 1} of ${plan.rounds}`);
      for (const name of ['mosquitto', 'alone', 'box'] as const) {
        const { messages, cpuS } = await load(brokers[name], qos, plan);
        sums[name].messages += messages;
        sums[name].cpuS += cpuS;
      }
    }
    // What is acknowledged may be refused all the same; then nothing was compared.
    const [reports, least] = [await metric(box.url, 'sitebox_crew_reports_total'), sums.box.messages];
    if (reports < least) throw new Error(`the box took ${reports} reports of ${least} that it acknowledged`);
    measures.push(...compare(qos, sums, plan));
  }
  return measures;
}

interface Spent {
  messages: number;
  cpuS: number;
}

function compare(
  qos: Qos,
  { box, mosquitto, alone }: Readonly<Record<'box' | 'mosquitto' | 'alone', Spent>>,
  { rounds }: BrokersPlan,
): Measure[] {
  const perCpu = (of: Spent): number => Math.round(of.messages / of.cpuS);
  const ratio = Math.round((perCpu(box) / perCpu(mosquitto)) * 100) / 100;
  const unit = 'messages/processor-second';
  return [
    measure(`mosquitto, QoS ${qos}`, perCpu(mosquitto), unit, mosquitto.messages),
    measure(`mosquitto, QoS ${qos}, nobody listens`, perCpu(alone), unit, alone.messages),
    measure(`the box, QoS ${qos}, guard on`, perCpu(box), unit, box.messages),
    measure(`the box against mosquitto, QoS ${qos}`, ratio, '×', rounds, { least: BARS[qos] }),
  ];
}

async function startBox(folder: string, { publishers }: BrokersPlan, undo: AsyncDisposableStack) {
  const limits = { packetsPerS: 1_000_000, bytesPerS: 1_073_741_824 };
  const { site, logins } = await layCrewBox({ folder, devices: publishers, limits });
  const gateway = spawnGateway(site.configFile);
  undo.defer(() => gateway.kill());
  const port = await brokerPort(gateway);
  return { pid: gateway.pid, port, logins, listener: undefined, url: await gateway.url() };
}

/** With passwords and an access list, as `systemd/mosquitto-crew.conf` has it, and without the limits on what may wait for the subscriber. */
async function startMosquitto(
  folder: string,
  logins: readonly MqttLogin[],
  undo: AsyncDisposableStack,
): Promise<Broker> {
  const port = await freePort();
  const [passwords, acl, conf] = [join(folder, 'passwords'), join(folder, 'acl'), join(folder, 'mosquitto.conf')];
  const listener = { id: 'listener', secret: logins[0]!.secret };
  writeFileSync(passwords, [...logins, listener].map(({ id, secret }) => `${id}:${secret}\n`).join(''));
  execFileSync('mosquitto_passwd', ['-U', passwords]);
  writeFileSync(acl, 'pattern readwrite bodycam/v1/%u/#\nuser listener\ntopic read bodycam/v1/#\n');
  for (const file of [passwords, acl]) chmodSync(file, 0o644);
  const lines = [
    ...[`listener ${port} 127.0.0.1`, 'allow_anonymous false', `password_file ${passwords}`, `acl_file ${acl}`],
    ...['set_tcp_nodelay true', 'max_inflight_messages 0', 'max_queued_messages 0', 'log_type error'],
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(conf, `${lines.join('\n')}\n`);
  const child = spawn('mosquitto', ['-c', conf], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<unknown>((resolve) => child.once('exit', resolve).once('error', resolve));
  undo.defer(async () => {
    child.kill();
    await ended;
  });
  for (let tries = 100; ; tries--) {
    const link = await openMqtt(port, listener, undefined, {}).catch((error: unknown) => {
      if (tries === 0 || child.exitCode !== null) throw new Error('mosquitto does not answer', { cause: error });
      return undefined;
    });
    link?.close();
    if (link) return { pid: child.pid!, port, logins, listener };
    await sleep(50);
  }
}

/** Messages that arrived where they were to, and what the broker spent on them, from WARM_S on. */
async function load(broker: Broker, qos: Qos, plan: BrokersPlan): Promise<Spent> {
  const counts = { acknowledged: 0, heard: 0 };
  const links: RawMqtt[] = [];
  let over = false;
  if (broker.listener) {
    const hears = { published: () => void counts.heard++ };
    links.push(await openMqtt(broker.port, broker.listener, 'bodycam/v1/#', hears, qos));
  }
  for (const login of broker.logins) links.push(await startPublisher(broker.port, login, qos, counts, () => over));
  const taken = (): number => (broker.listener ? Math.min(counts.heard, counts.acknowledged) : counts.acknowledged);
  await sleep(WARM_S * 1000);
  const [messages, cpuS] = [taken(), cpuSeconds(broker.pid)];
  await sleep(plan.secondsEach * 1000);
  const result = { messages: taken() - messages, cpuS: cpuSeconds(broker.pid) - cpuS };
  over = true;
  // What is under way is not cut off, so that the next round finds a broker at rest.
  await sleep(WARM_S * 500);
  for (const link of links) link.close();
  await sleep(WARM_S * 500);
  return result;
}

async function startPublisher(
  port: number,
  login: MqttLogin,
  qos: Qos,
  counts: { acknowledged: number },
  isOver: () => boolean,
): Promise<RawMqtt> {
  const packets = Array.from({ length: BURST }, (_, i) => report(login.id, qos === 0 ? undefined : i + 1));
  const burst = (): void => packets.forEach((packet) => link.send(packet));
  const link = await openMqtt(port, login, undefined, {
    acknowledged(messageId) {
      counts.acknowledged++;
      if (!isOver()) link.send(packets[messageId - 1]!);
    },
    pong() {
      counts.acknowledged += BURST;
      if (!isOver()) again();
    },
  });
  const again = (): void => {
    burst();
    link.send(PING);
  };
  if (qos === 0) again();
  else burst();
  return link;
}

/** No number in it, so that none is passed over as a repeat. */
function report(id: string, messageId: number | undefined): Buffer {
  const position = { lat: 30.2741, lon: 120.1551, accuracyM: 5, speedKmh: 4 };
  const json = JSON.parse(encodeTelemetry({ at: Date.now(), position, batteryPercent: 80 }).toString()) as object;
  const bare = JSON.stringify({ ...json, pad: '' });
  const payload = JSON.stringify({ ...json, pad: 'x'.repeat(PAYLOAD_BYTES - bare.length) });
  return publishBytes(`bodycam/v1/${id}/telemetry`, Buffer.from(payload), messageId);
}
