/**
 * What the lanes ask of the reading threads: plates of a frame, pictures that prove a hit, a comparison of faces. Jobs of a gate, and of a camera
 * that waits for its answer, go before frames of the road. Pictures that cameras push are decoded on a thread of their own first.
 */
import type { Transferable } from 'node:worker_threads';
import type { Log, Sha256 } from '../contracts/base.ts';
import type { Comparison } from '../contracts/comparison.ts';
import type { Models } from '../contracts/models.ts';
import type { Evidence, Frame } from '../contracts/picture.ts';
import type { Picture } from '../contracts/plate.ts';
import type {
  InferenceJob,
  InferenceResults,
  LoadedModels,
  ModelSelection,
  Pixels,
  PlatesJob,
  PlatesResult,
  PushedFiles,
  PushedFilesResult,
} from './jobs.ts';
import { openPictureDecoder, type PictureDecoder } from './picture-decoder.ts';
import { openPool, type Pool, type PoolState } from './pool.ts';
import { openPriorityQueue, type PriorityQueue } from './priority-queue.ts';

export interface RecogniserOptions {
  readonly models: Pick<Models, 'worker' | 'decoder'>;
  /** Reading threads; 0 where nothing is to be read. */
  readonly threads: number;
  readonly selection: ModelSelection;
  /** Whether a camera pushes pictures. */
  readonly decodesPushes: boolean;
  readonly deadlineMs: number;
  readonly log: Log;
}

/** Where in a frame plates are looked for, and which need not be read. */
export type PlateSearch = Omit<PlatesJob, 'kind' | 'frame'>;

/** A camera waits for what is done with its pictures; a lane picture is of use only while its hit waits for it. */
const PATIENCE_MS = 2_000;

export class Recogniser {
  readonly #pool: Pool<InferenceJob, InferenceResults>;
  readonly #urgent: PriorityQueue;
  readonly #decoder: PictureDecoder;
  readonly #deadlineMs: number;

  /** The threads begin to load their models. */
  constructor({ models, threads, selection, decodesPushes, deadlineMs, log }: RecogniserOptions) {
    this.#pool = openPool({ threads, workerUrl: models.worker, workerData: selection, log });
    this.#urgent = openPriorityQueue(this.#pool, deadlineMs);
    this.#decoder = openPictureDecoder(decodesPushes ? 1 : 0, models.decoder, log);
    this.#deadlineMs = deadlineMs;
    this.#pool.onFree(() => this.#urgent.pump());
  }

  /** Whether the road may take a thread now. */
  free(): boolean {
    return this.#urgent.free();
  }

  /** Calls `serve` whenever a thread becomes free, after urgent jobs have had their turn. */
  onFree(serve: () => void): void {
    this.#pool.onFree(serve);
  }

  state(): PoolState {
    return this.#pool.state();
  }

  /** Undefined until a thread is ready. */
  loadedModels(): LoadedModels | undefined {
    return this.#pool.about() as LoadedModels | undefined;
  }

  /** Digests of the plate models in use. */
  plateModels(): readonly Sha256[] {
    return this.loadedModels()?.models ?? [];
  }

  /** Finds and reads the plates of a frame. The frame moves to the thread and comes back. */
  plates(frame: Frame, search: PlateSearch = {}): Promise<PlatesResult> {
    const job = { kind: 'plates', frame, ...search } as const;
    return this.#pool.run(job, [frame.rgb.buffer], this.#deadlineMs);
  }

  /** Cuts the pictures that prove a hit. The frame is copied, because its track keeps it. */
  async evidence({ frame, corners }: Picture): Promise<readonly Evidence[]> {
    const { plate, vehicle } = await this.#pool.run({ kind: 'evidence', frame, corners }, [], this.#deadlineMs);
    return [plate, vehicle];
  }

  /** Reads, or makes evidence of, what a camera pushed; the files stay the caller's. */
  async pushedPictures({ pictures: files, ...job }: PushedFiles): Promise<PushedFilesResult> {
    const { pictures, refused } = await this.#decoder.decode(files);
    const transfer = Object.values(pictures).map((p: Pixels) => p.rgb.buffer);
    if (transfer.length === 0) return { reads: [], evidence: [], refused };
    // The thread that was free before the decoding may be busy again.
    return { ...(await this.#soon({ kind: 'pushed pictures', pictures, ...job }, transfer)), refused };
  }

  /** The whole picture of a gate lane, for a hit. The frame is given away. */
  async lanePicture(frame: Frame): Promise<Evidence> {
    return await this.#soon({ kind: 'lane picture', frame }, [frame.rgb.buffer]);
  }

  /** Compares the face in the frame with each reference, 1:1. Frame and references are given away and zeroed. */
  async compare(
    frame: Frame,
    references: readonly Uint8Array<ArrayBuffer>[],
    signal: AbortSignal,
  ): Promise<readonly Comparison[]> {
    const transfer = [frame.rgb.buffer, ...references.map((r) => r.buffer)];
    return await this.#urgent.run({ kind: 'compare', frame, references }, transfer, signal);
  }

  /** Ends all threads; running jobs reject. */
  async close(): Promise<void> {
    await this.#decoder.close();
    await this.#pool.close();
  }

  #soon<J extends InferenceJob>(job: J, transfer: readonly Transferable[]): Promise<InferenceResults[J['kind']]> {
    return this.#urgent.run(job, transfer, AbortSignal.timeout(PATIENCE_MS));
  }
}
