/** What the product promises under faults, part by part, each with its time. The load generators run on the same machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from './report.ts';
import { UsageError } from './usage.ts';

type Progress = (text: string) => void;
type Part = (folder: string, progress: Progress) => Promise<Measure[]>;

const KILLS = 200;
const MIN_ACKNOWLEDGED = 20_000;
const SOAK = { minutes: 60, warmUpMinutes: 20 };
const MAX_SLOPE_MIB_PER_HOUR = 2;

const parts: Readonly<Record<string, Part>> = {
  async kills(folder) {
    const { killEverything } = await import('../faults/kills.ts');
    // Side by side: most of a start is waiting for one core.
    const plans = [0, 1].map((i) => ({ folder: join(folder, `${i}`), kills: KILLS / 2, seed: 7 + i, vehicles: 9_000 }));
    const outcomes = await Promise.all(plans.map(killEverything));
    const sum = (of: (o: (typeof outcomes)[number]) => number): number => outcomes.reduce((n, o) => n + of(o), 0);
    const acknowledged = sum((o) => o.hits + o.calls + o.answers);
    return [
      { ...count('events acknowledged before kills', acknowledged, KILLS), bar: { least: MIN_ACKNOWLEDGED } },
      count(
        'of these hits',
        sum((o) => o.hits),
        KILLS,
      ),
      count(
        'of these calls for help and withdrawals',
        sum((o) => o.calls),
        KILLS,
      ),
      count(
        'of these answers to orders',
        sum((o) => o.answers),
        KILLS,
      ),
      {
        ...count(
          'lost',
          sum((o) => o.lost.length),
          acknowledged,
        ),
        bar: { most: 0 },
      },
      {
        ...count(
          'doubled at the room',
          sum((o) => o.doubled.length),
          acknowledged,
        ),
        bar: { most: 0 },
      },
      count(
        'that came to the room more than once, and were dropped there',
        sum((o) => o.again),
        acknowledged,
      ),
    ];
  },
  async soak(folder, progress) {
    const { soak } = await import('../faults/soak.ts');
    progress(`soak of ${SOAK.minutes} minutes`);
    const { slopeMibPerHour, firstMib, lastMib, windows, pushes, receipts, events } = await soak({ folder, ...SOAK });
    return [
      {
        name: `resident size after ${SOAK.warmUpMinutes} of ${SOAK.minutes} min: slope of the lowest of each minute`,
        ...{ value: slopeMibPerHour, unit: 'MiB/h', n: windows, bar: { most: MAX_SLOPE_MIB_PER_HOUR } },
      },
      { name: 'its first and last', value: firstMib, unit: 'MiB', n: 1 },
      { name: '', value: lastMib, unit: 'MiB', n: 1 },
      count('pushes, receipts and events meanwhile', pushes + receipts + events, 1),
    ];
  },
};

function count(name: string, value: number, n: number): Measure {
  return { name, value, unit: 'events', n };
}

/** `only`: names of parts, separated by commas; all but the soak unless told. Throws UsageError for a part that does not exist. */
export async function measureFaults(only: string | undefined, progress: Progress): Promise<Measure[]> {
  const names = only === undefined ? Object.keys(parts).filter((name) => name !== 'soak') : only.split(',');
  for (const name of names) {
    if (!Object.hasOwn(parts, name)) {
      throw new UsageError(`faults has no part "${name}"; known: ${Object.keys(parts).join(', ')}`);
    }
  }
  const measures: Measure[] = [];
  for (const name of names) {
    progress(name);
    const folder = mkdtempSync(join(tmpdir(), `sitebox-faults-${name}-`));
    const startedAt = performance.now();
    try {
      const measured = await parts[name]!(folder, progress);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      measures.push(...measured.map((m) => ({ ...m, name: `${name}: ${m.name}` })), {
        name: `${name}: time`,
        value: seconds,
        unit: 's',
        n: 1,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return measures;
}
