/**
 * The types of the crew: its equipment, what devices report, and what they are sent. Types only.
 * Positions are staff data: they have no way to disk but the batched tracks, and no way upstream but the compacted position feed.
 */
import type { Context, Id, Instant } from './base.ts';

/** Of the person who carries the device. `gateway/crew/roles.ts` is the table of what each may send and see. */
export type CrewRole = 'officer' | 'guard' | 'volunteer';

export type DeviceKind = 'bodycam' | 'drone' | 'vehicle';

export type Protocol = 'bodycam' | 'dji' | 'jt808' | 'mavlink' | 'nmea';

/** A registered piece of equipment. Who carries it is not known here. */
export interface CrewDevice {
  /** 1 to 32 of a-z, 0-9 and -; also its user name, and the common name of its certificate. */
  readonly id: string;
  readonly kind: DeviceKind;
  readonly role: CrewRole;
  readonly protocol: Protocol;
  /** What it calls itself: serial numbers of aircraft and remote control (dji), phone number and terminal id (jt808), system id (mavlink). */
  readonly serials: readonly string[];
}

// ---------------------------------------------------------------- from the equipment

/** Degrees of WGS-84, north and east positive. */
export interface LatLon {
  readonly lat: number;
  readonly lon: number;
}

export interface Position extends LatLon {
  readonly accuracyM?: number;
  /** Above sea level, or the ellipsoid where the device says no more. */
  readonly altitudeM?: number;
  readonly speedKmh?: number;
  /** From north, clockwise, 0 to 360. */
  readonly courseDeg?: number;
  /** False where the sender is not authenticated (mavlink), or the position was altered on its way ("encrypted", jt808). */
  readonly trusted: boolean;
}

export type Recording = 'on' | 'off' | 'fault';

/** The state of a device, as much as one message holds; what is absent stays as it was. Memory only. */
export interface DeviceReport {
  readonly device: string;
  /** When the box received it; the device's own clock may be hours off. */
  readonly at: Instant;
  /** The device's clock less the box's, where the message has a time. */
  readonly clockOffsetMs?: number;
  /** Its time is impossible: its clock is not set, or counts otherwise. */
  readonly clockWrong?: true;
  /** Counted up by devices that number their reports; a number that came before is a repeat. */
  readonly sequence?: number;
  readonly position?: Position;
  /** 0 to 100. */
  readonly batteryPercent?: number;
  readonly charging?: boolean;
  readonly recording?: Recording;
  readonly signalDbm?: number;
  /** What a drone does, where it says so. */
  readonly flight?: 'ground' | 'flying' | 'returning' | 'landing';
  /** How often it reports now, in seconds, where it says so. */
  readonly intervalS?: number;
  /** What was left out of it. */
  readonly invalidFields?: readonly InvalidField[];
}

/** A field of a message that could not be used, in words that repeat nothing of its value. */
export interface InvalidField {
  /** `batt`; `message` where the whole could not be read. A name of the codec's own, never one that the device made up. */
  readonly field: string;
  /** What was expected. */
  readonly why: string;
}

/** Anything that a device sends on its SOS channel. It is a call even where nothing of it can be read; only a clean `cancelled` withdraws one. */
export interface SosReport {
  readonly device: string;
  /** The device's own name for this call for help, 1 to 64 characters: repeats have the same. */
  readonly sos: string;
  /** It gave no name that could be read: `sos` was made of what it sent, so that a repeat in the same words has the same. */
  readonly unnamed?: true;
  /** The name as the device wrote it, where that is not `sos`: the acknowledgement repeats it. */
  readonly ackName?: string | number;
  readonly state: 'raised' | 'cancelled';
  readonly at: Instant;
  readonly position?: Position;
  /** The line damages what it carries: the position may not be what was sent. */
  readonly doubtful?: true;
  /** When it was there, where that was long before `at`: a terminal that was out of reach sends what it has kept. */
  readonly positionAt?: Instant;
  /** What of it could not be read. */
  readonly invalidFields?: readonly InvalidField[];
}

export type OrderAnswerState = 'read' | 'done' | 'refused';

export interface OrderAnswer {
  readonly device: string;
  readonly order: Id;
  readonly state: OrderAnswerState;
  readonly at: Instant;
  /** Of a refusal, at most 200 characters. */
  readonly reason?: string;
}

/** Why something a device sent was not taken; a label of a counter. None of them repeats what was sent. */
export type CrewRefusal =
  | 'login'
  | 'not allowed'
  | 'malformed'
  /** A field was left out, the rest taken. */
  | 'odd field'
  | 'too large'
  | 'too fast'
  | 'too many connections'
  | 'unknown device'
  /** Another client has come with the credential of a device that was connected: the device itself after a gap, or a second one. */
  | 'taken over'
  /** A login that the box could not check, through a fault of its own. */
  | 'not judged'
  | 'not stored';

/** What the gateway offers to equipment. Nothing here touches the network; calls return at once, logins excepted. */
export interface EquipmentHost {
  /** Registered and not revoked. */
  device(id: string): CrewDevice | undefined;
  bySerial(protocol: Protocol, serial: string): CrewDevice | undefined;
  /** Resolves undefined for an unknown or revoked user and a wrong secret alike, after the same work. Rejects when too many come at once. */
  login(user: string, secret: Uint8Array): Promise<CrewDevice | undefined>;
  /** For protocols in which the box hands the credential out (jt808): the same at every call, until the device is revoked. */
  authCode(device: string): string;
  report(report: DeviceReport): void;
  /** When it returns, it is on disk (a repeat is already). Throws when it could not be kept: then it may not be acknowledged. */
  sos(report: SosReport): void;
  /** As `sos`. An answer to an order that this device never got is passed over. */
  orderAnswer(answer: OrderAnswer): void;
  /** The device has acknowledged a message given to `deliver`. As `sos`. */
  delivered(device: string, message: Id): void;
  /** `online` once messages can be delivered to it. `cleanDisconnect`: it announced that it goes, so its silence is no problem. */
  presence(device: string, online: boolean, cleanDisconnect?: boolean): void;
  /** Another client came with the credential of `device`, which was connected, and has its place now. Counted as `taken over`. */
  sessionTakenOver(device: string, addresses: readonly (string | undefined)[]): void;
  /** A login was refused. `name` is what the client called itself: a user, a certificate, with `protocol` a serial. Kept only where it is registered. */
  loginFailed(name: string, address: string | undefined, protocol?: Protocol): void;
  /** A login could not be checked: the box failed with `error`. Counted, logged, and a problem. `name`: what the client called itself. */
  loginError(error: unknown, name: string | undefined): void;
  /** Counted, and logged now and then. `invalidField`: of the message, kept for `device show`. */
  refused(why: CrewRefusal, device?: string, invalidField?: InvalidField): void;
}

// ---------------------------------------------------------------- to the equipment

export interface GeoLocation extends LatLon {
  /** In words, at most 100 characters. */
  readonly name?: string;
}

/** Where a caller for help is, as others see it. */
export interface SosLocation extends GeoLocation {
  /** `own`: measured by the caller's device while it calls. `last known`: the last place believed before. */
  readonly origin?: 'own' | 'last known';
  /** How old it is when it is sent. */
  readonly ageS?: number;
  /** As of a position; absent where it can be trusted. */
  readonly trusted?: false;
}

/** How far people have come with the hit of an alert. */
export type AlertStage = 'unreviewed' | 'one-opinion' | 'confirmed';

/** Why an alert has ended: people said so of the hit, or a new list no longer has its entry, or has it for another time or lane. */
export type AlertEnd = 'dismissed' | 'outcome' | 'withdrawn' | 'suspended';

/** What a device shows to the person who carries it, cut down to the role already. */
export type CrewMessage =
  /** The device's own SOS is on disk; `sos` is its own name for it, as it wrote it. */
  | { readonly kind: 'acknowledged'; readonly id: Id; readonly sos: string | number }
  /** Somebody else's. `device` is absent for roles that may not see it. */
  | {
      readonly kind: 'sos';
      readonly id: Id;
      readonly state: 'raised' | 'cancelled';
      /** When it was raised, raised again, or withdrawn. */
      readonly at: Instant;
      /** Absent: no place is known. */
      readonly place?: SosLocation;
      /** What the caller says of itself and cannot have reached: to be looked at as well. */
      readonly doubtful?: GeoLocation;
      readonly device?: string;
    }
  | {
      readonly kind: 'order';
      readonly id: Id;
      readonly text: string;
      readonly at: Instant;
      readonly place?: GeoLocation;
    }
  | {
      readonly kind: 'alert';
      readonly id: Id;
      /** The newest alert of a hit is shown in place of the earlier ones. */
      readonly hit: Id;
      readonly at: Instant;
      /** False: two people have not confirmed it yet, and the device shows that. */
      readonly confirmed: boolean;
      /** One person has confirmed it, and the policy of the site asks for no second: shown as 单人研判，未复核, never as confirmed. */
      readonly oneOpinion?: true;
      /** 解除预警: the alert has ended, and the device shows that over it. `instruction` says so too, for a device that does not know this member. */
      readonly cancelled?: true;
      /** What and where, in the crew's language; absent for roles that may not see it. */
      readonly what?: string;
      readonly instruction: string;
      readonly place?: GeoLocation;
    }
  /** How often the device shall report. */
  | { readonly kind: 'interval'; readonly id: Id; readonly seconds: number };

/**
 * Speaks with devices until `signal` aborts (then `run` resolves) or what it speaks through is lost (then it rejects). It never
 * retries.
 */
export interface Equipment {
  run(host: EquipmentHost, signal: AbortSignal): Promise<void>;
  /**
   * Gives `message` to a device of this equipment and says whether it could be given: false while the device is away. Absent where devices
   * can show nothing. That the device has it is said by `delivered`, where the protocol can tell.
   */
  deliver?(device: string, message: CrewMessage): boolean;
}

export type OpenEquipment = (config: unknown, context: Context) => Equipment;
