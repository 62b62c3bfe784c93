/** The autopilot of an aircraft: MAVLink 2 over UDP. It receives nothing. */
import { createSocket, type Socket } from 'node:dgram';
import { writeFrame, type MavlinkMessage } from '../../../adapters/crew/mavlink/codec.ts';
import type { LinkEvents, DeviceLink } from './types.ts';
import type { HostAndPort } from './jt808.ts';

/** MAV_TYPE_QUADROTOR, MAV_STATE_ACTIVE */
const HEARTBEAT: MavlinkMessage = { kind: 'heartbeat', type: 2, armed: true, state: 4 };
const CELLS_V = { full: 16.8, empty: 13.2 } as const;

export function openAutopilot(events: LinkEvents, { host, port }: HostAndPort): DeviceLink {
  const system = Number(events.spec.serials?.[0]);
  if (!(system >= 1 && system <= 255)) throw new Error(`${events.spec.id}: mavlink needs its system id, 1 to 255`);
  let socket: Socket | undefined;
  let sequence = 0;
  const send = (...messages: MavlinkMessage[]): void => {
    const frames = messages.map((message) => {
      sequence = (sequence + 1) & 0xff;
      const frame = writeFrame(
        { system: events.has('wrong credential') ? (system % 255) + 1 : system, sequence },
        message,
      );
      // A bit of the payload, so that the checksum does not fit any more.
      return events.has('wrong checksum') && sequence % 3 === 0 ? frame.map((b, at) => (at === 10 ? b ^ 1 : b)) : frame;
    });
    const datagrams = events.has('joined') ? [Buffer.concat(frames)] : frames;
    for (const datagram of datagrams) socket?.send(datagram, port, host, () => undefined);
  };
  return {
    connect() {
      if (socket) return;
      const opened = createSocket('udp4').on('error', () => undefined);
      socket = opened;
      // One that never sends any more keeps no program alive.
      opened.unref();
      events.connected();
    },
    disconnect() {
      const leaving = socket;
      socket = undefined;
      events.disconnected();
      if (!leaving) return Promise.resolve();
      return new Promise((resolve) => leaving.close(() => resolve()));
    },
    report({ fix, batteryPercent }) {
      const { lat, lon, altitudeM, speedKmh, courseDeg } = fix;
      const course = (courseDeg * Math.PI) / 180;
      const speed = speedKmh / 3.6;
      const velocity = [speed * Math.cos(course), speed * Math.sin(course), 0] as const;
      const voltageV = CELLS_V.empty + ((CELLS_V.full - CELLS_V.empty) * batteryPercent) / 100;
      send(
        HEARTBEAT,
        { kind: 'position', lat, lon, altitudeM, heightM: 80, velocity, headingDeg: courseDeg },
        { kind: 'system', voltageV, currentA: 14, batteryPercent },
        { kind: 'battery', battery: 0, voltageV, currentA: 14, batteryPercent },
      );
    },
  };
}
