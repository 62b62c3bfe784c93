/** What sealing costs: a picture of 100 kB, and the commit of a hit with its pictures, sealed and plain side by side in one run. */
import { randomBytes } from 'node:crypto';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDb, type Db } from '../../../gateway/store/db.ts';
import { recordHit } from '../../../gateway/store/hits.ts';
import { OutboxWriter } from '../../../gateway/store/outbox/outbox.ts';
import { sealNothing } from '../../../gateway/store/sealing/sealing.fixtures.ts';
import { newHit, newPicture } from '../../faults/store-fill.ts';
import { measure, percentile, type Measure } from '../report.ts';

const PICTURE_BYTES = 100_000;
const PLATE_BYTES = 8_000;
const SEALS = 2_000;
const COMMITS = 2_500;
/** The ratio is the median of so many parts of the run: one burst of other work on the machine does not decide it. */
const PARTS = 5;
/** The first ones load code and grow the file. */
const WARM_UP = 50;
const MAX_SEAL_MS = 1;
const MAX_COMMIT_RATIO = 1.2;

export function measureSealing(): Measure[] {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-sealing-'));
  const [sealed, plain] = ['sealed', 'plain'].map((name) => openDb(join(folder.path, name))) as [Db, Db];
  sealNothing(plain);
  try {
    const picture = randomBytes(PICTURE_BYTES);
    const seals = times(SEALS, () => void sealed.sealing.sealBytes('evidence.bytes', 'x', picture));
    const value = sealed.sealing.sealBytes('evidence.bytes', 'x', picture);
    const opens = times(SEALS, () => void sealed.sealing.openBytes('evidence.bytes', 'x', value));
    const commits = measureCommits(sealed, plain);
    const p95 = { sealed: percentile(commits.sealed, 95), plain: percentile(commits.plain, 95) };
    return [
      measure('a picture of 100 kB is sealed, p95', hundredths(percentile(seals, 95)), 'ms', SEALS, {
        most: MAX_SEAL_MS,
      }),
      measure('it is opened, p95', hundredths(percentile(opens, 95)), 'ms', SEALS),
      measure(
        'a hit with two pictures is committed sealed, p50',
        hundredths(percentile(commits.sealed, 50)),
        'ms',
        COMMITS,
      ),
      measure('the same plain, p50', hundredths(percentile(commits.plain, 50)), 'ms', COMMITS),
      measure('a hit with two pictures is committed sealed, p95', hundredths(p95.sealed), 'ms', COMMITS),
      measure('the same plain, p95', hundredths(p95.plain), 'ms', COMMITS),
      measure(`sealed to plain, p95, median of ${PARTS} parts`, hundredths(ratioOf(commits)), '×', COMMITS, {
        most: MAX_COMMIT_RATIO,
      }),
    ];
  } finally {
    sealed.close();
    plain.close();
  }
}

function ratioOf({ sealed, plain }: { readonly sealed: readonly number[]; readonly plain: readonly number[] }): number {
  const size = COMMITS / PARTS;
  const ratios = Array.from({ length: PARTS }, (_, part) => {
    const [of, to] = [sealed, plain].map((ms) => percentile(ms.slice(part * size, (part + 1) * size), 95));
    return of! / to!;
  });
  return percentile(ratios, 50);
}

/** In turn, and each first as often as the other, so that what else the machine does meets both alike. */
function measureCommits(sealed: Db, plain: Db): { readonly sealed: number[]; readonly plain: number[] } {
  const taken = { sealed: [] as number[], plain: [] as number[] };
  const stores = { sealed, plain };
  for (let i = 0; i < WARM_UP + COMMITS; i++) {
    const order = i % 2 === 0 ? (['sealed', 'plain'] as const) : (['plain', 'sealed'] as const);
    const evidence = [
      newPicture(randomBytes(PICTURE_BYTES)),
      { ...newPicture(randomBytes(PLATE_BYTES)), what: 'plate' as const },
    ];
    for (const name of order) {
      const hit = newHit(Date.now() + i * 10_000, i);
      const [ms] = times(
        1,
        () => void recordHit(stores[name], { hit, evidence, windowMs: 1_000 }, outboxOf(stores[name])),
      );
      if (i >= WARM_UP) taken[name].push(ms!);
    }
  }
  return taken;
}

function outboxOf(db: Db): OutboxWriter {
  return new OutboxWriter(db, {
    source: '/sites/demo/boxes/box-001',
    relays: ['room'],
    limits: { rows: 1e6, bytes: 1e12 },
    now: Date.now,
    wake: () => undefined,
  });
}

function times(count: number, work: () => void): number[] {
  return Array.from({ length: count }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
