/** What the store says of itself: problems in words, figures, and its block of /health. */
import type { Db } from '../store/db.ts';
import type { Exposure } from '../store/files/private-files.ts';
import type { RefusalKind, StoreState } from '../store/connection/health.ts';
import type { Problem, Status } from '../contracts/status.ts';

/** A lock that another program holds is no news for as long as a copy of the store may take. */
const BUSY_SHOWN_MS = 15_000;
/** Modes and links change when a person changes them. */
const EXPOSURES_EVERY_MS = 60_000;

const TODO: Readonly<Record<RefusalKind, string>> = {
  full: 'free space in the storage folder now, do not switch the box off; what is seen meanwhile waits in memory',
  busy: 'find the program that holds the store (fuser sitebox.db) and end it; what is seen meanwhile waits in memory',
  'read-only':
    'make the folder writable again (see its mount and its owner); the box goes on by itself. Hits and calls are shown and not kept',
  moved:
    'put the very files back that the box opened, or restore a backup, and start the box anew (docs/guide.md, 7). Until then nothing is kept: call in hits by radio',
  damaged:
    'stop the box and run "npx sitebox verify-store --repair", or restore a backup (docs/guide.md, 7). Until then nothing is kept: call in hits by radio',
  failed:
    'look at the disk (dmesg), and move to a new one while it can be read (docs/guide.md, 8); the box keeps trying',
};

const WHAT: Readonly<Record<RefusalKind, string>> = {
  full: 'the disk of the store is full, and nothing can be kept',
  busy: 'another program holds the lock of the store, and nothing can be kept',
  'read-only': 'the store can only be read: look-ups go on, and nothing can be kept',
  moved: 'the store is not the one that the box opened, and nothing is kept or acknowledged',
  damaged: 'the store is damaged, the box goes on without it, and nothing is kept',
  failed: 'the disk does not take what is written to the store',
};

/** `look` says which files others can reach; asked now and then. */
export function storeStatus(db: Db, look: () => readonly Exposure[]): Status {
  let exposures = look();
  let lookedAt = performance.now();
  const exposed = (): readonly Problem[] => {
    if (performance.now() - lookedAt >= EXPOSURES_EVERY_MS) {
      exposures = look();
      lookedAt = performance.now();
    }
    return exposures.map(({ path, what, todo }) => ({ key: `exposed:${path}`, what: `${path} ${what}`, todo }));
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
  if (!refusal)
    return onReserve
      ? [
          {
            key: 'store:reserve',
            what: 'the disk is full: hits, calls for help and orders are kept on the reserve of the box, and nothing else is',
            todo: 'free space in the storage folder now; the reserve lasts for some hundreds of hits',
          },
        ]
      : [];
  if (!isShown({ refusal })) return [];
  const { kind, why } = refusal;
  return [{ key: `store:${kind}`, what: `${WHAT[kind]}: ${why}`, todo: TODO[kind] }];
}

/** Whether people have to know that the store refuses. */
export function isShown({ refusal }: Pick<StoreState, 'refusal'>): boolean {
  return refusal !== undefined && (refusal.kind !== 'busy' || performance.now() - refusal.since >= BUSY_SHOWN_MS);
}
