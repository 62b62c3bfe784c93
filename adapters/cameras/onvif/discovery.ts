/** Looks for cameras around the box, for a person who has asked: multicast probes (WS-Discovery), and ports that cameras have open. */
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import type { DiscoveredDevice, DiscoveryOptions } from '../../../gateway/contracts/onvif.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { macOf } from './mac.ts';
import { probe, PROBE_TYPES, readProbeMatch, type ProbeMatch } from './discovery.codec.ts';

const GROUP = '239.255.255.250';
const PORT = 3702;
/** Cameras answer after up to 500 ms (WS-Discovery, 3.1.3), slow ones later. */
const LISTEN_MS = 3_000;
const MAX_ANSWERS = 1_024;
/** HTTP, RTSP, Hikvision's and Dahua's own, the second HTTP. */
const CAMERA_PORTS = [80, 554, 8000, 37777, 8080];
/** Of the network part: 1,022 hosts. */
const MIN_PREFIX = 22;
const CONNECT_MS = 400;
/** Hosts that are tried at a time: 5 sockets each. */
const MAX_AT_ONCE = 64;
/** The whole look takes less than 10 s. */
const MAX_SCAN_MS = 8_500;

/** Sorted by address. */
export async function findDevices(
  { interfaces, subnet }: DiscoveryOptions,
  listenMs = LISTEN_MS,
): Promise<readonly DiscoveredDevice[]> {
  const hosts = subnet === undefined ? [] : hostsOf(subnet);
  const addresses = addressesOf(interfaces);
  const [answers, open] = await Promise.all([probeAll(addresses, listenMs), openPorts(hosts)]);
  const found = [...new Set([...answers.keys(), ...open.keys()])];
  return found.sort(byNumber).map((address) => {
    const match = answers.get(address);
    return {
      address,
      onvifPort: match?.port,
      name: match?.name,
      model: match?.model,
      mac: macOf(address),
      openPorts: open.get(address) ?? [],
    };
  });
}

/** The IPv4 addresses of the named interfaces, or of all but loopback. */
function addressesOf(names: readonly string[] | undefined): string[] {
  const all = networkInterfaces();
  const unknown = names?.find((name) => !all[name]?.some((one) => one.family === 'IPv4'));
  if (unknown !== undefined) {
    const known = Object.keys(all).join(', ');
    throw new CameraError(english('cameras-no-interface', { name: unknown, known }));
  }
  const chosen = Object.entries(all).filter(([name]) => names === undefined || names.includes(name));
  return chosen.flatMap(([, list = []]) =>
    list.filter((one) => one.family === 'IPv4' && (names !== undefined || !one.internal)).map((one) => one.address),
  );
}

/** One socket for each address of the box, so that each network hears the probe. Gives the first answer of each host. */
async function probeAll(addresses: readonly string[], listenMs: number): Promise<Map<string, ProbeMatch>> {
  const answers = new Map<string, ProbeMatch>();
  await Promise.all(addresses.map((address) => probeFrom(address, answers, listenMs)));
  return answers;
}

async function probeFrom(address: string, answers: Map<string, ProbeMatch>, listenMs: number): Promise<void> {
  const asked = new Set<string>();
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const failed = Promise.withResolvers<void>();
  // A cable without a link, a firewall: that network has no answer.
  socket.on('error', () => failed.resolve());
  socket.on('message', (bytes, { address: from }) => {
    if (answers.size >= MAX_ANSWERS || answers.has(from)) return;
    const match = readProbeMatch(bytes.toString('utf8'));
    if (match && asked.has(match.relatesTo)) answers.set(from, match);
  });
  socket.bind({ address, port: 0 }, () => {
    try {
      socket.setMulticastInterface(address);
      socket.setMulticastTTL(1);
      for (const types of PROBE_TYPES) {
        const id = randomUUID();
        asked.add(id);
        // What cannot be sent is heard of by nobody; the other networks are asked all the same.
        socket.send(probe(id, types), PORT, GROUP, () => undefined);
      }
    } catch {
      failed.resolve();
    }
  });
  await Promise.race([sleep(timerMs(listenMs)), failed.promise]);
  socket.removeAllListeners('message');
  socket.close();
}

/** The hosts of an IPv4 network in CIDR form. Throws where it is none, or larger than /22. */
function hostsOf(subnet: string): string[] {
  const [, address = '', bits = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(subnet) ?? [];
  const parts = address.split('.').map(Number);
  const prefix = Number(bits);
  if (parts.length !== 4 || parts.some((part) => part > 255) || prefix < MIN_PREFIX || prefix > 32)
    throw new CameraError(english('cameras-subnet-form', { most: MIN_PREFIX }));
  const size = 2 ** (32 - prefix);
  const first = Math.floor(parts.reduce((sum, part) => sum * 256 + part, 0) / size) * size;
  // The first names the network, the last is its broadcast address; a /31 and a /32 have neither.
  const [from, to] = size > 2 ? [first + 1, first + size - 2] : [first, first + size - 1];
  return Array.from({ length: to - from + 1 }, (_, i) => dotted(from + i));
}

const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const byNumber = (a: string, b: string): number => numberOf(a) - numberOf(b);

/** Which hosts have which of the ports open. A connection that opens is closed at once. */
async function openPorts(hosts: readonly string[]): Promise<Map<string, number[]>> {
  const open = new Map<string, number[]>();
  const waiting = [...hosts];
  const endsAt = performance.now() + MAX_SCAN_MS;
  const work = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined && performance.now() < endsAt; host = waiting.shift()) {
      const tried = await Promise.all(CAMERA_PORTS.map((port) => isOpen(host, port)));
      const ports = CAMERA_PORTS.filter((_, i) => tried[i]);
      if (ports.length > 0) open.set(host, ports);
    }
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, work));
  return open;
}

/** Whether a TCP port takes a connection. Nothing is sent. */
export function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(CONNECT_MS, end(false)).on('connect', end(true)).on('error', end(false));
  });
}
