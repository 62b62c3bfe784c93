/** The types that the parts of a simulated device share: its specification, faults, events, and the link of each protocol. */
import type { DeviceKind, LatLon, Protocol, Recording } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';
import type { DeviceCommand } from '../../../adapters/crew/bodycam/codec.ts';
import type { ReaderPort } from '../reader/wire.ts';
import type { MovementProfile, ReceiverFix } from './walk.ts';

export const FAULTS = [
  /** Says and answers nothing more, and its connection stays: who has lost it sees so by the silence. Over UDP and lines it is silent. */
  'dead',
  /** Each report comes twice, with the same number. */
  'repeats',
  /** Its clock is 8 h ahead. */
  'clock off',
  /** The acknowledgements of its calls for help are lost, so it goes on calling. */
  'lost acknowledgements',
  /** It does not say that it has an alert, as firmware for a box of 0.2.0. */
  'no receipts',
  /** As many reports as `floodPerS` says. */
  'flood',
  /** It logs in with another password, authentication code or system id. */
  'wrong credential',
  /** Every third position is in another province. */
  'jumps',
  /** Its recording does not work. */
  'recording',
  /** Packets in pieces of some bytes. */
  'cut',
  /** Several packets in one piece. */
  'joined',
  /** Every third packet has a wrong checksum. */
  'wrong checksum',
] as const;

export type SimulatedFault = (typeof FAULTS)[number];

export interface DeviceSpec {
  readonly id: string;
  readonly protocol: Protocol;
  /** `bodycam` if absent; decides how it moves. */
  readonly kind?: DeviceKind;
  /** Password of `bodycam` and `dji`. */
  readonly credential?: string;
  /** As registered. dji: of the remote control, then of the aircraft; jt808: phone number, terminal id; mavlink: system id. */
  readonly serials?: readonly string[];
  /** nmea: where the box reads it; any TCP port if absent. */
  readonly line?: ReaderPort;
  /** By its kind if absent. */
  readonly gait?: MovementProfile;
  /** In place of the fleet's. */
  readonly base?: LatLon;
  readonly orders?: Partial<OrderBehaviour>;
  readonly faults?: readonly SimulatedFault[];
}

/** What the person who carries the device does with an order. */
export interface OrderBehaviour {
  readonly readAfterS: number;
  /** After it was read. */
  readonly doneAfterS: number;
  /** Of orders that are refused and not done, 0 to 1. */
  readonly refuseShare: number;
}

export type DeviceEvent =
  /** It has logged in and, where it is sent messages, subscribed. */
  | { readonly what: 'connected' }
  | { readonly what: 'refused'; readonly why: string }
  | { readonly what: 'disconnected' }
  /** Each message once, however often it came. */
  | { readonly what: 'command'; readonly command: DeviceCommand }
  | { readonly what: 'called'; readonly sos: string; readonly state: 'raised' | 'cancelled' }
  | { readonly what: 'acknowledged'; readonly sos: string }
  | { readonly what: 'answered'; readonly order: string; readonly state: 'read' | 'done' | 'refused' };

export type DeviceCounts = Readonly<Record<DeviceEvent['what'] | 'reports', number>>;

/** What a report is made of. */
export interface SensorReading {
  /** Of the device's own clock. */
  readonly at: Instant;
  readonly sequence: number;
  readonly fix: ReceiverFix;
  readonly batteryPercent: number;
  readonly recording: Recording;
  readonly everyS: number;
}

export interface SosCall {
  readonly sos: string;
  readonly state: 'raised' | 'cancelled';
}

/** The connection of a device in its protocol. Calls while it is not connected do nothing; they are repeated. */
export interface DeviceLink {
  readonly address?: string;
  connect(): void;
  /** `cleanly`: announces it, where the protocol has a message for that. */
  disconnect(cleanly: boolean): Promise<void>;
  report(reading: SensorReading): void;
  /** Absent where the protocol has no call for help. */
  call?(call: SosCall, reading: SensorReading): void;
  answer?(order: string, state: 'read' | 'done' | 'refused', at: Instant, reason?: string): void;
  /** From now on nothing is sent, and the connection stays open. */
  freeze?(): void;
}

/** What a link reports to its device, and may look up. */
export interface LinkEvents {
  readonly spec: DeviceSpec;
  has(fault: SimulatedFault): boolean;
  connected(): void;
  refused(why: string): void;
  disconnected(): void;
  command(command: DeviceCommand): void;
  acknowledged(sos: string): void;
}

export interface FleetBehaviour {
  readonly intervalS: number;
  readonly repeatS: number;
  readonly floodPerS: number;
  readonly base: LatLon;
  readonly orders: OrderBehaviour;
}
