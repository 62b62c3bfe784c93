/** The threads of the box: those that run models, and the one that decodes what plate cameras push. */
import type { Parts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';
import type { Models } from '../contracts/models.ts';
import { openAhead, type Ahead } from '../inference/priority-queue.ts';
import { openDecoder, type Decoder } from '../inference/decode.ts';
import type { About, Job, Needs, Pixels, Results } from '../inference/jobs.ts';
import { openPool, type Pool } from '../inference/pool.ts';
import type { RoadParts } from '../road/road.ts';
import type { Supervisor } from '../supervise.ts';

export type Threads = Pool<Job, Results>;

export interface BoxThreads {
  readonly pool: Threads;
  readonly ahead: Ahead;
  readonly decoder: Decoder;
}

/** A camera waits for what is done with its pictures. */
const PUSHED_MS = 2_000;

export function openThreads(
  parts: Parts,
  models: Models,
  supervisor: Supervisor,
  log: Log,
  undo: (() => Promise<void> | void)[],
): BoxThreads {
  const pool = openPool<Job, Results>({ ...threadsFor(parts, supervisor), workerUrl: models.worker, log });
  undo.push(() => pool.close());
  const decoder = openDecoder(parts.cameras.some((c) => c.pushes) ? 1 : 0, models.decoder, log);
  undo.push(() => decoder.close());
  return { pool, ahead: openAhead(pool, parts.config.inference.deadlineMs), decoder };
}

/** No thread is started that has nothing to do, and none loads a model that no lane asks for. */
function threadsFor({ config, cameras }: Parts, { off }: Supervisor): { threads: number; workerData: Needs } {
  const { comparison, lanes } = config;
  const compares = lanes.some((l) => l.kind === 'gate' && l.compare && l.camera !== undefined);
  const needs: Needs = {
    plates: lanes.some((l) => l.kind === 'road'),
    ...(comparison && compares
      ? {
          faces: {
            chain: comparison.models,
            ...(comparison.threshold === undefined ? {} : { threshold: comparison.threshold }),
          },
        }
      : {}),
  };
  return { threads: cameras.length === 0 || off('inference') ? 0 : config.inference.threads, workerData: needs };
}

/** What the road needs of the pool. A frame moves to its thread and back; for evidence it is copied, because its track keeps it. */
export function roadThreads(
  { pool, ahead, decoder }: BoxThreads,
  deadlineMs: number,
): Pick<RoadParts, 'free' | 'models' | 'plates' | 'evidence' | 'pushedPictures'> {
  return {
    free: () => ahead.free(),
    models: () => (pool.about() as About | undefined)?.models ?? [],
    plates: (frame, region) =>
      pool.run({ kind: 'plates', frame, ...(region ? { region } : {}) }, [frame.rgb.buffer], deadlineMs),
    async evidence({ frame, corners }) {
      const { plate, vehicle } = await pool.run({ kind: 'evidence', frame, corners }, [], deadlineMs);
      return [plate, vehicle];
    },
    async pushedPictures({ pictures: files, ...job }) {
      const { pictures, refused } = await decoder.decode(files);
      const transfer = Object.values(pictures).map((p: Pixels) => p.rgb.buffer);
      if (transfer.length === 0) return { reads: [], evidence: [], refused };
      // The thread that was free may not be any more.
      const patience = AbortSignal.timeout(PUSHED_MS);
      return { ...(await ahead.run({ kind: 'pushed pictures', pictures, ...job }, transfer, patience)), refused };
    },
  };
}
