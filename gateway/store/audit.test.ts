import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { appendAnyDeed } from './audit.fixtures.ts';
import { verifyAudit } from './audit.ts';
import { testDb } from './db.fixtures.ts';
import type { Db } from './db.ts';

let folder: string;
let db: Db;

beforeEach(() => {
  folder = tempFolder();
  db = testDb(folder);
  for (let i = 1; i <= 5; i++) appendAnyDeed(db, { at: 1000 * i, who: 'box', what: 'list imported', detail: { n: i } });
});

describe('audit log', () => {
  it('verifies, also when reopened', () => {
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 5 });
    db.close();
    db = testDb(folder);
    appendAnyDeed(db, { at: 1, who: 'a', what: 'b', detail: null });
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 6 });
  });

  it('verifies when empty', () => {
    const other = tempFolder();
    const empty = testDb(other);
    expect(verifyAudit(empty)).toEqual({ ok: true, rows: 0 });
    empty.close();
  });

  it('leaves nothing when its transaction is rolled back', () => {
    const failing = db.transaction(() => {
      appendAnyDeed(db, { at: 1, who: 'a', what: 'b', detail: null });
      throw new Error('later statement failed');
    });
    expect(failing).toThrow('later statement failed');
    expect(verifyAudit(db)).toEqual({ ok: true, rows: 5 });
  });

  // Each case is what an intruder with the file could try; verifyAudit must name the row.
  it.each([
    ['edited detail', `UPDATE audit SET detail = '{"n":9}' WHERE seq = 3`, 3],
    ['edited time', `UPDATE audit SET atMs = 1 WHERE seq = 2`, 2],
    ['edited author', `UPDATE audit SET who = 'other' WHERE seq = 1`, 1],
    ['deleted first', `DELETE FROM audit WHERE seq = 1`, 1],
    ['deleted in the middle', `DELETE FROM audit WHERE seq = 3`, 3],
    ['cut off at the end', `DELETE FROM audit WHERE seq >= 4`, 4],
    ['emptied', `DELETE FROM audit`, 1],
    [
      'swapped',
      `UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9`,
      2,
    ],
    ['added without the head', `INSERT INTO audit SELECT 6, atMs, who, what, detail, hash FROM audit WHERE seq = 5`, 6],
    ['head removed', `DELETE FROM meta WHERE key = 'auditHead'`, 6],
  ])('finds a log that was %s', (_name, sql, seq) => {
    db.exec(sql);
    expect(verifyAudit(db)).toMatchObject({ ok: false, seq });
  });
});
