/** The adapters by kind, and the opened cameras, readers, relays and equipment of a configuration. Types only. */
import type { OpenPhotoDecoder, OpenSource, Source } from './source.ts';
import type { CameraEvents, Onvif } from './onvif.ts';
import type { OpenRelay, Relay } from './relay.ts';
import type { Equipment, OpenEquipment } from './crew.ts';
import type { Point } from './picture.ts';

export interface Adapters {
  readonly readers: Readonly<Record<string, OpenSource>>;
  readonly photoDecoders: Readonly<Record<string, OpenPhotoDecoder>>;
  readonly cameras: Readonly<Record<string, OpenSource>>;
  readonly relays: Readonly<Record<string, OpenRelay>>;
  readonly equipment: Readonly<Record<string, OpenEquipment>>;
  readonly onvif: Onvif;
}

/** `lane`: of several lanes all of them, as people are told. */
export interface CameraPart extends ReaderPart {
  /** Of the lanes that look at it; none of a gate. */
  readonly views: readonly CameraView[];
  /** It reads plates itself, and sends no frames. */
  readonly pushes: boolean;
  /** Of a camera with the key `onvif`. */
  readonly events?: CameraEvents;
}

/** What a road lane sees of a camera. */
export interface CameraView {
  readonly lane: string;
  /** Fractions of the picture; absent = all of it. */
  readonly region?: readonly Point[];
}

export interface ReaderPart {
  readonly id: string;
  readonly lane: string;
  readonly source: Source;
}

export interface RelayPart {
  readonly id: string;
  readonly relay: Relay;
}

export interface EquipmentPart {
  readonly id: string;
  readonly equipment: Equipment;
}
