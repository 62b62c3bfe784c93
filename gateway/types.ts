/**
 * The nouns of sitebox and its two contracts, Source and Relay. Those of a gate lane stand in documents.ts, those of cameras that
 * read by themselves in pushes.ts, those of the crew in equipment.ts.
 * What these types cannot hold (a template, the fields of a non-match) cannot leak.
 */
import type { Comparison, DocumentType, PhotoDecoder, ReaderObservation } from './documents.ts';
import type { HearRoom } from './equipment.ts';
import type { LoginContext } from './logins.ts';
import type { PushObservation, PushedFacts } from './pushes.ts';

/** Milliseconds since the Unix epoch, UTC, by the box's own clock. */
export type Instant = number;
/** 26 characters, Crockford base 32, sortable by time of creation (ULID layout); made by `newId` of clock.ts. */
export type Id = string;
/** 64 lower-case hexadecimal digits. */
export type Sha256 = string;
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Pixels; x to the right, y downwards, origin at the top left corner of the picture. */
export type Point = readonly [x: number, y: number];
/** Corners in the order top left, top right, bottom right, bottom left, as seen by a reader of the plate. */
export type Quad = readonly [Point, Point, Point, Point];

/** One decoded picture; `rgb` holds width × height × 3 bytes, row by row, and owns its buffer (it may be transferred). */
export interface Frame {
  readonly source: string;
  /** When the box received it; not the camera's own idea of the time. */
  readonly at: Instant;
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** What a source emits. `video` is a piece of the camera's untouched stream (MPEG-TS), for whoever watches live. */
export type Observation =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'video'; readonly chunk: Uint8Array }
  | PushObservation
  | ReaderObservation;

// ---------------------------------------------------------------- plates

/** The form that won, by grammar alone. */
export type PlateKind =
  | 'standard'
  | 'new-energy-small'
  | 'new-energy-large'
  | 'police'
  | 'coach'
  | 'trailer'
  | 'hong-kong'
  | 'macao'
  | 'consulate'
  | 'embassy'
  | 'armed-police';

/** Of the ground, as most pixels of the straightened plate say; `unknown` where they do not agree, as at night under infrared light. */
export type PlateColour = 'blue' | 'yellow' | 'green' | 'yellow-green' | 'white' | 'black' | 'unknown';

/** accept: may raise a hit; ask: a person compares; ignore: never leaves the reader. */
export type Band = 'accept' | 'ask' | 'ignore';

/** Another character the reader would have taken at `position` (from 0), with its probability 0..1 there. */
export interface CharChoice {
  readonly position: number;
  readonly character: string;
  readonly probability: number;
}

export interface PlateRead {
  /** Canonical text without separators, e.g. `皖A12345`. */
  readonly text: string;
  readonly kind: PlateKind;
  readonly colour: PlateColour;
  /** Two-line plates: lorries' rears, trailers, motorcycles. */
  readonly lines: 1 | 2;
  /** That every character is right, 0..1; calibrated on drawn plates (models/plate/calibration.md). */
  readonly probability: number;
  readonly band: Band;
  /** That each character of `text` is right, 0..1, one for each. */
  readonly characters: readonly number[];
  readonly runnersUp: readonly CharChoice[];
  readonly corners: Quad;
  /** 0..1 of the straightened plate: how steep its edges are for its contrast. It falls with blur; for choosing among pictures. */
  readonly sharpness: number;
}

/** By the box's view of the camera: towards it, away from it. */
export type Direction = 'approaching' | 'leaving' | 'unknown';

/** Memory only, until a match turns it into evidence. */
export interface Picture {
  readonly frame: Frame;
  readonly corners: Quad;
}

/** One vehicle going through one lane, however many cameras of the lane saw it. */
export interface Passage {
  readonly id: Id;
  readonly lane: string;
  /** Of `best`. */
  readonly camera: string;
  readonly first: Instant;
  readonly last: Instant;
  readonly best: PlateRead;
  /** Frames whose read agreed with `best.text`. */
  readonly votes: number;
  readonly direction: Direction;
  readonly picture?: Picture;
}

// ---------------------------------------------------------------- lists

export type ListType = 'plate-list' | 'doc-list';

export interface ListRef {
  readonly type: ListType;
  readonly version: number;
  /** Of the signed bytes. */
  readonly sha256: Sha256;
}

/** Hours of the day in the box's time zone, `HH:MM`; `from` later than `to` spans midnight. */
export interface Hours {
  readonly from: string;
  readonly to: string;
}

export interface ListEntry {
  readonly id: string;
  /** Normalised plate text (plate-list), or the salted digest of a document number (doc-list): the number itself is nowhere. */
  readonly key: string;
  readonly category: string;
  readonly legalBasis: string;
  readonly issuer: string;
  readonly authorisedBy: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** What the crew is to do, in the language of the crew. */
  readonly instruction: string;
  /** Lane ids it holds for; absent = all lanes of the site. */
  readonly lanes?: readonly string[];
  readonly hours?: Hours;
  /** Portrait of the person sought (doc-list): JPEG or PNG, for the 1:1 comparison of a document that is listed. */
  readonly photo?: Uint8Array;
}

/** exact: every character agrees; possible: one confusable character, or the province alone, differs. */
export type Certainty = 'exact' | 'possible';

export interface Match {
  readonly entry: ListEntry;
  readonly certainty: Certainty;
}

/** Why nothing matches at the moment, in words for /health and the alarm. */
export type ListProblem = 'loading' | 'not loaded' | 'lost' | 'no list' | 'no trust' | 'expired' | FileProblem;
export type FileProblem = 'unsigned' | 'altered' | 'wrong site' | 'rolled back' | 'too big' | 'unreadable';

/** What is in force now for one list type. */
export type ListState =
  | { readonly state: 'in force'; readonly ref: ListRef; readonly expires: Instant; readonly entries: number }
  | { readonly state: 'not in force'; readonly why: ListProblem; readonly detail: string; readonly ref?: ListRef };

// ---------------------------------------------------------------- hits

/** How far the time in an event can be trusted. */
export interface ClockState {
  /** Highest wall time ever seen by this box, kept on disk. */
  readonly highest: Instant;
  /** How far the wall clock stands behind `highest`; 0 when it does not. */
  readonly behindMs: number;
}

/** A picture that proves a hit. The bytes live beside the hit in the store. */
export interface Evidence {
  readonly what: 'plate' | 'scene' | 'lane';
  readonly sha256: Sha256;
  readonly mediaType: 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** A look-up that matched. It asks a question; people answer it. */
export type Hit = PlateHit | DocumentHit;

interface AnyHit {
  readonly id: Id;
  readonly lane: string;
  readonly first: Instant;
  readonly last: Instant;
  /** Passages or presentations of the same entry within the window, this one included. */
  readonly seen: number;
  readonly list: ListRef;
  readonly entry: string;
  readonly category: string;
  readonly instruction: string;
  readonly certainty: Certainty;
  /** The key of the entry: a plate as listed, which differs from the one read only for `possible`; or a digest. */
  readonly listed: string;
  readonly state: 'unreviewed';
  readonly clock: ClockState;
  readonly config: Sha256;
  readonly models: readonly Sha256[];
}

export interface PlateHit extends AnyHit, PushedFacts {
  readonly camera: string;
  readonly read: HitRead;
  /** Where a camera's own read was cross-checked: what the box read in the same picture. */
  readonly crossCheck?: Pick<HitRead, 'text' | 'probability'> | { readonly text: null };
  readonly direction: Direction;
}

/** The read that matched, as it is kept and sent. */
export interface HitRead extends Pick<PlateRead, 'text' | 'kind' | 'colour' | 'lines' | 'probability'> {
  readonly votes: number;
  /** Who read it: the box's own reader, or the camera. Of a camera the probability is its own confidence. */
  readonly by: 'box' | 'camera';
}

export interface DocumentHit extends AnyHit {
  readonly reader: string;
  readonly document: DocumentType;
  readonly expired: boolean;
  /** Holder and photo on the document; absent while it is under way. */
  readonly comparison?: Comparison;
  /** Holder and photo of the entry, where it has one. */
  readonly entryComparison?: Comparison;
}

// ---------------------------------------------------------------- upstream

export type EventType =
  `io.sitebox.${'plate.hit' | 'document.hit' | 'sos' | 'order' | 'mode' | 'instruction' | 'alarm' | 'device' | 'health' | 'counts' | 'crew'}.v1`;

/** One event for the command room; the upstream codec writes it as a CloudEvent. (`source`, `id`) is unique. */
export interface Envelope {
  readonly id: Id;
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly type: EventType;
  /** When it happened, not when it is sent. */
  readonly time: Instant;
  /** Lane, camera or part it is about. */
  readonly subject: string;
  /** Grows by one with each event of this box. */
  readonly sequence: number;
  readonly data: Json;
  /** Pictures the event names by sha256; loaded from the store for relays that carry them. */
  readonly evidence: readonly Evidence[];
}

/** Runs until `signal` aborts (then it resolves) or the device is lost (then it rejects). It never tries again by itself. */
export interface Source {
  /** It emits `PushObservation`s and never a frame. */
  readonly pushes?: true;
  run(emit: (o: Observation) => void, signal: AbortSignal): Promise<void>;
}

/** Resolves once the other side has stored the envelope. Throws `Rejected` when it never will; anything else is tried again. */
export interface Relay {
  send(e: Envelope, signal: AbortSignal): Promise<void>;
  receive?: HearRoom;
  heard?(): { readonly at: Instant; readonly mono: number } | undefined; // Its time, over TLS; performance.now() then.
  /** Ends its connections, saying goodbye where the protocol has a word for it. Nothing is sent afterwards. */
  close?(): Promise<void>;
}

/** What an adapter is given to check its own part of the configuration with. It touches no device before `run` or `send`. */
export interface Context extends LoginContext {
  /** Camera, reader or relay id of the configuration. */
  readonly id: string;
  readonly site: string;
  readonly box: string;
  readonly log: Log;
  /** Checks `value` with a zod schema; every mistake becomes part of one ConfigError with line, path and hint. */
  check<T>(schema: Schema<T>, value: unknown): T;
  /** Resolves `file:PATH` or `env:NAME`; the value never appears in an error. `path` names the key for the message. */
  secret(reference: string, path: string): string;
  /** Absolute path of a file or folder that the configuration names; relative ones count from the configuration's own folder. */
  file(path: string): string;
}

export type OpenSource = (config: unknown, context: Context) => Source;
export type OpenPhotoDecoder = (config: unknown, context: Context) => PhotoDecoder;
export type OpenRelay = (config: unknown, context: Context) => Relay;

/** The part of a zod schema that `check` uses; it keeps zod out of this file. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: unknown };
}

/** The part of pino that every piece of the product uses. Log once, at the place that decides. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
