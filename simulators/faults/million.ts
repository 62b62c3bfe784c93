/** A store of a million rows each of hits, outbox and audit, made in bulk. For the bench. */
import { createHash } from 'node:crypto';
import { newId } from '../../gateway/clock/clock.ts';
import type { Db } from '../../gateway/store/db.ts';
import { setMeta } from '../../gateway/store/db.ts';
import { newHit, RELAY } from './store-fill.ts';

/** Fills the empty store `db` with `rows` rows of each kind; a million take about a minute. Half of the outbox is one long stream. */
export function fillMillion(db: Db, rows = 1_000_000, now = Date.now()): void {
  const hit = db.prepare(
    'INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES (?, ?, ?, ?, ?, ?, 1, ?)',
  );
  const event = db.prepare(
    `INSERT INTO outbox (relay, id, type, priority, stream, timeMs, createdMs, subject, sequence, data, evidence, bytes, dueMs)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'lane-1', ?, '{}', '[]', 300, ?)`,
  );
  const audit = db.prepare(
    `INSERT INTO audit (seq, atMs, who, what, detail, hash) VALUES (?, ?, 'box', 'hit raised', '{}', ?)`,
  );
  db.pragma('synchronous = OFF');
  let hash = '0'.repeat(64);
  for (let done = 0; done < rows; done += 50_000) {
    db.write(() => {
      for (let i = done; i < Math.min(rows, done + 50_000); i++) {
        const at = now - (rows - i) * 100;
        const raised = newHit(at, i);
        hit.run(raised.id, 'plate-list', raised.entry, raised.lane, at - 1_000, at, JSON.stringify(raised));
        const crew = i % 2 === 1;
        const [type, priority, stream] = crew
          ? ['io.sitebox.crew.v1', 5, 'crew']
          : ['io.sitebox.plate.hit.v2', 0, `hit:${raised.id}`];
        event.run(RELAY, newId(at), type, priority, stream, at, at, i + 1, i % 10 === 0 ? now + 3_600_000 : 0);
        const row = [hash, i + 1, at, 'box', 'hit raised', '{}'];
        hash = createHash('sha256').update(JSON.stringify(row)).digest('hex');
        audit.run(i + 1, at, hash);
      }
    });
  }
  db.write(() => {
    setMeta(db, 'auditHead', `${rows} ${hash}`);
    setMeta(db, 'sequence', String(rows));
    setMeta(db, `outbox:${RELAY}`, JSON.stringify({ rows, bytes: rows * 300, dead: 0, evicted: 0 }));
  });
  db.pragma('synchronous = FULL');
  db.pragma('wal_checkpoint(TRUNCATE)');
}
