/**
 * Aircraft that report by MAVLink 2 over UDP. The box only listens: there is no way to the aircraft in this file, and a test looks
 * that it stays so. Nothing that comes is authenticated: a sender that forges the source address of an aircraft can speak for it, so its
 * positions are marked untrusted.
 */
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { EquipmentHost, CrewDevice, DeviceReport, OpenEquipment } from '../../../gateway/contracts/crew.ts';
import { TokenBucket } from '../../../gateway/contracts/rate-limiter.ts';
import { openAllowList } from '../../shared/allow.ts';
import { openFrameTrust, type FrameTrust } from '../../shared/frame-trust.ts';
import { listenKey, notListening } from '../../shared/listen.ts';
import { AUTOPILOT, readDatagram, type FrameResult, type MavlinkFrame, type MavlinkMessage } from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const config = z.strictObject({
  listen: listenKey,
  allow: z
    .array(z.string().refine((address) => isIP(address) !== 0, english('mavlink-address')))
    .min(1)
    .max(64),
  /** System ids of aircraft, and the devices that they are; for the others the registered serials say it. */
  systems: z.record(z.string().regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)$/), z.string()).optional(),
});

type Systems = z.infer<typeof config>['systems'];

/** More than the link of any aircraft takes. */
const MAX_DATAGRAM_BYTES = 2_048;
/** From one address. */
const DATAGRAMS_PER_S = 500;
/** Autopilots send ten a second and more. */
export const INTACT_BEFORE_TRUST = 32;

/** Checks the configuration; `run` listens. It rejects when it cannot, in words that name address and key. */
export const openMavlink: OpenEquipment = (value, context) => {
  const { listen, allow, systems } = context.check(config, value);
  const allows = openAllowList(allow);
  return {
    async run(host, signal) {
      if (signal.aborted) return;
      const { promise: over, resolve: end, reject: lose } = Promise.withResolvers<void>();
      const socket = createSocket({ type: isIP(listen.host) === 6 ? 'udp6' : 'udp4' });
      const senders = new Map<string, ReturnType<typeof openDatagramReader>>();
      socket.on('message', (datagram, { address }) => {
        if (!allows(address)) return host.refused('not allowed');
        const sender = senders.get(address) ?? openDatagramReader(host, systems);
        senders.set(address, sender);
        sender(datagram);
      });
      socket.on('error', (error) => lose(notListening(listen, error)));
      signal.addEventListener('abort', () => end(), { once: true });
      try {
        socket.bind({ port: listen.port, address: listen.host, exclusive: true }, () =>
          context.log.info({ equipment: context.id, listen: socket.address() }, 'listening'),
        );
        await over;
      } finally {
        await new Promise<void>((resolve) => socket.close(() => resolve()));
      }
    },
  };
};

/** Takes the datagrams of one address. */
export function openDatagramReader(host: EquipmentHost, systems: Systems): (datagram: Uint8Array) => void {
  const trust = openFrameTrust(INTACT_BEFORE_TRUST);
  const limit = new TokenBucket({ size: DATAGRAMS_PER_S, perS: DATAGRAMS_PER_S });
  return (datagram) => {
    if (!limit.tryTake()) return host.refused('too fast');
    if (datagram.length > MAX_DATAGRAM_BYTES) return host.refused('too large');
    for (const result of readDatagram(datagram)) receive(host, systems, trust, result);
  };
}

function receive(host: EquipmentHost, systems: Systems, trust: FrameTrust, result: FrameResult): void {
  if (result === 'other') return;
  if (typeof result === 'string') {
    if (result === 'damaged') trust.damaged();
    return host.refused('malformed');
  }
  const isTrusted = trust.intact();
  // Cameras, gimbals and companion computers speak under the number of their aircraft too.
  if (result.component !== AUTOPILOT) return;
  const device = deviceOf(host, systems, result);
  if (!device) return host.refused('unknown device');
  const { message } = result;
  const field = 'odd' in message ? message.odd : undefined;
  const odd =
    field === undefined
      ? {}
      : { invalidFields: [{ field, why: english('field-of-protocol', { protocol: 'MAVLink' }) }] };
  host.report({ device: device.id, at: Date.now(), ...reportOf(message, isTrusted), ...odd });
}

function deviceOf(host: EquipmentHost, systems: Systems, { system }: MavlinkFrame): CrewDevice | undefined {
  const named = systems?.[String(system)];
  if (named === undefined) return host.bySerial('mavlink', String(system));
  const device = host.device(named);
  return device?.protocol === 'mavlink' ? device : undefined;
}

/** Slower than this, where it flies to is noise. */
const COURSE_FROM_KMH = 2;

function reportOf(message: MavlinkMessage, isTrusted: boolean): Partial<DeviceReport> {
  switch (message.kind) {
    case 'heartbeat':
      // Armed: its motors are on, or may be at any moment.
      return { flight: message.armed ? 'flying' : 'ground' };
    case 'system':
      return message.batteryPercent === undefined ? {} : { batteryPercent: message.batteryPercent };
    case 'battery': {
      const { battery, batteryPercent, charging } = message;
      if (battery !== 0) return {};
      return {
        ...(batteryPercent === undefined ? {} : { batteryPercent }),
        ...(charging === undefined ? {} : { charging }),
      };
    }
    case 'position': {
      const { lat, lon, altitudeM, velocity } = message;
      if (!isTrusted || (lat === 0 && lon === 0)) return {};
      const [north, east] = velocity;
      const speedKmh = Math.hypot(north, east) * 3.6;
      const courseDeg = ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
      const moves = speedKmh >= COURSE_FROM_KMH;
      return { position: { lat, lon, altitudeM, speedKmh, ...(moves ? { courseDeg } : {}), trusted: false } };
    }
  }
}
