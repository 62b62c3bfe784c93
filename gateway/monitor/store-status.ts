/** What the store says of itself: problems in words, figures, and its block of /health. */
import type { Db } from '../store/db.ts';
import type { RefusalKind, StoreState } from '../store/connection/health.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { ProblemCode } from '../contracts/words/words.ts';

/** A lock that another program holds is no news for as long as a copy of the store may take. */
const BUSY_SHOWN_MS = 15_000;
/** Modes and links change when a person changes them. */
const EXPOSURES_EVERY_MS = 60_000;

const CODES = {
  full: 'store-full',
  busy: 'store-busy',
  'read-only': 'store-read-only',
  moved: 'store-moved',
  damaged: 'store-damaged',
  failed: 'store-failed',
} as const satisfies Readonly<Record<RefusalKind, ProblemCode>>;

/** `look` says which files others can reach; asked now and then. */
export function storeStatus(db: Db, look: () => readonly Problem[]): Status {
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
    problems: () => [...refusalProblem(db), ...exposed()],
    readings: () => {
      const single = (name: string, type: 'gauge' | 'counter', help: string, value: () => number) => {
        return { ...{ name, type, help, labels: [] }, read: () => [[[], value()] as const] };
      };
      return [
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
      ];
    },
    health() {
      const { refusal, refused, onReserve } = db.health.state();
      const state = refusal ? { refuses: refusal.kind, why: refusal.why } : { refuses: null };
      return { store: { ...state, refused, onReserve } };
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

/** Whether people have to know that the store refuses. */
export function isShown({ refusal }: Pick<StoreState, 'refusal'>): boolean {
  return refusal !== undefined && (refusal.kind !== 'busy' || performance.now() - refusal.since >= BUSY_SHOWN_MS);
}
