/**
 * Drawn traffic before one road lane in this process, picture by picture: what the lane made of it, and what work that took. `full` is the
 * comparison: every picture is searched whole, and every plate found is read.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Picture, Passage } from '../../../gateway/contracts/plate.ts';
import type { PlateSearch } from '../../../gateway/inference/recogniser.ts';
import { openFailureStreaks } from '../../../gateway/devices/failure-streaks.ts';
import { RoadLanes } from '../../../gateway/road/road.ts';
import { platePosition } from '../../../gateway/road/tracking/motion.ts';
import type { PlateReader } from '../../../models/plate/index.ts';
import type { Scene } from '../../scene/scene.ts';

export interface PassersOptions {
  readonly fps: number;
  readonly seconds: number;
  readonly full?: boolean;
  /** What the lane asks of the reader is changed by it: for broken variants. */
  readonly change?: (search: PlateSearch) => PlateSearch;
}

export interface Passers {
  readonly counted: readonly Passage[];
  /** Width in pixels of the plate in the last picture of each text that was looked up. */
  readonly widths: ReadonlyMap<string, number>;
  readonly lookedUp: readonly string[];
  readonly pictures: number;
  readonly counts: ReturnType<RoadLanes['counts']>;
  /** Of the lane and its reader, without the drawing. */
  readonly cpuMs: number;
}

const CAMERA = { id: 'north-1', lane: 'north', views: [{ lane: 'north' }] };
const DIGEST = 'a'.repeat(64);

export async function letPass(scene: Scene, reader: PlateReader, options: PassersOptions): Promise<Passers> {
  const { fps, seconds, full = false, change = (search) => search } = options;
  const seen = openRecords();
  let busy = false;
  const road = new RoadLanes({
    ...seen.parts,
    cameras: [CAMERA],
    threads: 1,
    everything: full,
    recogniser: {
      free: () => !busy,
      plateModels: () => [DIGEST],
      evidence: seen.evidence,
      pushedPictures: () => Promise.reject(new Error('nothing is pushed here')),
      async plates(frame, search = {}) {
        busy = true;
        try {
          const wanted = { ...change(search), stream: true };
          const { reads, sightings, attempts } = await reader.plates(frame, wanted);
          return { frame, reads, sightings, attempts };
        } finally {
          busy = false;
        }
      },
    },
  });
  let cpuMs = 0;
  for (let i = 0; i < seconds * fps; i++) {
    const tS = i / fps;
    const { width, height } = scene;
    const rgb = scene.draw(tS);
    const before = process.cpuUsage();
    road.frame({ source: CAMERA.id, at: Math.round(tS * 1000), width, height, rgb });
    do await turn();
    while (busy);
    const { user, system } = process.cpuUsage(before);
    cpuMs += (user + system) / 1000;
  }
  road.lost(CAMERA.id);
  await road.drain();
  return { ...seen.records, pictures: seconds * fps, counts: road.counts(CAMERA.id), cpuMs };
}

/** Everything that is read is listed, so that each look-up shows its picture. */
function openRecords() {
  const counted: Passage[] = [];
  const lookedUp: string[] = [];
  const widths = new Map<string, number>();
  const pictures: Picture[] = [];
  const nothing = (): void => undefined;
  const entry = {
    category: 'stolen',
    legalBasis: 'basis',
    issuer: 'issuer',
    authorisedBy: 'person',
    validFrom: 0,
    validUntil: 1e15,
    instruction: 'look',
  } as const;
  return {
    records: { counted, lookedUp, widths },
    evidence: (picture: Picture) => {
      pictures.push(picture);
      return Promise.resolve([]);
    },
    parts: {
      clock: { now: () => 1e6, mono: () => 0, trusted: () => 1e6, state: () => ({ highest: 1e6, behindMs: 0 }) },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      rows: openFailureStreaks(),
      config: DIGEST,
      lists: {
        state: () =>
          ({
            state: 'in force',
            ref: { type: 'plate-list', version: 1, sha256: DIGEST },
            expires: 1e15,
            entries: 1,
          }) as const,
        matchPlate: ({ text }: { readonly text: string }) =>
          ({ entry: { ...entry, id: text, key: text }, certainty: 'exact' }) as const,
      },
      dismissals: { silences: () => false },
      hits: {
        raise(hit: { readonly id: string; readonly listed?: string }) {
          const picture = pictures.shift();
          const listed = String(hit.listed);
          lookedUp.push(listed);
          if (picture) widths.set(listed, Math.round(platePosition(picture.corners).width));
          return Promise.resolve(hit.id);
        },
      },
      count: (passage: Passage): void => void counted.push(passage),
    },
  };
}
