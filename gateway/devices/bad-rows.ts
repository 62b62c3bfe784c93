/**
 * A device may live, and yet nothing that it sends be of use: a camera with a wrong password, a reader that reads no document. What came
 * without use, one after the other and nothing good in between, is counted here, and is an alarm from `MAX_BAD_IN_A_ROW` on. So is a camera of
 * whose last `WINDOW_READS` reads more than half came without use: a good one now and then does not make it one that sees.
 */
import type { Problem, Status } from '../contracts/status.ts';

export const MAX_BAD_IN_A_ROW = 10;
export const WINDOW_READS = 50;
const REASONS_SHOWN = 3;

/** What is counted of a device, each by itself; `logins` are refused pushes too and stand in one row with `reads`. */
export type RowOf = 'reads' | 'logins' | 'cross-checks' | 'frames' | 'documents';

export interface Named {
  readonly id: string;
  readonly lane: string;
}

export interface BadRows {
  /** `why` says what was expected, or what is wrong, and repeats nothing of what came. */
  bad(of: RowOf, device: Named, why: string): void;
  good(of: RowOf, device: Named): void;
  /** How many came without use since the last good one: the one count behind the alarm and /health. */
  inARow(of: RowOf, device: Named): number;
  readonly status: Status;
}

interface Row {
  of: RowOf;
  readonly device: Named;
  inARow: number;
  /** The first few that differ. */
  readonly reasons: string[];
}

/** Of the last reads of a camera, the oldest first: why it was of no use, undefined for a good one. Wrong logins are no reads. */
type Window = (string | undefined)[];

/** What the alarm says: its key, what of the device came without use, and what to do. */
const WORDS: Readonly<Record<RowOf, readonly [key: string, what: (count: number) => string, todo: string]>> = {
  reads: [
    'camera-reads',
    (count) => `none of its last ${count} pushes could be used`,
    'nothing of this camera is looked up: check path, user, password and format that it pushes with, and what it writes as the plate',
  ],
  logins: [
    'camera-reads',
    (count) => `its last ${count} pushes came with a wrong login, or with none`,
    "the camera's login is wrong, or someone tries to log in from an address on `allow`: compare user and password in the camera with those of this box; `login-throttled` names an address that guesses",
  ],
  'cross-checks': [
    'cross-check',
    (count) => `none of its last ${count} cross-checks agreed with its own reads`,
    'hits are `possible` at most, or go without the second read: look at its picture of the road (sharp? lit? plates wide enough?) and compare some of its reads by eye',
  ],
  frames: [
    'camera-frames',
    (count) => `none of its last ${count} pictures could be analysed`,
    'no plate of this camera is read: see the log for the cause, and npx sitebox models',
  ],
  documents: [
    'reader-documents',
    (count) => `none of its last ${count} documents could be read`,
    'clean the reader, lay down a document that is known to be good, and have the reader looked at if that is not read either; look at documents by eye meanwhile',
  ],
};

const HALF_TODO =
  'most vehicles of this lane are not looked up: check what this camera writes as the plate, its format and path, and what it sees (aim, light, sharpness)';
const firstReasons = (reasons: readonly string[]): string => [...new Set(reasons)].slice(0, REASONS_SHOWN).join('; ');

export function openBadRows(): BadRows {
  const rows = new Map<string, Row>();
  const windows = new Map<string, { readonly device: Named; readonly reads: Window }>();
  const read = (of: RowOf, device: Named, why?: string): void => {
    if (of !== 'reads') return;
    const window = windows.get(keyOf(of, device)) ?? { device, reads: [] };
    windows.set(keyOf(of, device), window);
    window.reads.push(why);
    if (window.reads.length > WINDOW_READS) window.reads.shift();
  };
  const keyOf = (of: RowOf, { id }: Named): string => `${WORDS[of][0]}:${id}`;
  const problem = ([key, { of, device, inARow, reasons }]: readonly [string, Row]): Problem[] => {
    if (inARow < MAX_BAD_IN_A_ROW) return [];
    const [, what, todo] = WORDS[of];
    const who = `${of === 'documents' ? 'reader' : 'camera'} ${device.id} (lane ${device.lane})`;
    return [{ key, what: `${who}: ${what(inARow)}: ${reasons.join('; ')}`, todo }];
  };
  /** Under the same key: one that has a row without a good one between says more. */
  const halfBlind = (): Problem[] =>
    [...windows].flatMap(([key, { device, reads }]) => {
      const bad = reads.filter((why) => why !== undefined);
      if (bad.length <= WINDOW_READS / 2 || (rows.get(key)?.inARow ?? 0) >= MAX_BAD_IN_A_ROW) return [];
      const what = `${bad.length} of its last ${reads.length} pushes could not be used`;
      return [
        { key, what: `camera ${device.id} (lane ${device.lane}): ${what}: ${firstReasons(bad)}`, todo: HALF_TODO },
      ];
    });
  return {
    bad(of, device, why) {
      read(of, device, why);
      const key = keyOf(of, device);
      const row = rows.get(key) ?? { of, device, inARow: 0, reasons: [] };
      rows.set(key, row);
      // One push that was refused for anything else, and the row is no longer one of logins alone.
      if (of !== row.of) row.of = 'reads';
      row.inARow++;
      if (row.reasons.length < REASONS_SHOWN && !row.reasons.includes(why)) row.reasons.push(why);
    },
    good(of, device) {
      read(of, device);
      rows.delete(keyOf(of, device));
    },
    inARow: (of, device) => rows.get(keyOf(of, device))?.inARow ?? 0,
    status: { problems: () => [...[...rows].flatMap(problem), ...halfBlind()] },
  };
}
