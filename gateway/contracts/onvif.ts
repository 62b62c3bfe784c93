/** Cameras that speak ONVIF: found and described on a person's command, and listened to. What a camera says of itself may be false. Types only. */
import type { Context } from './base.ts';

/** A device that answered on the network. */
export interface DiscoveredDevice {
  /** Where its answer came from. */
  readonly address: string;
  /** Of its ONVIF service; undefined where it did not answer the probe, and only ports of cameras are open. */
  readonly onvifPort: number | undefined;
  readonly name: string | undefined;
  readonly model: string | undefined;
  /** Six pairs of hexadecimal digits; undefined where a router lies between. */
  readonly mac: string | undefined;
  /** Of the ports that were tried. */
  readonly openPorts: readonly number[];
}

export interface DiscoveryOptions {
  /** Names of network interfaces; undefined: all but loopback. */
  readonly interfaces: readonly string[] | undefined;
  /** A network such as 192.168.1.0/24 whose addresses are tried one by one. */
  readonly subnet: string | undefined;
}

export interface CameraAddress {
  readonly host: string;
  readonly port: number;
}

export interface CameraLogin {
  readonly user: string;
  readonly password: string;
}

export interface CameraIdentity {
  readonly maker: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly address: string;
  readonly mac: string | undefined;
}

export interface CameraStream {
  readonly name: string;
  /** In capitals, as cameras write it: `H264`, `H265`, `JPEG`. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number | undefined;
  readonly keyFrameEveryS: number | undefined;
  readonly kilobitsPerS: number | undefined;
  /** Without a login, and with the host that was asked, whatever the camera wrote; undefined where it gave none. */
  readonly url: string | undefined;
}

export interface CameraDescription {
  readonly identity: CameraIdentity;
  /** The camera's clock less that of the box, in seconds. */
  readonly clockOffsetS: number;
  readonly streams: readonly CameraStream[];
}

export interface CameraEvent {
  readonly kind: 'tampering' | 'signal-loss' | 'lens';
  /** Tells several of a kind apart: topic and video source. */
  readonly source: string;
  readonly active: boolean;
}

/** What a camera says through its event service. Like a `Source`, `run` never tries again: the supervisor does. */
export interface CameraEvents {
  run(heard: CameraListener, signal: AbortSignal): Promise<void>;
}

export interface CameraListener {
  /** Once a run, when the camera has taken the subscription. */
  subscribed(identity: CameraIdentity): void;
  event(event: CameraEvent): void;
}

/**
 * Every method rejects with a CameraError, whose sentence is for people.
 * @example
 * const { identity, streams } = await onvif.describe({ host: '192.0.2.10', port: 80 }, { user: 'admin', password }, signal);
 */
export interface Onvif {
  /** Takes 10 s at most. */
  find(options: DiscoveryOptions): Promise<readonly DiscoveredDevice[]>;
  /** Logs in once: after a refusal nothing more is sent. */
  describe(address: CameraAddress, login: CameraLogin | undefined): Promise<CameraDescription>;
  /** The first picture of a stream, as JPEG. */
  picture(url: string, login: CameraLogin | undefined): Promise<Uint8Array>;
  /** `camera` is what the configuration says of it, its key `onvif` included. Touches no device; throws ConfigError. */
  openEvents(camera: unknown, context: Pick<Context, 'check' | 'secret'>): CameraEvents;
}
