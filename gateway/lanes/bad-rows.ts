/**
 * A device may live, and yet nothing that it sends be of use: a camera with a wrong password, a reader that reads no document. What came
 * without use, one after the other and nothing good in between, is counted here, and is an alarm from `MAX_BAD_IN_A_ROW` on.
 */
import type { Problem } from '../ops/health.ts';
import type { Status } from '../ops/status.ts';

export const MAX_BAD_IN_A_ROW = 10;
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
    "the camera's login is wrong, or someone tries to log in from an address on `allow`: compare user and password in the camera with those of this box; `login-brake` names an address that guesses",
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

export function openBadRows(): BadRows {
  const rows = new Map<string, Row>();
  const keyOf = (of: RowOf, { id }: Named): string => `${WORDS[of][0]}:${id}`;
  const problem = ([key, { of, device, inARow, reasons }]: readonly [string, Row]): Problem[] => {
    if (inARow < MAX_BAD_IN_A_ROW) return [];
    const [, what, todo] = WORDS[of];
    const who = `${of === 'documents' ? 'reader' : 'camera'} ${device.id} (lane ${device.lane})`;
    return [{ key, what: `${who}: ${what(inARow)}: ${reasons.join('; ')}`, todo }];
  };
  return {
    bad(of, device, why) {
      const key = keyOf(of, device);
      const row = rows.get(key) ?? { of, device, inARow: 0, reasons: [] };
      rows.set(key, row);
      // One push that was refused for anything else, and the row is no longer one of logins alone.
      if (of !== row.of) row.of = 'reads';
      row.inARow++;
      if (row.reasons.length < REASONS_SHOWN && !row.reasons.includes(why)) row.reasons.push(why);
    },
    good: (of, device) => void rows.delete(keyOf(of, device)),
    inARow: (of, device) => rows.get(keyOf(of, device))?.inARow ?? 0,
    status: { problems: () => [...rows].flatMap(problem) },
  };
}
