/**
 * A device may live, and yet nothing that it sends be of use: a camera with a wrong password, a reader that reads no document. What came
 * without use, one after the other and nothing good in between, is counted here, and is an alarm from `MAX_BAD_IN_A_ROW` on. So is a camera of
 * whose last `WINDOW_READS` reads more than half came without use: a good one now and then does not make it one that sees.
 */
import type { Problem, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import type { Words } from '../contracts/words/area.ts';
import { joined, type ProblemCode } from '../contracts/words/words.ts';

export const MAX_BAD_IN_A_ROW = 10;
export const WINDOW_READS = 50;
const REASONS_SHOWN = 3;

/** What is counted of a device, each by itself; `logins` are refused pushes too and stand in one row with `reads`. */
export type StreakKind = 'reads' | 'logins' | 'cross-checks' | 'frames' | 'documents';

export interface DeviceLocation {
  readonly id: string;
  readonly lane: string;
}

export type FailureStreaks = ReturnType<typeof openFailureStreaks>;

interface Row {
  of: StreakKind;
  readonly device: DeviceLocation;
  inARow: number;
  /** The first few that differ. */
  readonly reasons: string[];
}

/** Of the last reads of a camera, the oldest first: why it was of no use, undefined for a good one. Wrong logins are no reads. */
type Window = (string | undefined)[];

/** The key of the alarm, and what it says. */
const ALARMS = {
  reads: ['camera-reads', 'pushes-unusable'],
  logins: ['camera-reads', 'pushes-wrong-login'],
  'cross-checks': ['cross-check', 'cross-checks-differ'],
  frames: ['camera-frames', 'frames-unusable'],
  documents: ['reader-documents', 'documents-unreadable'],
} as const satisfies Readonly<Record<StreakKind, readonly [key: string, code: ProblemCode]>>;

const firstReasons = (reasons: readonly string[]): Words =>
  joined([...new Set(reasons)].slice(0, REASONS_SHOWN), { en: '; ', zh: '；' });

export function openFailureStreaks() {
  const rows = new Map<string, Row>();
  const windows = new Map<string, { readonly device: DeviceLocation; readonly reads: Window }>();
  const read = (of: StreakKind, device: DeviceLocation, why?: string): void => {
    if (of !== 'reads') return;
    const window = windows.get(keyOf(of, device)) ?? { device, reads: [] };
    windows.set(keyOf(of, device), window);
    window.reads.push(why);
    if (window.reads.length > WINDOW_READS) window.reads.shift();
  };
  const keyOf = (of: StreakKind, { id }: DeviceLocation): string => `${ALARMS[of][0]}:${id}`;
  const unbroken = ([key, { of, device, inARow, reasons }]: readonly [string, Row]): Problem[] => {
    if (inARow < MAX_BAD_IN_A_ROW) return [];
    const { id, lane } = device;
    return [problem(key, ALARMS[of][1], { id, lane, count: inARow, reasons: firstReasons(reasons) })];
  };
  /** Under the same key: one that has a row without a good one between says more. */
  const halfBlind = (): Problem[] =>
    [...windows].flatMap(([key, { device, reads }]) => {
      const bad = reads.filter((why) => why !== undefined);
      if (bad.length <= WINDOW_READS / 2 || (rows.get(key)?.inARow ?? 0) >= MAX_BAD_IN_A_ROW) return [];
      const { id, lane } = device;
      const counts = { bad: bad.length, count: reads.length };
      return [problem(key, 'pushes-half-unusable', { id, lane, ...counts, reasons: firstReasons(bad) })];
    });
  return {
    /** `why` says what was expected, or what is wrong, and repeats nothing of what came. */
    bad(of: StreakKind, device: DeviceLocation, why: string): void {
      read(of, device, why);
      const key = keyOf(of, device);
      const row = rows.get(key) ?? { of, device, inARow: 0, reasons: [] };
      rows.set(key, row);
      // One push that was refused for anything else, and the row is no longer one of logins alone.
      if (of !== row.of) row.of = 'reads';
      row.inARow++;
      if (row.reasons.length < REASONS_SHOWN && !row.reasons.includes(why)) row.reasons.push(why);
    },
    good(of: StreakKind, device: DeviceLocation): void {
      read(of, device);
      rows.delete(keyOf(of, device));
    },
    /** How many came without use since the last good one: the one count behind the alarm and /health. */
    inARow: (of: StreakKind, device: DeviceLocation): number => rows.get(keyOf(of, device))?.inARow ?? 0,
    status: { problems: () => [...[...rows].flatMap(unbroken), ...halfBlind()] } satisfies Status,
  };
}
