/** The command room's storage: each event once by (`source`, `id`), each picture once by its digest. */
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';

export interface StoredEvent extends ReceivedEvent {
  /** Number of arrivals. */
  readonly times: number;
}

/** An instruction to a box. */
export interface StoredInstruction {
  /** `/sites/SITE/boxes/BOX`. */
  readonly box: string;
  readonly id: string;
  /** A CloudEvent, as JSON. */
  readonly body: string;
  /** The box has confirmed over HTTPS that it holds it. */
  readonly took: boolean;
  /** The broker has confirmed that it holds it for the box. */
  readonly published: boolean;
}

export type RoomStore = ReturnType<typeof openStore>;

/** `file` may be `:memory:`. */
export function openStore(file: string) {
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS events (
      n INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
      times INTEGER NOT NULL DEFAULT 1, UNIQUE (source, id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS evidence (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS instructions (
      n INTEGER PRIMARY KEY AUTOINCREMENT, box TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
      took INTEGER NOT NULL DEFAULT 0, published INTEGER NOT NULL DEFAULT 0, UNIQUE (box, id)
    ) STRICT;
  `);
  const insert = db.prepare(
    `INSERT INTO events (source, id, body) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times`,
  );
  const insertEvidence = db.prepare('INSERT OR IGNORE INTO evidence (sha256, bytes) VALUES (?, ?)');
  const find = db.prepare('SELECT 1 FROM evidence WHERE sha256 = ?');
  return {
    /** True if it was new. When it returns, the event is on disk: only then may it be acknowledged. */
    putEvent: (e: ReceivedEvent): boolean =>
      (insert.get(e.source, e.id, JSON.stringify(e)) as { times: number }).times === 1,
    /** False if the bytes do not have that digest. */
    putEvidence(sha256: string, bytes: Uint8Array): boolean {
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
      insertEvidence.run(sha256, bytes);
      return true;
    },
    hasEvidence: (sha256: string): boolean => find.get(sha256) !== undefined,
    /** In order of first arrival. */
    events: (): StoredEvent[] =>
      db
        .prepare('SELECT body, times FROM events ORDER BY n')
        .all()
        .map((r) => ({ ...(JSON.parse(r['body'] as string) as ReceivedEvent), times: r['times'] as number })),
    evidence: () =>
      db
        .prepare('SELECT sha256, bytes FROM evidence ORDER BY sha256')
        .all()
        .map((r) => ({ sha256: r['sha256'] as string, bytes: r['bytes'] as Uint8Array })),
    /** Erases what is known of a hit and its pictures; that its events came stays, so that a repeat is known. */
    eraseHit(source: string, hit: string): void {
      const ofHit = db.prepare(
        `SELECT n, body FROM events WHERE source = ? AND json_extract(body, '$.data.id') = ? AND json_extract(body, '$.type') LIKE '%.hit.%'`,
      );
      const blank = db.prepare('UPDATE events SET body = ? WHERE n = ?');
      for (const { n, body } of ofHit.all(source, hit)) {
        const event = JSON.parse(body as string) as ReceivedEvent;
        blank.run(JSON.stringify({ ...event, data: { id: hit, erased: true }, evidence: [] }), n!);
      }
      db.exec(`DELETE FROM evidence WHERE sha256 NOT IN (
        SELECT json_extract(value, '$.sha256') FROM events, json_each(events.body, '$.evidence'))`);
    },
    /** False if this box already has an instruction with that id; nothing changes then. */
    putInstruction: (box: string, id: string, body: string): boolean =>
      db.prepare('INSERT OR IGNORE INTO instructions (box, id, body) VALUES (?, ?, ?)').run(box, id, body).changes ===
      1,
    markInstruction: (box: string, id: string, as: 'took' | 'published'): void =>
      void db.prepare(`UPDATE instructions SET ${as} = 1 WHERE box = ? AND id = ?`).run(box, id),
    /** In the order in which they were given. */
    instructions: (): StoredInstruction[] =>
      db
        .prepare('SELECT box, id, body, took, published FROM instructions ORDER BY n')
        .all()
        .map((r) => ({
          box: r['box'] as string,
          id: r['id'] as string,
          body: r['body'] as string,
          took: r['took'] === 1,
          published: r['published'] === 1,
        })),
    close: (): void => db.close(),
  };
}
