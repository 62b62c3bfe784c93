/** The steps of the layout of the store up to 0.2.0, which is released: none is edited. */
import { RENAMES } from './renames.ts';

export const releasedMigrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- Trusted roots, every version ever accepted: the highest one is in force.
  CREATE TABLE roots (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL, signatures TEXT NOT NULL, acceptedMs INTEGER NOT NULL) STRICT;

  -- The signed bundle in force for each list type, as signed bytes: it is verified again at every start.
  CREATE TABLE lists (
    type TEXT PRIMARY KEY, version INTEGER NOT NULL, sha256 TEXT NOT NULL,
    bytes BLOB NOT NULL, signatures TEXT NOT NULL, importedMs INTEGER NOT NULL, importedBy TEXT NOT NULL
  ) STRICT;

  CREATE TABLE hits (
    id TEXT PRIMARY KEY, listType TEXT NOT NULL, entry TEXT NOT NULL, lane TEXT NOT NULL,
    firstMs INTEGER NOT NULL, lastMs INTEGER NOT NULL, seen INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX hitsByEntry ON hits (listType, entry, lastMs);

  CREATE TABLE evidence (sha256 TEXT PRIMARY KEY, mediaType TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE hitEvidence (
    hit TEXT NOT NULL REFERENCES hits (id) ON DELETE CASCADE, what TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES evidence (sha256), PRIMARY KEY (hit, what, sha256)
  ) STRICT;

  -- One row per event and relay. A row leaves only when the relay says that the other side has stored it.
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, relay TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    priority INTEGER NOT NULL, stream TEXT NOT NULL, timeMs INTEGER NOT NULL, createdMs INTEGER NOT NULL,
    subject TEXT NOT NULL, sequence INTEGER NOT NULL, data TEXT NOT NULL, evidence TEXT NOT NULL,
    bytes INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, dueMs INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0, lastError TEXT
  ) STRICT;
  CREATE INDEX outboxDue ON outbox (relay, dead, priority, seq);
  CREATE INDEX outboxStream ON outbox (relay, stream, seq);

  -- Hash-chained: each row's hash covers the row before it.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, atMs INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    detail TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;

  -- The only thing kept of vehicles that are not listed: how many, per five minutes.
  CREATE TABLE counts (
    windowMs INTEGER NOT NULL, lane TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL, passages INTEGER NOT NULL,
    PRIMARY KEY (windowMs, lane, kind, direction)
  ) STRICT;
  `,
  `
  -- The only thing kept of documents that are not listed: how many, per five minutes.
  CREATE TABLE presentations (
    windowMs INTEGER NOT NULL, lane TEXT NOT NULL, document TEXT NOT NULL, outcome TEXT NOT NULL, presentations INTEGER NOT NULL,
    PRIMARY KEY (windowMs, lane, document, outcome)
  ) STRICT;
  `,
  `
  -- The crew's equipment. hash: argon2id of its credential, in the PHC form.
  CREATE TABLE devices (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, role TEXT NOT NULL, protocol TEXT NOT NULL, serials TEXT NOT NULL, hash TEXT,
    addedMs INTEGER NOT NULL, addedBy TEXT NOT NULL, revokedMs INTEGER, revokedBy TEXT
  ) STRICT;

  -- A call for help. name: what the device calls it, so that a repeat is known. role, kind: the device's, when it called.
  CREATE TABLE sos (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, kind TEXT NOT NULL,
    state TEXT NOT NULL, raisedMs INTEGER NOT NULL, cancelledMs INTEGER, cancelId TEXT,
    acknowledgedMs INTEGER, acknowledgedBy TEXT, place TEXT, UNIQUE (device, name)
  ) STRICT;
  CREATE INDEX sosByTime ON sos (raisedMs);
  CREATE INDEX sosUnseen ON sos (raisedMs) WHERE state = 'raised' AND acknowledgedMs IS NULL;

  -- origin: room or box; byWhom: the person who answers for it.
  CREATE TABLE orders (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL, byWhom TEXT NOT NULL, text TEXT NOT NULL, place TEXT, createdMs INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE orderTargets (
    orderId TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE, device TEXT NOT NULL, state TEXT NOT NULL,
    sentMs INTEGER, deliveredMs INTEGER, readMs INTEGER, endedMs INTEGER, reason TEXT, PRIMARY KEY (orderId, device)
  ) STRICT;
  CREATE INDEX orderTargetsByDevice ON orderTargets (device, state);
  CREATE INDEX orderTargetsWaiting ON orderTargets (device) WHERE state = 'waiting';
  CREATE INDEX ordersByTime ON orders (createdMs);

  -- Where the crew's own devices were: staff data, deleted after crew.keepTracksH.
  CREATE TABLE tracks (device TEXT NOT NULL, atMs INTEGER NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, trusted INTEGER NOT NULL) STRICT;
  CREATE INDEX tracksByTime ON tracks (atMs);

  -- Instructions of the command room that were acted on: a repeat is passed over.
  CREATE TABLE roomMessages (id TEXT PRIMARY KEY, atMs INTEGER NOT NULL) STRICT;
  `,
  `
  -- No statement of the running box reads a table from end to end (plans.test.ts asks SQLite).
  CREATE INDEX hitsByTime ON hits (lastMs, id);
  CREATE INDEX hitEvidenceByPicture ON hitEvidence (sha256);
  CREATE INDEX sosUnseenByDevice ON sos (device, raisedMs) WHERE state = 'raised' AND acknowledgedMs IS NULL;
  CREATE INDEX roomMessagesByTime ON roomMessages (atMs);
  -- A list may have tens of megabytes, and whoever asks for its version must not walk through them.
  CREATE INDEX listsBrief ON lists (type, version, sha256, importedMs);

  DROP INDEX outboxStream;
  CREATE INDEX outboxStream ON outbox (relay, stream, dead, seq);
  CREATE INDEX outboxWaiting ON outbox (relay, seq) WHERE dueMs > 0;
  CREATE INDEX outboxDead ON outbox (relay, seq) WHERE dead = 1;

  -- head: 1 for the first living row of its stream, the only one that may be sent. Looking for it among a long stream at each turn would
  -- read the whole stream. The triggers keep it, whoever writes.
  ALTER TABLE outbox ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
  UPDATE outbox SET head = 1 WHERE dead = 0 AND seq IN (SELECT min(seq) FROM outbox WHERE dead = 0 GROUP BY relay, stream);
  CREATE INDEX outboxHead ON outbox (relay, priority, seq) WHERE head = 1;
  CREATE TRIGGER outboxAdded AFTER INSERT ON outbox WHEN NEW.dead = 0 BEGIN
    UPDATE outbox SET head = 1 WHERE seq = NEW.seq AND NOT EXISTS (
      SELECT 1 FROM outbox WHERE relay = NEW.relay AND stream = NEW.stream AND dead = 0 AND seq < NEW.seq);
  END;
  CREATE TRIGGER outboxLeft AFTER DELETE ON outbox WHEN OLD.head = 1 BEGIN
    UPDATE outbox SET head = 1 WHERE seq = (
      SELECT min(seq) FROM outbox WHERE relay = OLD.relay AND stream = OLD.stream AND dead = 0);
  END;
  CREATE TRIGGER outboxDied AFTER UPDATE OF dead ON outbox WHEN OLD.dead = 0 AND NEW.dead <> 0 BEGIN
    UPDATE outbox SET head = 0 WHERE seq = NEW.seq;
    UPDATE outbox SET head = 1 WHERE seq = (
      SELECT min(seq) FROM outbox WHERE relay = NEW.relay AND stream = NEW.stream AND dead = 0);
  END;
  CREATE TRIGGER outboxRevived AFTER UPDATE OF dead ON outbox WHEN OLD.dead <> 0 AND NEW.dead = 0 BEGIN
    UPDATE outbox SET head = 0 WHERE seq = (
      SELECT min(seq) FROM outbox WHERE relay = NEW.relay AND stream = NEW.stream AND dead = 0 AND seq > NEW.seq);
    UPDATE outbox SET head = 1 WHERE seq = (
      SELECT min(seq) FROM outbox WHERE relay = NEW.relay AND stream = NEW.stream AND dead = 0);
  END;
  `,
  `
  -- Who has acknowledged a call: the command room ('room') or a person at the box ('box').
  ALTER TABLE sos ADD COLUMN acknowledgedFrom TEXT;
  `,
  `
  -- Of a call: when the caller pressed last and how often; the place that cannot have been reached; what could not be read.
  ALTER TABLE sos ADD COLUMN pressedMs INTEGER;
  ALTER TABLE sos ADD COLUMN presses INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE sos ADD COLUMN doubtful TEXT;
  ALTER TABLE sos ADD COLUMN unread TEXT;

  -- Names of further presses that were merged into a call, so that each of them can withdraw it.
  CREATE TABLE sosNames (
    device TEXT NOT NULL, name TEXT NOT NULL, sos TEXT NOT NULL REFERENCES sos (id) ON DELETE CASCADE, PRIMARY KEY (device, name)
  ) STRICT;
  CREATE INDEX sosNamesOfCall ON sosNames (sos);

  -- The last place of a caller is asked for by device.
  CREATE INDEX tracksByDevice ON tracks (device, atMs);
  `,
  `
  -- Rows without pictures go also where the line has no place for more pictures, and are found behind many that have some.
  CREATE INDEX outboxPlain ON outbox (relay, priority, seq) WHERE head = 1 AND evidence = '[]';
  `,
  `
  -- Empty, but for rows that no look would find, as one of the numbers by which rows are found is impossible.
  -- Another priority than PRIORITIES has (outbox.ts) needs it made anew.
  CREATE INDEX outboxOdd ON outbox (relay, seq) WHERE dead NOT IN (0, 1) OR head NOT IN (0, 1) OR priority NOT BETWEEN -1 AND 5;
  `,
  RENAMES,
];
