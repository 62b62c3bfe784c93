/** A road by itself, for tests: its reading threads answer when the test says so, its store keeps what is raised in a list. */
import type { PlatesResult, PushedFiles, PushedFilesResult } from '../inference/jobs.ts';
import type { PushedRead } from '../contracts/push.ts';
import type { Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { ListState, Match } from '../contracts/list.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import { openFailureStreaks } from '../devices/failure-streaks.ts';
import { RoadLanes, type RoadParts } from './road.ts';

export const IN_FORCE: ListState = {
  state: 'in force',
  ref: { type: 'plate-list', version: 1, sha256: 'a'.repeat(64) },
  expires: 1e15,
  entries: 1,
};
const ENTRY: Match['entry'] = {
  id: 'E-1',
  key: '',
  category: 'stolen',
  legalBasis: 'basis',
  issuer: 'issuer',
  authorisedBy: 'person',
  validFrom: 0,
  validUntil: 1e15,
  instruction: 'look',
};
export const PICTURE: Evidence = {
  what: 'plate',
  sha256: 'b'.repeat(64),
  mediaType: 'image/jpeg',
  bytes: new Uint8Array(3),
};

let shade = 0;
/** Small, and another grey each time unless told. */
export function frame(at: number, { source = 'cam-1', grey = (shade = (shade + 60) % 240) } = {}): Frame {
  const [width, height] = [64, 36];
  return { source, at, width, height, rgb: new Uint8Array(width * height * 3).fill(grey) };
}

export function read(text: string, more: Partial<PlateRead> = {}): PlateRead {
  return {
    text,
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    probability: 0.99,
    band: 'accept',
    characters: Array.from(text, () => 0.999),
    alternatives: [],
    corners: [
      [300, 300],
      [400, 300],
      [400, 333],
      [300, 333],
    ],
    sharpness: 0.5,
    ...more,
  };
}

export function pushedRead(text: string, more: Partial<PushedRead> = {}): PushedRead {
  return {
    at: 1e12,
    text,
    colour: 'blue',
    confidence: 0.95,
    direction: 'approaching',
    crossCheck: false,
    pictures: { plate: Uint8Array.of(1), scene: Uint8Array.of(2) },
    ...more,
  };
}

interface Reading {
  readonly frame: Frame;
  answer(...reads: readonly PlateRead[]): void;
  fail(): void;
}

interface PictureJob {
  readonly job: PushedFiles;
  answer(result?: Partial<PushedFilesResult>): void;
  fail(): void;
}

/** What a test replaces. */
interface RoadChange extends Partial<Pick<RoadParts, 'cameras' | 'hits' | 'count'>> {
  readonly recogniser?: Partial<RoadParts['recogniser']>;
  list?: () => ListState;
}

/** Two threads. `cameras` are all of lane-1. */
export function playRoad(change: RoadChange = {}, cameras: readonly string[] = ['cam-1']) {
  const reading: Reading[] = [];
  const pictureJobs: PictureJob[] = [];
  const raised: { hit: Hit; evidence: readonly Evidence[] }[] = [];
  const counted: Passage[] = [];
  const logged: { readonly fields: object; readonly message: string }[] = [];
  const rows = openFailureStreaks();
  const listed = new Set(['皖A12345']);
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const log: Log = { debug: note, info: note, warn: note, error: note };
  /** Waits in `jobs` until the test answers it. */
  const wait = <J extends { fail(): void }, T>(jobs: J[], jobOf: (resolve: (value: T) => void) => Omit<J, 'fail'>) =>
    new Promise<T>((resolve, reject) => {
      const leave = (): void => void jobs.splice(jobs.indexOf(job), 1);
      const job = {
        ...jobOf((value) => {
          leave();
          resolve(value);
        }),
        fail() {
          leave();
          reject(new Error('deadline'));
        },
      } as J;
      jobs.push(job);
    });
  const road = new RoadLanes({
    cameras: change.cameras ?? cameras.map((id) => ({ id, lane: 'lane-1', views: [{ lane: 'lane-1' }] })),
    clock: { now: () => 1e12, mono: () => 0, trusted: () => 1e12, state: () => ({ highest: 1e12, behindMs: 0 }) },
    log,
    config: 'c'.repeat(64),
    threads: 2,
    rows,
    dismissals: { silences: () => false },
    recogniser: {
      free: () => reading.length + pictureJobs.length < 2,
      plateModels: () => ['m'.repeat(64)],
      plates: (f) =>
        wait<Reading, PlatesResult>(reading, (resolve) => ({
          frame: f,
          answer: (...reads) => resolve({ reads, frame: f, sightings: [], attempts: reads.length }),
        })),
      evidence: () => Promise.resolve([PICTURE]),
      pushedPictures: (job) =>
        wait<PictureJob, PushedFilesResult>(pictureJobs, (resolve) => ({
          job,
          answer: (result) => resolve({ reads: [], evidence: [], refused: {}, ...result }),
        })),
      ...change.recogniser,
    },
    lists: {
      state: change.list ?? (() => IN_FORCE),
      matchPlate: (r) =>
        listed.has(r.text) ? { entry: { ...ENTRY, id: `E-${r.text}`, key: r.text }, certainty: 'exact' } : undefined,
    },
    hits: {
      raise(hit, evidence) {
        raised.push({ hit, evidence });
        return Promise.resolve(hit.id);
      },
      ...change.hits,
    },
    count: change.count ?? ((passage) => void counted.push(passage)),
  });
  /** One frame, read at once. */
  const see = async (at: number, reads: readonly PlateRead[], source = 'cam-1') => {
    road.frame(frame(at, { source }));
    reading[0]!.answer(...reads);
    await turn();
  };
  /** A vehicle goes by: four frames, and its track closes. */
  const pass = async (camera: string, at: number, text: string, more: Partial<PlateRead> = {}) => {
    for (let i = 0; i < 4; i++) await see(at + i * 200, [read(text, more)], camera);
    road.lost(camera);
    await turn();
  };
  return { road, reading, pictureJobs, raised, counted, logged, listed, rows, see, pass };
}

/** Until all promises that can be kept are. */
export const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
