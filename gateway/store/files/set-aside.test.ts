/** A store that a repair or a restore replaces is kept whole, under a name of its own, and its log is never replayed into the new one. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { asideName, putInPlace, sweepAside } from './set-aside.ts';
import { DB_FILE, getMeta, openCopy, openDb, setMeta, type Db } from '../db.ts';
import { createPrivate } from './private-files.ts';

const T0 = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

/** A store as a killed process leaves it, with `what` only in its log; and `part`, which is to replace it. */
function leftBehind(): { folder: string; part: string } {
  const folder = tempFolder();
  mkdirSync(join(folder, 'run'));
  const running = openDb(join(folder, 'run'));
  running.pragma('wal_checkpoint(TRUNCATE)');
  setMeta(running, 'what', 'old');
  for (const end of ['', '-wal']) copyFileSync(join(folder, 'run', DB_FILE + end), join(folder, DB_FILE + end));
  running.close();
  const part = join(folder, 'restore-1.part');
  createPrivate(part);
  closing(openCopy(part), (db) => setMeta(db, 'what', 'new'));
  return { folder, part };
}

function closing<T>(db: Db, work: (db: Db) => T): T {
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const whatIn = (db: Db) => closing(db, (open) => getMeta(open, 'what'));

test('W6: a leftover log goes with the old store, and never into the new one', () => {
  const { folder, part } = leftBehind();
  const aside = asideName(folder, 'replaced', T0);
  putInPlace(folder, part, aside);
  expect(existsSync(join(folder, `${DB_FILE}-wal`))).toBe(false);
  expect(whatIn(openDb(folder))).toBe('new');
  // Whole, in one file.
  expect(whatIn(openCopy(join(folder, aside)))).toBe('old');
});

test('W6: the log of a store that cannot be opened is kept beside it', () => {
  const { folder, part } = leftBehind();
  const log = readFileSync(join(folder, `${DB_FILE}-wal`));
  writeFileSync(join(folder, DB_FILE), 'no store'.repeat(1_000));
  const aside = asideName(folder, 'damaged', T0);
  putInPlace(folder, part, aside);
  expect(whatIn(openDb(folder))).toBe('new');
  expect(readFileSync(join(folder, aside), 'utf8').slice(0, 8)).toBe('no store');
  expect(readFileSync(join(folder, aside.replace(DB_FILE, `${DB_FILE}-wal`))).equals(log)).toBe(true);
});

test('W6: if the old store cannot be kept, nothing changes', () => {
  const { folder, part } = leftBehind();
  mkdirSync(join(folder, 'taken'));
  expect(() => putInPlace(folder, part, 'taken')).toThrow('EEXIST');
  expect(existsSync(part)).toBe(true);
  expect(whatIn(openDb(folder))).toBe('old');
});

test('W6: two of the same minute have names of their own, and both are deleted after a day', async () => {
  const { folder, part } = leftBehind();
  const first = asideName(folder, 'damaged', T0);
  writeFileSync(join(folder, `${first}.missing.json`), '[]');
  const second = asideName(folder, 'damaged', T0);
  expect(second).not.toBe(first);
  putInPlace(folder, part, second);
  const deleted: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    const info = (fields: object): void => {
      deleted.push(fields);
      if (deleted.length === 2) resolve();
    };
    const never = (): void => undefined;
    sweepAside(folder, T0 + DAY_MS + 60_001, { debug: never, info, warn: never, error: never });
  });
  await done;
  expect([second, `${first}.missing.json`].filter((name) => existsSync(join(folder, name)))).toEqual([]);
});
