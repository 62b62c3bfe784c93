/** What the product promises under faults, part by part, each with its time. The load generators run on the same machine. */
import { join } from 'node:path';
import { MIN_PER_MINUTE, type SoakOutcome, type SoakPlan } from '../faults/soak-figures.ts';
import { measureParts, type BenchParts, type ReportProgress } from './parts.ts';
import { measure, milliseconds, spread, type Measure } from './report.ts';

const KILLS = 200;
const MIN_ACKNOWLEDGED = 20_000;
const DAMAGES = 16;
const MUTATIONS = 500_000;
const CYCLES = 300;
const SOAK = { minutes: 60, warmUpMinutes: 20 };
const MAX_SLOPE_MIB_PER_HOUR = 2;

const parts: BenchParts = {
  async kills(folder) {
    const { killEverything } = await import('../faults/kills.ts');
    // Side by side: most of a start is waiting for one core.
    const plans = [0, 1].map((i) => ({ folder: join(folder, `${i}`), kills: KILLS / 2, seed: 7 + i, vehicles: 9_000 }));
    const outcomes = await Promise.all(plans.map(killEverything));
    const sum = (key: 'hits' | 'again'): number => outcomes.reduce((n, o) => n + o[key], 0);
    const many = (key: 'raised' | 'cancelled' | 'done' | 'lost' | 'doubled'): number =>
      outcomes.reduce((n, o) => n + o[key].length, 0);
    const [hits, calls, answers] = [sum('hits'), many('raised') + many('cancelled'), many('done')];
    const acknowledged = hits + calls + answers;
    return [
      count('events acknowledged before kills', acknowledged, KILLS, { least: MIN_ACKNOWLEDGED }),
      count('of these hits', hits, KILLS),
      count('of these calls for help and withdrawals', calls, KILLS),
      count('of these answers to orders', answers, KILLS),
      count('lost', many('lost'), acknowledged, { most: 0 }),
      count('doubled at the room', many('doubled'), acknowledged, { most: 0 }),
      count('that came to the room more than once, and were dropped there', sum('again'), acknowledged),
    ];
  },
  async damage() {
    const { damageStores } = await import('../faults/damage.ts');
    const results = await damageStores({ count: DAMAGES });
    const of = (outcome: (typeof results)[number]['outcome']): number =>
      results.filter((r) => r.outcome === outcome).length;
    const unnoticed = results.filter((r) => r.named === '').length;
    return [
      count('single pages overwritten: box serves with its store', of('serves'), DAMAGES),
      count('box serves without its store, keeps nothing and says what to do', of('without store'), DAMAGES),
      count('box refuses to start, with what to do', of('refuses'), DAMAGES, { most: 0 }),
      count('box ends in any other way', of('ends'), DAMAGES, { most: 0 }),
      count('unnoticed after the background check', unnoticed, DAMAGES, { most: 0 }),
    ];
  },
  async disk(folder) {
    const { callOnFullDisk } = await import('../faults/full-disk.ts');
    const o = await callOnFullDisk(folder, { kind: 'ext4', megabytes: 150 });
    if (typeof o === 'string') throw new Error(o);
    const withBallast = 'call for help on a full disk with ballast: press to receipt';
    return [
      milliseconds(withBallast, o.withBallastMs, 1, { most: 999 }),
      milliseconds('without: told to the crew after', o.toldMs, 1, { most: 1_000 }),
      count('receipts before there was room', o.receiptsWithoutRoom, 1, { most: 0 }),
      milliseconds('receipt after room came back', o.acknowledgedAfterMs, 1, { most: 5_000 }),
      count('acknowledged and not stored', o.lost.length, 1, { most: 0 }),
    ];
  },
  async line() {
    const { BACKLOG, measureLine } = await import('../faults/line.ts');
    const { rowsPerS, hitP95Ms, hitsRaised, maxAtOnce, faults } = await measureLine(BACKLOG);
    const { rows, answerMs } = BACKLOG;
    return [
      measure(`backlog of ${rows}, ${answerMs} ms an answer`, Math.round(rowsPerS), 'rows/s', rows, { least: 500 }),
      milliseconds('hit raised meanwhile: on disk to acknowledged, p95', hitP95Ms, hitsRaised, { most: 1_000 }),
      measure('requests under way at most', maxAtOnce, 'requests', 1),
      count('twice, before its pictures, or out of order', faults.length, rows, { most: 0 }),
    ];
  },
  async loop(folder, progress) {
    const { measureLoop, MILLION } = await import('../faults/loop.ts');
    const { measureStops } = await import('./stops.ts');
    progress(`a store of ${MILLION.rows} hits, rows that wait and rows of audit`);
    const { stops, healthMs, delivered } = await measureLoop(folder);
    const longest = `longest stop of the event loop, a list of ${MILLION.entries} taken over meanwhile`;
    return [
      ...measureStops(longest, stops),
      ...spread('/health', healthMs),
      count('events delivered meanwhile', delivered, 1),
    ];
  },
  async lock(folder) {
    const { pushWhileLocked } = await import('../faults/held-lock.ts');
    const o = await pushWhileLocked(folder, { holdMs: 8_000, times: 2, pushes: 20 });
    const held = 'write lock held 8 s by another program: longest /health';
    return [
      milliseconds(held, o.healthMs, o.healthAnswers, { most: 100 }),
      milliseconds('last push answered after its end', o.answeredAfterMs, o.pushes, { most: 10_000 }),
      count('pushes lost', o.pushes - o.hits, o.pushes, { most: 0 }),
      count('reading threads thrown away', o.restarts, 1, { most: 0 }),
    ];
  },
  async sos() {
    const { measureCalls } = await import('../faults/sos-measure.ts');
    const { messages, withoutRow, withoutNotice, uncaught } = await measureCalls(MUTATIONS);
    return [
      count('mutated calls for help', messages, messages, { least: MUTATIONS }),
      count('without a row', withoutRow, messages, { most: 0 }),
      count('without a notice', withoutNotice, messages, { most: 0 }),
      count('uncaught', uncaught, messages, { most: 0 }),
    ];
  },
  async cycles(folder) {
    const { runCycles } = await import('../faults/cycles.ts');
    const { done, end } = await runCycles(folder, CYCLES);
    return [
      count('starts and stops in one process', done, CYCLES, { least: CYCLES }),
      count('ended by a signal or an error', end === 0 ? 0 : 1, 1, { most: 0 }),
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
  const slope = `resident size after ${warmUpMinutes} of ${minutes} min: slope of the lowest of each minute`;
  return [
    measure(slope, slopeMibPerHour, 'MiB/h', windows, { most: MAX_SLOPE_MIB_PER_HOUR }),
    measure('its first and last', firstMib, 'MiB', 1),
    measure('', lastMib, 'MiB', 1),
    ...Object.entries(MIN_PER_MINUTE).map(([what, { of, least }]) => {
      const n = done[what as keyof typeof done];
      return count(`${of} in a minute`, Math.round((n / minutes) * 10) / 10, n, { least });
    }),
  ];
}

function count(name: string, value: number, n: number, bar?: Measure['bar']): Measure {
  return measure(name, value, 'events', n, bar);
}

/** `only`: names of parts, separated by commas; all but the soak unless told. Throws UsageError for a part that does not exist. */
export function measureFaults(only: string | undefined, progress: ReportProgress): Promise<Measure[]> {
  return measureParts('faults', parts, { only, progress, skipped: (name) => name === 'soak' });
}
