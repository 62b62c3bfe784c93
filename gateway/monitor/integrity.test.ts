/** The watch over the store: an alarm that goes when a person has looked into it, and a view that only looks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { appendAnyDeed } from '../store/audit.fixtures.ts';
import { acceptRestart, restartAudit } from '../store/audit.ts';
import { DB_FILE, openDb, type Db } from '../store/db.ts';
import { openIntegrity, type Integrity } from './integrity.ts';

function watched(log = SILENT_LOG): { db: Db; other: Db; path: string; open: () => Integrity } {
  const folder = tempFolder();
  const [db, other] = [openDb(folder), openDb(folder)];
  const ends: (() => void | Promise<void>)[] = [() => db.close(), () => other.close()];
  onTestFinished(async () => {
    for (const end of ends) await end();
  });
  const path = join(folder, DB_FILE);
  const parts = { db, path, log, now: Date.now, pauseMs: 0 };
  const open = (): Integrity => {
    const integrity = openIntegrity(parts);
    ends.unshift(() => integrity.stop());
    return integrity;
  };
  return { db, other, path, open };
}
const keys = (integrity: Integrity) => integrity.status.problems!().map((p) => p.key);

test('W6: the alarm of a loss goes when a person has taken note of it, and stays for the others', async () => {
  const { db, other, open } = watched();
  const restart = (lastKnown: number) => restartAudit(db, { at: 1, who: 'box', why: 'lost', lastKnown });
  const [first, second] = [restart(5), restart(9)];
  const integrity = open();
  await integrity.check();
  expect(keys(integrity)).toEqual([`store:loss ${first}`, `store:loss ${second}`]);
  for (let i = 0; i < 20; i++) appendAnyDeed(other, { at: 1, who: 'box', what: 'x', detail: { i } });
  acceptRestart(other, first, { at: 2, who: 'A. Person' });
  await vi.waitFor(() => expect(keys(integrity)).toEqual([`store:loss ${second}`]), 30_000);
  // A check says the same.
  await integrity.check();
  expect(keys(integrity)).toEqual([`store:loss ${second}`]);
});

test('W6: to ask for problems starts no check; damage that a write met does, without anybody asking', async () => {
  const { db, open } = watched();
  const integrity = open();
  const health = () => (integrity.status.health!() as { integrity: { checking: boolean; checked: string } }).integrity;
  await integrity.check();
  const { checked } = health();
  db.health.refuse('failed', 'database disk image is malformed');
  keys(integrity);
  expect(health()).toMatchObject({ checking: false, checked });
  await vi.waitFor(() => expect(health().checked).not.toBe(checked), 30_000);
});

test('W6: damage of the header is named, and not taken for a table that could be closed for writing', async () => {
  const errors: string[] = [];
  const { db, open } = watched({ ...SILENT_LOG, error: (_, text) => void errors.push(text) });
  db.pragma('user_version = 4');
  const integrity = open();
  await integrity.check();
  expect(integrity.status.problems!()).toMatchObject([
    { key: 'store:the header', what: expect.stringContaining('damaged: the header: says layout 4') as string },
  ]);
  expect(errors).toEqual(['the store is damaged']);
});

test('a stop kills the running check, waits for its end and notes nothing of it', async () => {
  const errors: string[] = [];
  const { path, open } = watched({ ...SILENT_LOG, error: (_, text) => void errors.push(text) });
  const integrity = open();
  await vi.waitFor(() => expect(processesOn(path)).toHaveLength(1));
  await integrity.stop();
  expect(processesOn(path)).toEqual([]);
  expect(integrity.status.health!()).toMatchObject({ integrity: { checked: null, checking: false } });
  expect(errors).toEqual([]);
});

/** Ids of the processes that were started with `path` as an argument. */
const processesOn = (path: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').includes(`\0${path}\0`);
    } catch {
      // No process, or one that has just ended.
      return false;
    }
  });
