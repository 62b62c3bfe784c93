/** The store in /health and /metrics: whether it takes writes, free disk space, files that others can read, and hits that wait for it. */
import type { Db } from '../store/db.ts';
import type { StoreRefusalKind, StoreState } from '../store/connection/health.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import { freeBytes } from '../store/files/ballast.ts';
import { problem } from '../contracts/words/problem.ts';
import { words, type ProblemCode } from '../contracts/words/words.ts';

/** A copy of the store may hold the lock this long without an alarm. */
const BUSY_SHOWN_MS = 15_000;
/** Only people change modes and links of files. */
const EXPOSURES_EVERY_MS = 60_000;

const CODES = {
  full: 'store-full',
  busy: 'store-busy',
  'read-only': 'store-read-only',
  moved: 'store-moved',
  damaged: 'store-damaged',
  failed: 'store-failed',
} as const satisfies Readonly<Record<StoreRefusalKind, ProblemCode>>;

export interface StoreStatusOptions {
  readonly db: Db;
  readonly folder: string;
  /** Less free space than this is a problem. */
  readonly minFreeBytes: number;
  readonly hits: Pick<HitBuffer, 'state'>;
  /** Files that others can read; called now and then. */
  readonly exposures: () => readonly Problem[];
}

export function storeStatus({ db, folder, minFreeBytes, hits, exposures: look }: StoreStatusOptions): Status {
  let exposures = look();
  let lookedAt = performance.now();
  const exposed = (): readonly Problem[] => {
    if (performance.now() - lookedAt >= EXPOSURES_EVERY_MS) {
      exposures = look();
      lookedAt = performance.now();
    }
    return exposures;
  };
  return {
    problems: () => [
      ...hitProblems(hits.state()),
      ...spaceProblem(freeBytes(folder), minFreeBytes),
      ...refusalProblem(db),
      ...exposed(),
    ],
    readings: () => [
      single('sitebox_hits_waiting', 'gauge', 'Hits the store has not taken yet', () => hits.state().waiting),
      single('sitebox_hits_lost_total', 'counter', 'Hits that were lost', () => hits.state().lost),
      single('sitebox_storage_free_bytes', 'gauge', 'Free in the storage folder', () => freeBytes(folder)),
      single('sitebox_store_writable', 'gauge', '1 while the store takes writes', () =>
        Number(db.health.state().refusal === undefined),
      ),
      single(
        'sitebox_store_writes_refused_total',
        'counter',
        'Writes that the store refused',
        () => db.health.state().refused,
      ),
      single('sitebox_store_on_reserve', 'gauge', '1 while the ballast is given up for want of room', () =>
        Number(db.health.state().onReserve),
      ),
    ],
    health() {
      const { refusal, refused, onReserve } = db.health.state();
      const state = refusal ? { refuses: refusal.kind, why: refusal.why } : { refuses: null };
      const { waiting, lost, error } = hits.state();
      return {
        storage: { freeBytes: freeBytes(folder), minFreeBytes, waitingHits: waiting, lostHits: lost, error },
        store: { ...state, refused, onReserve },
      };
    },
  };
}

function refusalProblem(db: Db): Problem[] {
  const { refusal, onReserve } = db.health.state();
  if (!refusal) return onReserve ? [problem('store:reserve', 'store-reserve')] : [];
  if (!isShown({ refusal })) return [];
  const { kind, why } = refusal;
  return [problem(`store:${kind}`, CODES[kind], { cause: why })];
}

/** Whether a refusal is shown to people. */
export function isShown({ refusal }: Pick<StoreState, 'refusal'>): boolean {
  return refusal !== undefined && (refusal.kind !== 'busy' || performance.now() - refusal.since >= BUSY_SHOWN_MS);
}

function hitProblems({ waiting, lost, error }: ReturnType<HitBuffer['state']>): Problem[] {
  const cause = error ? words('because', { cause: error }) : '';
  return [
    ...(waiting > 0 ? [problem('storage:refuses', 'hits-waiting', { hits: waiting, cause })] : []),
    ...(lost > 0 ? [problem('storage:lost', 'hits-lost', { hits: lost })] : []),
  ];
}

function spaceProblem(free: number, wanted: number): Problem[] {
  if (free >= wanted) return [];
  return [problem('storage:space', 'disk-space-low', { free: mebibytes(free), wanted: mebibytes(wanted) })];
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
