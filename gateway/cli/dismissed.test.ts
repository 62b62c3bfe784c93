/** Dismissed hits (never 3): in no backup, back with no restore and no repair, and not for long in what was set aside. */
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iso } from '../contracts/time.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { backup, BY, layBackupBox, restore, type BackupBox } from '../../simulators/faults/backup-box.ts';
import { sitebox } from '../../simulators/product/gateway.ts';
import { reviewRig } from '../hits/reviews.fixtures.ts';
import { appendAudit, verifyAudit } from '../store/audit.ts';
import { openSealed } from '../store/backup/seal.ts';
import { checkStore } from '../store/damage/check.ts';
import { DB_FILE, openCopy, type Db } from '../store/db.ts';
import { outboxTotals } from '../store/outbox/outbox.ts';

/** Two people of the command room. */
function dismiss(db: Db, hit: string, at = Date.now()): void {
  const { reviews } = reviewRig(db, { policy: { opinions: 2, rooms: ['room'] }, now: () => at });
  const pair = { verdict: 'dismiss', names: ['B. Person', 'C. Person'], relay: 'room' } as const;
  expect(reviews.pair(hit, pair)).toEqual({ state: 'dismissed' });
}
/** As 0.2 wrote what the command room said. */
function reviewedBefore(db: Db, hit: string, outcome: 'confirmed' | 'dismissed'): void {
  appendAudit(db, { at: Date.now(), who: 'B. Person', what: 'hit reviewed', detail: { hit, outcome } });
}
const count = (db: Db, table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
const hitIds = (db: Db) => db.prepare('SELECT id FROM hits ORDER BY rowid').pluck().all() as string[];
const eventsOf = (db: Db, hit: string) =>
  db.prepare('SELECT count(*) FROM outbox WHERE stream = ?').pluck().get(`hit:${hit}`);
const asideIn = (box: BackupBox, what: string) =>
  readdirSync(box.storage).filter((name) => name.startsWith(`${DB_FILE}.${what}-until-`) && name.endsWith('Z'));

test('W6: never 3: a dismissed hit stands in no backup and comes back with none, nor with a repair', async () => {
  const folder = tempFolder();
  const box = layBackupBox(folder, 5);
  const [gone, back, later, kept] = box.with((db) => {
    const ids = hitIds(db);
    reviewedBefore(db, ids[0]!, 'dismissed');
    // The last word holds.
    reviewedBefore(db, ids[1]!, 'dismissed');
    reviewedBefore(db, ids[1]!, 'confirmed');
    return ids;
  }) as [string, string, string, string];
  const to = join(box.folder, 'one.backup');
  expect(await backup(box, to)).toMatchObject({ code: 0 });
  const open = join(box.folder, 'open.db');
  openSealed(to, open, createPrivateKey(readFileSync(box.privateKey)));
  const copy = openCopy(open);
  expect(hitIds(copy)).toEqual(expect.arrayContaining([back, later, kept]));
  expect(hitIds(copy)).not.toContain(gone);
  expect(count(copy, 'evidence')).toBe(4);
  expect(eventsOf(copy, gone)).toBe(0);
  expect(outboxTotals(copy, 'room').rows).toBe(count(copy, 'outbox'));
  expect(verifyAudit(copy)).toMatchObject({ ok: true });
  copy.close();

  // Dismissed after the backup was made, 23 hours ago: neither comes back, and the file of before has one hour left.
  const hour = 3_600_000;
  const now = Date.now();
  box.with((db) => dismiss(db, later, now - 23 * hour));
  expect(await restore(box, to, '--without-anchors')).toMatchObject({ code: 0 });
  box.with((db) => {
    expect(hitIds(db)).toEqual(expect.arrayContaining([back, kept]));
    expect([gone, later].some((id) => hitIds(db).includes(id))).toBe(false);
  });
  const [aside] = asideIn(box, 'replaced');
  const soon = iso(now + 2 * hour)
    .slice(0, 16)
    .replace(/[-:]/g, '');
  expect(aside! < `${DB_FILE}.replaced-until-${soon}Z`).toBe(true);

  box.with((db) => dismiss(db, kept));
  expect(await sitebox('verify-store', '--repair', '--config', box.config, ...BY)).toMatchObject({ code: 0 });
  box.with((db) => {
    expect(hitIds(db)).toContain(back);
    expect(hitIds(db)).not.toContain(kept);
    expect(eventsOf(db, kept)).toBe(0);
    expect(checkStore(db).damages).toEqual([]);
    expect(outboxTotals(db, 'room').rows).toBe(count(db, 'outbox'));
  });
});
