/** What the road lanes say in /health and /metrics: look-ups by outcome, and what cameras that read by themselves pushed. */
import type { Reading, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { explainOffset } from '../devices/clock-offset.ts';
import type { RoadLanes } from './road.ts';

/** `cameras`: those of the road lanes that read by themselves. */
export function roadStatus(
  road: Pick<RoadLanes, 'lookups' | 'pushes'>,
  cameras: readonly { readonly id: string; readonly lane: string }[],
): Status {
  return {
    problems: () =>
      cameras.flatMap(({ id, lane }) => {
        const off = explainOffset(road.pushes(id).clockOffsetMs);
        if (!off) return [];
        return [problem(`camera-clock:${id}`, 'camera-clock-off', { id, lane, offset: off.what, hint: off.hint })];
      }),
    readings: () => [
      ...pushReadings(road, cameras),
      {
        name: 'sitebox_lookups_total',
        type: 'counter',
        help: 'Look-ups by outcome',
        labels: ['outcome'],
        read: () => Object.entries(road.lookups()).map(([outcome, n]) => [[outcome], n]),
      },
    ],
    health: () => ({ lookups: road.lookups() }),
  };
}

function pushReadings(road: Pick<RoadLanes, 'pushes'>, cameras: readonly { readonly id: string }[]): Reading[] {
  type Rows = ReturnType<Reading['read']>;
  type Counts = ReturnType<RoadLanes['pushes']>;
  const reading = (
    name: string,
    type: Reading['type'],
    help: string,
    labels: readonly string[],
    of: (counts: Counts, id: string) => Rows,
  ): Reading => ({ name, type, help, labels, read: () => cameras.flatMap(({ id }) => of(road.pushes(id), id)) });
  return [
    reading(
      'sitebox_pushed_reads_total',
      'counter',
      'Reads that cameras pushed: plates, and texts that are none',
      ['camera', 'outcome'],
      ({ plates, impossible }, id) => [
        [[id, 'plate'], plates],
        [[id, 'impossible'], impossible],
      ],
    ),
    reading(
      'sitebox_pushes_refused_total',
      'counter',
      'Pushes that were answered with a refusal',
      ['camera', 'reason'],
      ({ refused }, id) => Object.entries(refused).map(([reason, n]) => [[id, reason], n]),
    ),
    reading(
      'sitebox_pushed_pictures_refused_total',
      'counter',
      'Pushed pictures that were not decoded',
      ['camera'],
      ({ picturesRefused }, id) => [[[id], picturesRefused]],
    ),
    reading(
      'sitebox_pushed_reads_late_total',
      'counter',
      'Pushed reads that the camera had kept and sent late',
      ['camera'],
      ({ late }, id) => [[[id], late]],
    ),
    reading(
      'sitebox_cross_checks_total',
      'counter',
      "What the box's own reader said of pushed reads",
      ['camera', 'outcome'],
      ({ crossChecks }, id) => Object.entries(crossChecks).map(([outcome, n]) => [[id, outcome], n]),
    ),
    reading(
      'sitebox_camera_clock_offset_seconds',
      'gauge',
      "The camera's clock less the box's",
      ['camera'],
      ({ clockOffsetMs }, id) => (clockOffsetMs === undefined ? [] : [[[id], clockOffsetMs / 1000]]),
    ),
  ];
}
