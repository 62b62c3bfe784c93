/** What the parts of a simulated device say to each other: what it is, what goes wrong with it, what happens to it, how a protocol speaks. */
import type { DeviceKind, LatLon, Protocol, Recording } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';
import type { Command } from '../../../adapters/crew/bodycam/codec.ts';
import type { ReaderPort as WirePlace } from '../reader/wire.ts';
import type { Fix, Gait } from './walk.ts';

export const FAULTS = [
  /** Says and answers nothing more, and its connection stays: who has lost it sees so by the silence. Over UDP and lines it is silent. */
  'dead',
  /** Each report comes twice, with the same number. */
  'repeats',
  /** Its clock is 8 h ahead. */
  'clock off',
  /** The acknowledgements of its calls for help are lost, so it goes on calling. */
  'lost acknowledgements',
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

export type Fault = (typeof FAULTS)[number];

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
  readonly line?: WirePlace;
  /** By its kind if absent. */
  readonly gait?: Gait;
  /** In place of the fleet's. */
  readonly base?: LatLon;
  readonly orders?: Partial<OrderHabits>;
  readonly faults?: readonly Fault[];
}

/** What whoever carries it does with an order. */
export interface OrderHabits {
  readonly readAfterS: number;
  /** After it was read. */
  readonly doneAfterS: number;
  /** Of orders that are refused and not done, 0 to 1. */
  readonly refuseShare: number;
}

export type DeviceEvent =
  /** It can speak now: logged in, and where it is told things, listening. */
  | { readonly what: 'connected' }
  | { readonly what: 'refused'; readonly why: string }
  | { readonly what: 'disconnected' }
  /** Each message once, however often it came. */
  | { readonly what: 'command'; readonly command: Command }
  | { readonly what: 'called'; readonly sos: string; readonly state: 'raised' | 'cancelled' }
  | { readonly what: 'acknowledged'; readonly sos: string }
  | { readonly what: 'answered'; readonly order: string; readonly state: 'read' | 'done' | 'refused' };

export type DeviceCounts = Readonly<Record<DeviceEvent['what'] | 'reports', number>>;

export interface FleetDevice {
  readonly spec: DeviceSpec;
  /** nmea: what the box opens. */
  readonly address: string | undefined;
  /** The first event, past or future, that `wanted` accepts. */
  event(wanted: (event: DeviceEvent) => boolean): Promise<DeviceEvent>;
  /** Each event from now on, until the device is closed. */
  follow(take: (event: DeviceEvent) => void): void;
  /** What it was told, each message once. */
  received(): readonly Command[];
  counts(): DeviceCounts;
  position(): Fix;
  isConnected(): boolean;
  /** Calls for help, again every `repeatS` until it is acknowledged. Gives the device's own name of the call. Throws where it cannot. */
  sos(): string;
  /** Withdraws the last call. */
  cancel(): void;
  set(state: { readonly batteryPercent?: number; readonly recording?: Recording }): void;
  fault(fault: Fault, on: boolean): void;
  /** Goes, and says so; `come` brings it back. */
  leave(): Promise<void>;
  come(): void;
  close(): Promise<void>;
}

/** What a report is made of. */
export interface Reading {
  /** Of the device's own clock. */
  readonly at: Instant;
  readonly sequence: number;
  readonly fix: Fix;
  readonly batteryPercent: number;
  readonly recording: Recording;
  readonly everyS: number;
}

export interface Call {
  readonly sos: string;
  readonly state: 'raised' | 'cancelled';
}

/** How a protocol speaks. What it is asked for while it is not connected is passed over: it is asked again. */
export interface Link {
  readonly address?: string;
  come(): void;
  /** `goodbye`: says that it goes, where the protocol has a word for it. */
  leave(goodbye: boolean): Promise<void>;
  report(reading: Reading): void;
  /** Absent where the protocol has no call for help. */
  call?(call: Call, reading: Reading): void;
  answer?(order: string, state: 'read' | 'done' | 'refused', at: Instant, reason?: string): void;
  /** From now on nothing is sent on the connection that stands. */
  freeze?(): void;
}

/** What a link tells of itself, and may ask. */
export interface Ears {
  readonly spec: DeviceSpec;
  has(fault: Fault): boolean;
  connected(): void;
  refused(why: string): void;
  disconnected(): void;
  command(command: Command): void;
  acknowledged(sos: string): void;
}

export interface Habits {
  readonly intervalS: number;
  readonly repeatS: number;
  readonly floodPerS: number;
  readonly base: LatLon;
  readonly orders: OrderHabits;
}
