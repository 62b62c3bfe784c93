import { RENAMES } from './renames.ts';

/** The layout of the store, one step per entry; `user_version` counts the steps taken. A released step is never edited. */
export const migrations: readonly string[] = [
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
  `
  -- Where a device was, sealed; lat and lon are then 0 (sealing/columns.ts).
  ALTER TABLE tracks ADD COLUMN place BLOB;
  `,
  `
  -- People who answer for what they do at the box. hash, pinHash: argon2id in the PHC form. A service number stays taken.
  CREATE TABLE people (
    serviceNumber TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, roles TEXT NOT NULL, hash TEXT NOT NULL, pinHash TEXT,
    createdMs INTEGER NOT NULL, disabledMs INTEGER, judgesFromMs INTEGER NOT NULL, vouchedBy TEXT NOT NULL
  ) STRICT;

  -- digest: SHA-256 of a token of 256 random bits, which its holder alone has.
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, person TEXT, lane TEXT, createdMs INTEGER NOT NULL,
    lastMs INTEGER NOT NULL, expiresMs INTEGER, actUntilMs INTEGER, provedMs INTEGER, pinTries INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessionsByPerson ON sessions (person);
  CREATE INDEX sessionsByExpiry ON sessions (expiresMs);

  -- Codes that are typed or scanned once. digest: SHA-256 of the code.
  CREATE TABLE oneTimeCodes (digest TEXT PRIMARY KEY, purpose TEXT NOT NULL, lane TEXT, expiresMs INTEGER NOT NULL) STRICT;
  `,
  `
  -- What people said of hits. A hit of an earlier version has been judged by nobody.
  ALTER TABLE hits ADD COLUMN state TEXT NOT NULL DEFAULT 'unreviewed';
  CREATE INDEX hitsByLane ON hits (lane, lastMs, id);
  CREATE INDEX hitsByState ON hits (state, lastMs, id);
  CREATE INDEX hitsByLaneAndState ON hits (lane, state, lastMs, id);

  -- One opinion (verdict) or one outcome on the spot. serviceNumber and kind are absent for the people of an instruction review.v1, who have a name
  -- instead. state: of the hit, after it. A row outlives its hit: it holds nothing of the vehicle or person but characters, which go with the hit.
  CREATE TABLE reviews (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, hit TEXT NOT NULL, serviceNumber TEXT, name TEXT, kind TEXT,
    verdict TEXT, reason TEXT, opened TEXT NOT NULL, characters TEXT, outcome TEXT,
    state TEXT NOT NULL, origin TEXT NOT NULL, atMs INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX reviewsOfHit ON reviews (hit, seq);
  CREATE UNIQUE INDEX reviewsByPerson ON reviews (hit, serviceNumber) WHERE verdict IS NOT NULL;

  -- Hits that two people dismissed: erased here at erasedMs, and in each command room when its receipt came.
  CREATE TABLE dismissals (hit TEXT PRIMARY KEY, atMs INTEGER NOT NULL, erasedMs INTEGER) STRICT;
  CREATE INDEX dismissalsToErase ON dismissals (atMs, hit) WHERE erasedMs IS NULL;
  CREATE INDEX dismissalsByTime ON dismissals (atMs, hit);
  CREATE TABLE erasureReceipts (hit TEXT NOT NULL, relay TEXT NOT NULL, atMs INTEGER NOT NULL, PRIMARY KEY (hit, relay)) STRICT;
  `,
  `
  -- Which device was alerted to which hit: nothing of the vehicle or person. id, stage, atMs: of its newest alert. sentMs: an alert was handed to
  -- the connection, and may have been shown since; deliveredMs: the device has the newest. endId: the message of the end; toldMs: the device has
  -- it; radioMs, radioBy: a person said it by radio. unreported: what became of the end is in no event yet.
  CREATE TABLE alerts (
    hit TEXT NOT NULL, device TEXT NOT NULL, id TEXT NOT NULL, stage TEXT NOT NULL, atMs INTEGER NOT NULL, sentMs INTEGER, deliveredMs INTEGER,
    endedMs INTEGER, why TEXT, endId TEXT, toldMs INTEGER, radioMs INTEGER, radioBy TEXT, unreported INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hit, device)
  ) STRICT;
  CREATE INDEX alertsWaiting ON alerts (device, atMs) WHERE endedMs IS NULL AND deliveredMs IS NULL;
  CREATE INDEX alertsUntold ON alerts (device, endedMs) WHERE endedMs IS NOT NULL AND sentMs IS NOT NULL AND toldMs IS NULL;
  CREATE INDEX alertsUnreported ON alerts (hit) WHERE unreported = 1;
  CREATE INDEX alertsOpen ON alerts (hit) WHERE endedMs IS NULL;
  CREATE INDEX alertsByTime ON alerts (coalesce(endedMs, atMs));
  `,
  `
  -- Random, of the digest that the audit log holds of the hit (hit-digest.ts). Rows of hits from before name entry, lane and list.
  ALTER TABLE hits ADD COLUMN salt TEXT;

  -- A head of the audit log that the box has signed. event: that carried it upstream; relays: to how many rooms.
  CREATE TABLE auditHeads (
    source TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL, key TEXT NOT NULL, signature TEXT NOT NULL,
    event TEXT PRIMARY KEY, relays INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX auditHeadsBySeq ON auditHeads (seq);
  `,
  `
  -- What a reviewer opened (digests) and read of a hit before the opinion. Goes with the hit.
  CREATE TABLE judgings (
    hit TEXT NOT NULL REFERENCES hits (id) ON DELETE CASCADE, serviceNumber TEXT NOT NULL, opened TEXT NOT NULL, characters TEXT,
    PRIMARY KEY (hit, serviceNumber)
  ) STRICT;
  `,
  `
  -- The private authority of the web server, PEM: one row at most. fingerprint: SHA-256 of its certificate.
  CREATE TABLE tlsAuthority (fingerprint TEXT PRIMARY KEY, certificate TEXT NOT NULL, key TEXT NOT NULL) STRICT;
  `,
  `
  -- When a code was used: it is remembered for a day, so that a second scan is told from a late one.
  ALTER TABLE oneTimeCodes ADD COLUMN usedMs INTEGER;
  `,
  `
  -- An alarm from its beginning to its end, or (key: box) a time in which the box did not run. toMs is null while it lasts.
  CREATE TABLE outages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, what TEXT NOT NULL, fromMs INTEGER NOT NULL, toMs INTEGER
  ) STRICT;
  CREATE INDEX outagesOpen ON outages (key) WHERE toMs IS NULL;
  CREATE INDEX outagesByEnd ON outages (toMs);

  -- A shift that was handed over: who signed, and, sealed, the sheet and what they noted.
  CREATE TABLE handovers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, atMs INTEGER NOT NULL, outgoing TEXT NOT NULL, incoming TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX handoversByTime ON handovers (atMs);

  -- Orders that were not read on some device.
  CREATE INDEX orderTargetsUnread ON orderTargets (orderId, device) WHERE state IN ('waiting', 'sent', 'delivered');
  `,
  `
  -- What changed, for the live updates of people's screens: the newest 10,000. about: id of the hit, call, order or alerted hit; of an alarm its row
  -- in outages. mark: random; a store that was put back gives a number out again, with another mark.
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, about TEXT NOT NULL, mark TEXT NOT NULL DEFAULT (lower(hex(randomblob(4))))
  ) STRICT;
  CREATE TRIGGER changesBounded AFTER INSERT ON changes BEGIN DELETE FROM changes WHERE seq <= NEW.seq - 10000; END;
  -- The triggers write the rows, so that no program beside the box changes anything without one.
  CREATE TRIGGER hitAdded AFTER INSERT ON hits BEGIN INSERT INTO changes (kind, about) VALUES ('hit', NEW.id); END;
  CREATE TRIGGER hitJudged AFTER UPDATE OF state ON hits WHEN NEW.state <> OLD.state BEGIN
    INSERT INTO changes (kind, about) VALUES ('hit', NEW.id);
  END;
  CREATE TRIGGER hitErased AFTER DELETE ON hits BEGIN INSERT INTO changes (kind, about) VALUES ('hit', OLD.id); END;
  CREATE TRIGGER sosAdded AFTER INSERT ON sos BEGIN INSERT INTO changes (kind, about) VALUES ('sos', NEW.id); END;
  CREATE TRIGGER sosChanged AFTER UPDATE OF state, presses, acknowledgedMs ON sos
    WHEN NEW.state <> OLD.state OR NEW.presses <> OLD.presses OR NEW.acknowledgedMs IS NOT OLD.acknowledgedMs BEGIN
    INSERT INTO changes (kind, about) VALUES ('sos', NEW.id);
  END;
  CREATE TRIGGER orderAdded AFTER INSERT ON orders BEGIN INSERT INTO changes (kind, about) VALUES ('order', NEW.id); END;
  CREATE TRIGGER orderMoved AFTER UPDATE OF state ON orderTargets WHEN NEW.state <> OLD.state BEGIN
    INSERT INTO changes (kind, about) VALUES ('order', NEW.orderId);
  END;
  CREATE TRIGGER alertAdded AFTER INSERT ON alerts BEGIN INSERT INTO changes (kind, about) VALUES ('alert', NEW.hit); END;
  CREATE TRIGGER alertChanged AFTER UPDATE OF id, endedMs ON alerts WHEN NEW.id <> OLD.id OR NEW.endedMs IS NOT OLD.endedMs BEGIN
    INSERT INTO changes (kind, about) VALUES ('alert', NEW.hit);
  END;
  CREATE TRIGGER alarmRaised AFTER INSERT ON outages WHEN NEW.toMs IS NULL BEGIN
    INSERT INTO changes (kind, about) VALUES ('alarm', NEW.seq);
  END;
  CREATE TRIGGER alarmEnded AFTER UPDATE OF toMs ON outages BEGIN INSERT INTO changes (kind, about) VALUES ('alarm', NEW.seq); END;
  `,
];
