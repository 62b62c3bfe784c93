/** What a drive past the cameras is worth: the gateway's log and metrics against the vehicles that were really there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../../product/gateway.ts';
import { plateFacts } from '../../scene/plate-text.ts';
import type { SceneVehicle } from '../../scene/scene.ts';
import { measure, share, spread, type Measure } from '../report.ts';

/** A drawn road that is driven again and again before one lane's camera. */
export interface DrivenRoad {
  readonly lane: string;
  readonly vehicles: readonly SceneVehicle[];
  /** Of one turn. */
  readonly durationS: number;
  /** By the gateway's clock, when its first picture came. */
  readonly upAt: number;
}

/** How far a scene's vehicle drives while it can be seen, metres. */
const WAY_M = 72;
/** For the last look-ups and acknowledgements. */
const SETTLE_MS = 10_000;

export const of = (lines: readonly LogLine[], msg: string): LogLine[] => lines.filter((l) => l.msg === msg);
export const timeOf = (line: LogLine): number => Date.parse(String(line['time']));

/** Waits until every hit is acknowledged, or for as long as is given. */
export async function settled(lines: readonly LogLine[]): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  do await sleep(500);
  while (of(lines, 'hit acknowledged').length < of(lines, 'hit committed').length && performance.now() < giveUpAt);
}

export function delays(lines: readonly LogLine[], captureToCommitMs: number): Measure[] {
  const committed = of(lines, 'hit committed');
  const acknowledged = of(lines, 'hit acknowledged');
  const toCommitMs = committed.map((l) => Number(l['captureToCommitMs']));
  const toAckMs = acknowledged.map((l) => Number(l['commitToAckMs']));
  return [
    ...spread('frame captured -> hit committed', toCommitMs, captureToCommitMs),
    ...spread('hit committed -> acknowledged', toAckMs, 200),
    measure('of the hits acknowledged', acknowledged.length, 'hits', committed.length),
  ];
}

/**
 * Each pass of each vehicle against the hits of its entry at its lane: one is right. Every vehicle is listed, road by road, as E-1, E-2, …
 * A hit belongs to the pass that is nearest in time. `most`: what the project promises of those missed, doubled or at another lane.
 */
export function passes(
  lines: readonly LogLine[],
  roads: readonly DrivenRoad[],
  turns: number,
  most?: number,
): Measure[] {
  const entries = roads.flatMap((road) => road.vehicles.map((vehicle) => ({ road, vehicle })));
  const hitsOf = new Map<string, number>();
  let elsewhere = 0;
  let possible = 0;
  for (const line of of(lines, 'hit committed')) {
    const entry = Number(String(line['entry']).slice(2)) - 1;
    const { road, vehicle } = entries[entry]!;
    if (line['certainty'] === 'possible') possible++;
    if (line['lane'] !== road.lane) {
      elsewhere++;
      continue;
    }
    const middleMs = (vehicle.startS + WAY_M / vehicle.speedMps / 2) * 1000;
    const turn = Math.round((timeOf(line) - road.upAt - middleMs) / (road.durationS * 1000));
    const key = `${entry} ${turn}`;
    hitsOf.set(key, (hitsOf.get(key) ?? 0) + 1);
  }
  const all = entries.length * turns;
  const counts = [...hitsOf.values()];
  const one = counts.filter((n) => n === 1).length;
  const bar = most === undefined ? undefined : { most };
  return [
    measure('listed vehicles that became exactly one hit', share(one, all), '%', all),
    measure('listed vehicles missed', all - counts.length, 'vehicles', all, bar),
    measure('listed vehicles with more than one hit', counts.length - one, 'vehicles', all, bar),
    measure('hits at a lane where the vehicle was not', elsewhere, 'hits', counts.length, bar),
    measure('hits that ask a person to compare (possible)', possible, 'hits', counts.length),
  ];
}

/** Passages of /metrics against the scenes, per lane and kind of plate: a false passage must not make up for a missed one. */
export function counted(metrics: string, roads: readonly DrivenRoad[], turns: number, most?: number): Measure[] {
  const difference = new Map<string, number>();
  const add = (key: string, n: number): void => void difference.set(key, (difference.get(key) ?? 0) + n);
  let total = 0;
  for (const [labels, n] of samples(metrics, 'sitebox_passages_total')) {
    add(`${labels['lane']} ${labels['kind']}`, n);
    total += n;
  }
  for (const { lane, vehicles } of roads) for (const v of vehicles) add(`${lane} ${plateFacts[v.style].kind}`, -turns);
  const all = roads.reduce((n, road) => n + road.vehicles.length, 0) * turns;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const missed = sum([...difference.values()].map((d) => Math.max(0, -d)));
  const extra = sum([...difference.values()].map((d) => Math.max(0, d)));
  const bar = most === undefined ? undefined : { most };
  const frames = (what: string): number => sum(samples(metrics, `sitebox_frames_${what}_total`).map(([, n]) => n));
  const received = frames('received');
  return [
    measure('passages counted', total, `of ${all} vehicles`, all),
    measure('passages missing, by lane and kind of plate', missed, 'passages', all, bar),
    measure('passages too many, by lane and kind of plate', extra, 'passages', all, bar),
    measure('frames analysed', share(frames('analysed'), received), '%', received),
    measure('frames without change, skipped', share(frames('unchanged'), received), '%', received),
  ];
}

/** The samples of one metric in the Prometheus text format; none where there is no such metric. */
function samples(metrics: string, name: string): [labels: Readonly<Record<string, string>>, value: number][] {
  const lines = metrics.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\d+)$`, 'gm'));
  return [...lines].map(([, labels = '', value]) => {
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key!, text!] as const);
    return [Object.fromEntries(pairs), Number(value)];
  });
}
