import { expect, it } from 'vitest';
import { iso } from '../../../gateway/contracts/time.ts';
import type { LogLine } from '../../product/gateway.ts';
import type { SceneVehicle } from '../../scene/scene.ts';
import { planFor } from './convoy.ts';
import { isMet, type Measure } from '../report.ts';
import { counted, passes, type DrivenRoad } from './road-measures.ts';

const vehicle = (plate: string, style: SceneVehicle['style'], startS: number): SceneVehicle => ({
  plate,
  style,
  startS,
  lane: 0,
  speedMps: 9,
  direction: 'leaving',
});
const upAt = Date.parse('2026-01-01T00:00:00Z');
/** Each is 8 s on its road. */
const roads: DrivenRoad[] = [
  {
    lane: 'north',
    durationS: 60,
    upAt,
    vehicles: [vehicle('皖A12345', 'standard', 1), vehicle('粤B98K61', 'trailer', 40)],
  },
  { lane: 'south', durationS: 50, upAt: upAt + 500, vehicles: [vehicle('苏B7K29M', 'standard-yellow', 20)] },
];
const TURNS = 2;

function hit(entry: string, lane: string, atS: number, certainty = 'exact'): LogLine {
  return { msg: 'hit committed', level: 30, entry, lane, certainty, time: iso(upAt + atS * 1000) };
}

/** All six passes: at the beginning, in the middle, at the end of a vehicle's way. */
const right: readonly LogLine[] = [
  ...[hit('E-1', 'north', 2), hit('E-2', 'north', 45), hit('E-3', 'south', 28)],
  ...[hit('E-1', 'north', 69), hit('E-2', 'north', 101), hit('E-3', 'south', 74)],
];
const values = (measures: readonly Measure[]): number[] => measures.map((m) => m.value);

it('one hit for each pass of each vehicle is right', () => {
  const measures = passes(right, roads, TURNS, 0);
  expect(values(measures)).toEqual([100, 0, 0, 0, 0]);
  expect(measures.some((m) => isMet(m) === false)).toBe(false);
});

it.each<[string, readonly LogLine[], number[]]>([
  ['one is missing', right.slice(1), [83.3, 1, 0, 0, 0]],
  ['one comes twice', [...right, hit('E-2', 'north', 48)], [83.3, 0, 1, 0, 0]],
  [
    'a double does not make up for one that is missing',
    [...right.slice(1), hit('E-2', 'north', 48)],
    [66.7, 1, 1, 0, 0],
  ],
  ['one is seen where it was not', [...right.slice(1), hit('E-1', 'south', 2, 'possible')], [83.3, 1, 0, 1, 1]],
])('%s', (_name, lines, wanted) => {
  const measures = passes(lines, roads, TURNS, 0);
  expect(values(measures)).toEqual(wanted);
  expect(measures.some((m) => isMet(m) === false)).toBe(true);
  // Where nothing is promised, nothing is missed.
  expect(passes(lines, roads, TURNS).some((m) => isMet(m) === false)).toBe(false);
});

const metrics = (north: number, trailers: number, south: number): string =>
  [
    '# TYPE sitebox_passages_total counter',
    `sitebox_passages_total{lane="north",kind="standard",direction="leaving"} ${north - 1}`,
    'sitebox_passages_total{lane="north",kind="standard",direction="unknown"} 1',
    `sitebox_passages_total{lane="north",kind="trailer",direction="leaving"} ${trailers}`,
    `sitebox_passages_total{lane="south",kind="standard",direction="leaving"} ${south}`,
    'sitebox_frames_received_total{camera="n"} 100',
    'sitebox_frames_received_total{camera="s"} 300',
    'sitebox_frames_analysed_total{camera="n"} 90',
    'sitebox_frames_analysed_total{camera="s"} 210',
    'sitebox_frames_unchanged_total{camera="s"} 80',
  ].join('\n');

it.each([
  ['every one', metrics(2, 2, 2), [6, 0, 0, 75, 20]],
  ['a kind too many does not make up for one that is missing', metrics(3, 1, 2), [6, 1, 1, 75, 20]],
  ['nor does another lane', metrics(3, 2, 1), [6, 1, 1, 75, 20]],
])('passages are counted by lane and kind: %s', (_name, text, wanted) => {
  expect(values(counted(text, roads, TURNS, 0))).toEqual(wanted);
});

it('a drive has at least the passages asked for, in turns of a minute', () => {
  expect(planFor(1000)).toEqual({ vehicles: 34, turns: 10 });
  expect(planFor(103)).toEqual({ vehicles: 34, turns: 2 });
  expect(planFor(1)).toEqual({ vehicles: 1, turns: 1 });
});
