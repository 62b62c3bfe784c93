/** A gate lane for the tests beside: the reader, the list and the threads are played, and the clock stands until it is moved. */
import { openClock } from '../clock/clock.ts';
import type { DocumentReading, PhotoDecoder } from '../contracts/document.ts';
import type { LaneView } from '../contracts/display.ts';
import type { Comparison } from '../contracts/comparison.ts';
import type { CompareResult } from '../inference/jobs.ts';
import type { Log } from '../contracts/base.ts';
import type { DocumentHit, Hit } from '../contracts/hit.ts';
import type { ListEntry, ListState } from '../contracts/list.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import { openBadRows, type BadRows } from '../devices/bad-rows.ts';
import { openGate, type Gate, type GateParts } from './gate.ts';

export const T0 = Date.UTC(2026, 10, 21, 4);
const LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
export const IN_FORCE: ListState = {
  ...{ state: 'in force', expires: T0 + 86_400_000, entries: 1 },
  ref: { type: 'doc-list', version: 3, sha256: 'a'.repeat(64) },
};
export const ENTRY: ListEntry = {
  ...{ id: 'D-1', key: 'd'.repeat(64), category: 'missing', legalBasis: 'x', issuer: 'y', authorisedBy: 'z' },
  ...{ validFrom: T0, validUntil: T0 + 1, instruction: 'ask, and call the duty officer' },
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

export interface Played {
  readonly gate: Gate;
  readonly raised: { hit: DocumentHit; evidence: readonly Evidence[] }[];
  readonly counted: string[];
  /** What was handed to the threads. */
  readonly compared: { frame: Frame; references: number }[];
  readonly view: () => LaneView;
  readonly rows: BadRows;
}

export function play(answers: readonly Comparison[] = [same], more: Partial<GateParts> = {}): Played {
  const raised: Played['raised'] = [];
  const counted: string[] = [];
  const compared: Played['compared'] = [];
  const rows = openBadRows();
  const gate = openGate({
    ...{ lane: 'gate-1', readers: ['desk-1'], camera: 'hall-1', sign: 'a sign', photoDecoder: decoder, log: LOG },
    ...{ clock: openClock({ load: () => undefined, save: () => undefined }), config: 'c'.repeat(64) },
    today: () => '20261121',
    lookUp: () => Promise.resolve({ list: IN_FORCE, match: undefined }),
    compare(given, references): Promise<CompareResult> {
      // As the threads do it: what is handed over is gone here.
      const transfer = [given.rgb.buffer, ...references.map((r) => r.buffer)];
      compared.push({ frame: structuredClone(given, { transfer }), references: references.length });
      const answer = answers[Math.min(compared.length, answers.length) - 1]!;
      return Promise.resolve({ comparisons: references.map(() => answer) });
    },
    picture: () => Promise.resolve(PICTURE),
    rows,
    raise: (hit: Hit, evidence) => void raised.push({ hit: hit as DocumentHit, evidence }),
    count: ({ document, outcome }) => void counted.push(`${document} ${outcome}`),
    ...more,
  });
  gate.observed('desk-1', { kind: 'ready' });
  return { gate, raised, counted, compared, rows, view: () => gate.feed.view() };
}

export const listed = {
  lookUp: () => Promise.resolve({ list: IN_FORCE, match: { entry: ENTRY, certainty: 'exact' } as const }),
};
