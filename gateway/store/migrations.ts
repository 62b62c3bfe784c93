import { releasedMigrations } from './released-migrations.ts';

/** The layout of the store, one step per entry; `user_version` counts the steps taken. A released step is never edited. */
export const migrations: readonly string[] = [
  ...releasedMigrations,
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
  `
  -- What each camera of the configuration is, for the report when it is stolen. who: that kept it, a person or the box.
  CREATE TABLE cameraCards (
    camera TEXT PRIMARY KEY, maker TEXT NOT NULL, model TEXT NOT NULL, firmware TEXT NOT NULL, serial TEXT NOT NULL, address TEXT NOT NULL,
    mac TEXT, who TEXT NOT NULL, atMs INTEGER NOT NULL
  ) STRICT;
  `,
];
