/** One device of each kind and what the box reads it with, joined by bytes alone: for damaging these on their way. */
import { duplexPair } from 'node:stream';
import { decodeTelemetry, encodeTelemetry } from '../../../adapters/crew/bodycam/codec.ts';
import { openCrewBroker } from '../../../adapters/crew/broker/broker.ts';
import { brokerConfig } from '../../../adapters/crew/broker/config.ts';
import { decodeOsd, encodeOsd } from '../../../adapters/crew/dji/codec.ts';
import { MESSAGES, writeCode, writePacket, type Layout } from '../../../adapters/crew/jt808/codec.ts';
import { writeLocation } from '../../../adapters/crew/jt808/location.codec.ts';
import { TerminalSession } from '../../../adapters/crew/jt808/session.ts';
import { writeFrame } from '../../../adapters/crew/mavlink/codec.ts';
import { openDatagramReader } from '../../../adapters/crew/mavlink/equipment.ts';
import { openSentenceReader, writeReading } from '../../../adapters/crew/nmea/codec.ts';
import { openReceiver } from '../../../adapters/crew/nmea/equipment.ts';
import { Malformed } from '../../../adapters/crew/topics/codec.ts';
import type { EquipmentHost, CrewDevice, DeviceReport } from '../../../gateway/contracts/crew.ts';
import type { MovementProfile, ReceiverFix } from '../../devices/crew/walk.ts';
import { connectBytes, PING, publishBytes } from '../../rigs/raw-mqtt.ts';

export interface ProtocolInput {
  /** One report of the device, as it goes out. */
  write(fix: ReceiverFix, at: number): Uint8Array;
  /** The box has dealt with the bytes when this returns, or resolves. Throws what the box did not catch. */
  feed(bytes: Uint8Array): void | Promise<void>;
  close?(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  readonly device: CrewDevice;
  readonly gait: MovementProfile;
  /** Between two reports. */
  readonly everyS: number;
  open(host: EquipmentHost): ProtocolInput | Promise<ProtocolInput>;
}

const PHONE = '10000000001';
const SYSTEM = 7;
const SERIALS = ['RC0000001', 'DRONE0001'] as const;

type Described = Pick<CrewDevice, 'protocol' | 'kind'> & { readonly serials?: readonly string[] };

/** `open` as in Kind, told which device it is for. */
function kind(
  name: string,
  { serials = [], ...is }: Described,
  how: { readonly gait: MovementProfile; readonly everyS: number },
  open: (host: EquipmentHost, id: string) => ProtocolInput | Promise<ProtocolInput>,
): Kind {
  const id = name.replaceAll(' ', '-').toLowerCase();
  const device: CrewDevice = { id, role: 'officer', serials, ...is };
  return { name, device, ...how, open: (host) => open(host, id) };
}

/** A position and nothing else, but for what the layout asks for. */
export const KINDS: readonly Kind[] = [
  kind('body-cam', { protocol: 'bodycam', kind: 'bodycam' }, { gait: 'walk', everyS: 10 }, openBodycam),
  kind('MQTT packet', { protocol: 'bodycam', kind: 'bodycam' }, { gait: 'walk', everyS: 10 }, openMqttPackets),
  kind('DJI', { protocol: 'dji', kind: 'drone', serials: SERIALS }, { gait: 'fly', everyS: 2 }, openDji),
  kind(
    ...(['JT808 2013', { protocol: 'jt808', kind: 'vehicle', serials: [PHONE] }] as const),
    ...([{ gait: 'drive', everyS: 10 }, (host: EquipmentHost, id: string) => openTerminal(host, id, 2013)] as const),
  ),
  kind(
    ...(['JT808 2019', { protocol: 'jt808', kind: 'vehicle', serials: [PHONE] }] as const),
    ...([{ gait: 'drive', everyS: 10 }, (host: EquipmentHost, id: string) => openTerminal(host, id, 2019)] as const),
  ),
  kind(
    'MAVLink',
    { protocol: 'mavlink', kind: 'drone', serials: [`${SYSTEM}`] },
    { gait: 'fly', everyS: 0.25 },
    openMavlink,
  ),
  kind('NMEA', { protocol: 'nmea', kind: 'vehicle' }, { gait: 'drive', everyS: 1 }, openNmea),
];

/** As the broker does it: what is no message is counted, whatever else is thrown is a mistake of ours. */
function decoding(
  host: EquipmentHost,
  device: string,
  decode: (bytes: Uint8Array) => DeviceReport | undefined,
): ProtocolInput['feed'] {
  return (bytes) => {
    try {
      const report = decode(bytes);
      if (report) host.report(report);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      host.refused('malformed', device);
    }
  };
}

function openBodycam(host: EquipmentHost, id: string): ProtocolInput {
  let sequence = 0;
  return {
    write: (position, at) =>
      encodeTelemetry({ at, sequence: sequence++, position, batteryPercent: 80, recording: 'on' }),
    feed: decoding(host, id, (bytes) => decodeTelemetry(bytes, id, Date.now())),
  };
}

function openDji(host: EquipmentHost, id: string): ProtocolInput {
  const [gateway, aircraft] = SERIALS;
  let n = 0;
  return {
    write({ lat, lon, altitudeM, speedKmh }, at) {
      const data = { latitude: lat, longitude: lon, height: altitudeM, horizontal_speed: speedKmh / 3.6, mode_code: 5 };
      return encodeOsd({ at, gateway, data }, `t-${n++}`);
    },
    feed: decoding(host, id, (bytes) => decodeOsd(bytes, aircraft, id, Date.now())),
  };
}

function openTerminal(host: EquipmentHost, id: string, layout: Layout): ProtocolInput {
  const calls = new Map<string, string>();
  let serial = 0;
  const pack = (message: number, body: Uint8Array): Uint8Array => {
    serial = (serial + 1) & 0xffff;
    return writePacket({ message, layout, version: layout === 2019 ? 1 : 0, phone: PHONE, serial, body });
  };
  const logIn = (): TerminalSession => {
    const nothing = (): void => undefined;
    const close = (): void => (session = undefined);
    const opened = new TerminalSession({ host, calls, write: nothing, loggedIn: nothing, close });
    opened.receive(pack(MESSAGES.authenticate, writeCode(layout, host.authCode(id))));
    return opened;
  };
  let session: TerminalSession | undefined;
  return {
    write: (fix, time) =>
      pack(
        MESSAGES.location,
        writeLocation({ emergency: false, time, position: { ...fix, trusted: true }, extras: [] }),
      ),
    feed: (bytes) => (session ??= logIn()).receive(bytes),
  };
}

function openMavlink(host: EquipmentHost): ProtocolInput {
  const feed = openDatagramReader(host, undefined);
  let sequence = 0;
  return {
    write({ lat, lon, altitudeM, courseDeg }) {
      const message = {
        kind: 'position',
        lat,
        lon,
        altitudeM,
        heightM: 80,
        velocity: [5, 5, 0],
        headingDeg: courseDeg,
      } as const;
      return writeFrame({ system: SYSTEM, sequence: sequence++ }, message);
    },
    feed,
  };
}

function openNmea(host: EquipmentHost, id: string): ProtocolInput {
  const feed = openSentenceReader(openReceiver(host, id, true));
  return { write: (fix, time) => Buffer.from(writeReading('GN', { time, ...fix })), feed };
}

/** Turns of the event loop that a whole packet never needs. */
const TURNS = 40;

/** Whole packets before the box's broker, which ends connections that break the rules; the device comes back then. */
async function openMqttPackets(host: EquipmentHost, id: string): Promise<ProtocolInput> {
  const { limits } = brokerConfig.parse({ listen: { host: '127.0.0.1', port: 0 }, limits: { packetsPerS: 1_000_000 } });
  const failed: Error[] = [];
  const broker = await openCrewBroker(host, limits, (error) => failed.push(error));
  const body = openBodycam(host, id);
  const call = () => {
    const [near, far] = duplexPair();
    const state = { isOpen: true, heard: 0 };
    near.on('data', (chunk: Buffer) => (state.heard += chunk.length));
    for (const end of [near, far]) end.on('error', () => undefined).once('close', () => (state.isOpen = false));
    broker.serve({ address: undefined, stream: far, certificate: undefined, loggedIn: () => undefined });
    return { near, state };
  };
  /** False: no answer will come, for the box waits for more or has hung up. */
  const ask = async ({ near, state }: ReturnType<typeof call>, bytes: Uint8Array): Promise<boolean> => {
    const before = state.heard;
    near.write(bytes);
    for (let turn = 0; turn < TURNS && state.isOpen; turn++) {
      if (state.heard > before) return true;
      await new Promise(setImmediate);
    }
    return false;
  };
  let link: ReturnType<typeof call> | undefined;
  return {
    write: (fix, at) => publishBytes(`bodycam/v1/${id}/telemetry`, Buffer.from(body.write(fix, at))),
    async feed(bytes) {
      if (!link) {
        link = call();
        if (!(await ask(link, connectBytes({ id, secret: '-' })))) throw new Error('the broker answers no login');
      }
      const alive = await ask(link, Buffer.concat([bytes, PING]));
      if (!alive) {
        link.near.destroy();
        link = undefined;
      }
      if (failed.length > 0) throw failed.shift()!;
    },
    close: () => broker.close(),
  };
}
