/** A gate lane for tests, with played reader, list and inference threads. */
import { SILENT_LOG } from '../contracts/base.ts';
import { openClock } from '../clock/clock.ts';
import type { DocumentReading, PhotoDecoder } from '../contracts/document.ts';
import type { LaneView } from '../contracts/display.ts';
import type { Comparison } from '../contracts/comparison.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import type { ActiveLists } from '../lists/in-force/active-lists.ts';
import type { Id } from '../contracts/base.ts';
import type { DocumentHit } from '../contracts/hit.ts';
import type { ListEntry, ListState } from '../contracts/list.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import { openFailureStreaks, type FailureStreaks } from '../devices/failure-streaks.ts';
import { GateLane, type GateLaneOptions } from './gate-lane.ts';

export const T0 = Date.UTC(2026, 10, 21, 4);
export const IN_FORCE: ListState = {
  state: 'in force',
  expires: T0 + 86_400_000,
  entries: 1,
  ref: { type: 'doc-list', version: 3, sha256: 'a'.repeat(64) },
};
export const ENTRY: ListEntry = {
  id: 'D-1',
  key: 'd'.repeat(64),
  category: 'missing',
  legalBasis: 'x',
  issuer: 'y',
  authorisedBy: 'z',
  validFrom: T0,
  validUntil: T0 + 1,
  instruction: 'ask, and call the duty officer',
};
const PICTURE: Evidence = { what: 'lane', sha256: 'e'.repeat(64), mediaType: 'image/jpeg', bytes: new Uint8Array(4) };
export const same: Comparison = { outcome: 'same', score: 0.7, threshold: 0.49, models: [] };
export const different: Comparison = { outcome: 'different', score: 0.2, threshold: 0.49, models: [] };
export const blurred: Comparison = { outcome: 'not compared', why: 'blurred' };
export const decoder: PhotoDecoder = { decode: () => Promise.resolve(new Uint8Array([1, 2, 3])) };

export function reading(more: Partial<DocumentReading> = {}): DocumentReading {
  const number = new TextEncoder().encode('11010519491231002X');
  return {
    reader: 'desk-1',
    at: Date.now(),
    type: 'resident-card',
    number,
    photo: new Uint8Array(1024).fill(7),
    ...more,
  };
}

export function frame(at = Date.now()): Frame {
  return { source: 'hall-1', at, width: 2, height: 1, rgb: new Uint8Array(6).fill(9) };
}

export interface PlayedLane {
  readonly gate: GateLane;
  readonly raised: { hit: DocumentHit; evidence: readonly Evidence[] }[];
  readonly counted: string[];
  /** What was handed to the threads. */
  readonly compared: { frame: Frame; references: number }[];
  readonly view: () => LaneView;
  readonly rows: FailureStreaks;
}

export interface PlayOptions extends Partial<GateLaneOptions> {
  readonly lookUp?: ActiveLists['lookUpDocument'];
  readonly compare?: () => Promise<readonly Comparison[]>;
  readonly raise?: () => Promise<Id>;
}

export function play(answers: readonly Comparison[] = [same], options: PlayOptions = {}): PlayedLane {
  const { lookUp, compare, raise, ...more } = options;
  const raised: PlayedLane['raised'] = [];
  const counted: string[] = [];
  const compared: PlayedLane['compared'] = [];
  const badRows = openFailureStreaks();
  /** As the threads do it: what is handed over is gone here. */
  const recogniser: Pick<Recogniser, 'compare' | 'lanePicture'> = {
    compare(given, references) {
      if (compare) return compare();
      const transfer = [given.rgb.buffer, ...references.map((r) => r.buffer)];
      compared.push({ frame: structuredClone(given, { transfer }), references: references.length });
      const answer = answers[Math.min(compared.length, answers.length) - 1]!;
      return Promise.resolve(references.map(() => answer));
    },
    lanePicture: () => Promise.resolve(PICTURE),
  };
  const gate = new GateLane(
    {
      lane: 'gate-1',
      readers: ['desk-1'],
      camera: 'hall-1',
      sign: 'a sign',
      photoDecoder: decoder,
      timeZone: 'Asia/Shanghai',
      config: 'c'.repeat(64),
      ...more,
    },
    {
      clock: openClock({ load: () => undefined, save: () => undefined }),
      lists: { lookUpDocument: lookUp ?? (() => Promise.resolve({ list: IN_FORCE, match: undefined })) },
      hitBuffer: {
        raise(hit, evidence) {
          if (raise) return raise();
          raised.push({ hit: hit as DocumentHit, evidence });
          return Promise.resolve(hit.id);
        },
      },
      recogniser,
      badRows,
      counters: { presentation: ({ document, outcome }) => void counted.push(`${document} ${outcome}`) },
      log: SILENT_LOG,
    },
  );
  gate.observed('desk-1', { kind: 'ready' });
  return { gate, raised, counted, compared, rows: badRows, view: () => gate.view() };
}

export const listed = {
  lookUp: () => Promise.resolve({ list: IN_FORCE, match: { entry: ENTRY, certainty: 'exact' } as const }),
};
