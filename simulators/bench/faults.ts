/** What the product promises under faults, part by part, each with its time. The load generators run on the same machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIN_PER_MINUTE, type SoakOutcome, type SoakPlan } from '../faults/soak-figures.ts';
import { spread, type Measure } from './report.ts';
import { UsageError } from './usage.ts';

type Progress = (text: string) => void;
type Part = (folder: string, progress: Progress) => Promise<Measure[]>;

const KILLS = 200;
const MIN_ACKNOWLEDGED = 20_000;
const DAMAGES = 16;
const MUTATIONS = 500_000;
const CYCLES = 300;
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
  async damage() {
    const { damageStores } = await import('../faults/damage.ts');
    const results = await damageStores({ count: DAMAGES });
    const of = (wanted: (r: (typeof results)[number]) => boolean): number => results.filter(wanted).length;
    return [
      count(
        'single pages overwritten: box serves with its store',
        of((r) => r.outcome === 'serves'),
        DAMAGES,
      ),
      count(
        'box serves without its store, keeps nothing and says what to do',
        of((r) => r.outcome === 'without store'),
        DAMAGES,
      ),
      {
        ...count(
          'box refuses to start, with what to do',
          of((r) => r.outcome === 'refuses'),
          DAMAGES,
        ),
        bar: { most: 0 },
      },
      {
        ...count(
          'box ends in any other way',
          of((r) => r.outcome === 'ends'),
          DAMAGES,
        ),
        bar: { most: 0 },
      },
      {
        ...count(
          'unnoticed after the background check',
          of((r) => r.named === ''),
          DAMAGES,
        ),
        bar: { most: 0 },
      },
    ];
  },
  async disk(folder) {
    const { callOnFullDisk } = await import('../faults/full-disk.ts');
    const outcome = await callOnFullDisk(folder, { kind: 'ext4', megabytes: 150 });
    if (typeof outcome === 'string') throw new Error(outcome);
    return [
      {
        ...ms('call for help on a full disk with ballast: press to receipt', outcome.withBallastMs, 1),
        bar: { most: 999 },
      },
      { ...ms('without: told to the crew after', outcome.toldMs, 1), bar: { most: 1_000 } },
      { ...count('receipts before there was room', outcome.receiptsWithoutRoom, 1), bar: { most: 0 } },
      { ...ms('receipt after room came back', outcome.acknowledgedAfterMs, 1), bar: { most: 5_000 } },
      { ...count('acknowledged and not stored', outcome.lost.length, 1), bar: { most: 0 } },
    ];
  },
  async line() {
    const { BACKLOG, measureLine } = await import('../faults/line.ts');
    const { rowsPerS, hitP95Ms, hitsRaised, maxAtOnce, faults } = await measureLine(BACKLOG);
    return [
      {
        name: `backlog of ${BACKLOG.rows}, ${BACKLOG.answerMs} ms an answer`,
        value: Math.round(rowsPerS),
        unit: 'rows/s',
        n: BACKLOG.rows,
        bar: { least: 500 },
      },
      { ...ms('hit raised meanwhile: on disk to acknowledged, p95', hitP95Ms, hitsRaised), bar: { most: 1_000 } },
      { name: 'requests under way at most', value: maxAtOnce, unit: 'requests', n: 1 },
      { ...count('twice, before its pictures, or out of order', faults.length, BACKLOG.rows), bar: { most: 0 } },
    ];
  },
  async loop(folder, progress) {
    const { measureLoop, MILLION } = await import('../faults/loop.ts');
    progress(`a store of ${MILLION.rows} hits, rows that wait and rows of audit`);
    const { longestStopMs, stopsMs, healthMs, delivered } = await measureLoop(folder);
    return [
      {
        ...ms(
          `longest stop of the event loop, a list of ${MILLION.entries} taken over meanwhile`,
          longestStopMs,
          stopsMs.length,
        ),
        bar: { most: 50 },
      },
      ...spread('/health', healthMs),
      count('events delivered meanwhile', delivered, 1),
    ];
  },
  async lock(folder) {
    const { pushWhileLocked } = await import('../faults/held-lock.ts');
    const o = await pushWhileLocked(folder, { holdMs: 8_000, times: 2, pushes: 20 });
    return [
      {
        ...ms('write lock held 8 s by another program: longest /health', o.healthMs, o.healthAnswers),
        bar: { most: 100 },
      },
      { ...ms('last push answered after its end', o.answeredAfterMs, o.pushes), bar: { most: 10_000 } },
      { ...count('pushes lost', o.pushes - o.hits, o.pushes), bar: { most: 0 } },
      { ...count('reading threads thrown away', o.restarts, 1), bar: { most: 0 } },
    ];
  },
  async sos() {
    const { measureCalls } = await import('../faults/sos-measure.ts');
    const { messages, withoutRow, withoutNotice, uncaught } = await measureCalls(MUTATIONS);
    return [
      { ...count('mutated calls for help', messages, messages), bar: { least: MUTATIONS } },
      { ...count('without a row', withoutRow, messages), bar: { most: 0 } },
      { ...count('without a notice', withoutNotice, messages), bar: { most: 0 } },
      { ...count('uncaught', uncaught, messages), bar: { most: 0 } },
    ];
  },
  async cycles(folder) {
    const { runCycles } = await import('../faults/cycles.ts');
    const { done, end } = await runCycles(folder, CYCLES);
    return [
      { ...count('starts and stops in one process', done, CYCLES), bar: { least: CYCLES } },
      { ...count('ended by a signal or an error', end === 0 ? 0 : 1, 1), bar: { most: 0 } },
    ];
  },
  async soak(folder, progress) {
    const { soak } = await import('../faults/soak.ts');
    progress(`soak of ${SOAK.minutes} minutes`);
    return soakMeasures(await soak({ folder, ...SOAK }), SOAK);
  },
};

/** Of a soak in which too little happened the size says nothing: what was done in a minute has bars of its own. */
export function soakMeasures(outcome: SoakOutcome, { minutes, warmUpMinutes }: Omit<SoakPlan, 'folder'>): Measure[] {
  const { slopeMibPerHour, firstMib, lastMib, windows, done } = outcome;
  return [
    {
      name: `resident size after ${warmUpMinutes} of ${minutes} min: slope of the lowest of each minute`,
      value: slopeMibPerHour,
      unit: 'MiB/h',
      n: windows,
      bar: { most: MAX_SLOPE_MIB_PER_HOUR },
    },
    { name: 'its first and last', value: firstMib, unit: 'MiB', n: 1 },
    { name: '', value: lastMib, unit: 'MiB', n: 1 },
    ...Object.entries(MIN_PER_MINUTE).map(([what, { of, least }]): Measure => {
      const n = done[what as keyof typeof done];
      return {
        name: `${of} in a minute`,
        value: Math.round((n / minutes) * 10) / 10,
        unit: 'events',
        n,
        bar: { least },
      };
    }),
  ];
}

function ms(name: string, value: number, n: number): Measure {
  return { name, value: Math.round(value * 10) / 10, unit: 'ms', n };
}

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
