/** Alerts to the crew: which device was alerted to which hit, and whether it knows that the alert has ended. Nothing of the vehicle or person. */
import { newId } from '../clock/clock.ts';
import type { AlertEnd, AlertStage } from '../contracts/crew.ts';
import type { Id, Instant } from '../contracts/base.ts';
import { iso } from '../contracts/time.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import type { OutboxWriter } from './outbox/outbox.ts';
import { fromRow } from './shapes.ts';

export interface NewAlert {
  readonly hit: Id;
  /** Of the message. */
  readonly id: Id;
  readonly stage: AlertStage;
  readonly at: Instant;
}

/** An alert as one device knows it. */
export interface DeviceAlert extends NewAlert {
  readonly device: string;
  /** When an alert to the hit was first handed to the device's connection; absent: none has been shown. */
  readonly sent?: Instant;
  /** When the device had the newest. */
  readonly delivered?: Instant;
  readonly ended?: Instant;
  readonly why?: AlertEnd;
  /** When the device had the end. */
  readonly told?: Instant;
  /** When a person told the end by radio, and who. */
  readonly radio?: Instant;
  readonly radioBy?: string;
}

/** The end of an alert on its way to a device. */
export interface UntoldEnd {
  readonly hit: Id;
  readonly device: string;
  /** Of the message. */
  readonly id: Id;
  readonly ended: Instant;
  /** A person told it by radio. */
  readonly radio?: Instant;
}

/** Of open alerts, and of ended ones from their end on: the vehicle and the shift are long gone. */
const KEEP_MS = 30 * 86_400_000;
const MAX_FORGOTTEN_AT_ONCE = 1_000;

const RANK: Readonly<Record<AlertStage, number>> = { unreviewed: 0, 'one-opinion': 1, confirmed: 2 };

/**
 * Commits an alert to `devices`; those `connected` count as alerted from now on, because it is sent to them next. False, and nothing is written,
 * where the alert of the hit has ended, or a device was alerted to it in this stage or a later one.
 */
export function recordAlert(
  db: Db,
  alert: NewAlert,
  devices: readonly { readonly device: string; readonly connected: boolean }[],
): boolean {
  return db.write(() => {
    const earlier = db.prepare('SELECT stage, endedMs FROM alerts WHERE hit = ?').all(alert.hit);
    const isOver = (earlier as { readonly stage: AlertStage; readonly endedMs: Instant | null }[]).some(
      ({ stage, endedMs }) => endedMs !== null || RANK[stage] >= RANK[alert.stage],
    );
    if (isOver) return false;
    const put = db.prepare(
      `INSERT INTO alerts (hit, device, id, stage, atMs, sentMs) VALUES (@hit, @device, @id, @stage, @at, @sent)
       ON CONFLICT (hit, device) DO UPDATE SET id = excluded.id, stage = excluded.stage, atMs = excluded.atMs,
         sentMs = coalesce(sentMs, excluded.sentMs), deliveredMs = NULL`,
    );
    for (const { device, connected } of devices) put.run({ ...alert, device, sent: connected ? alert.at : null });
    return true;
  });
}

/** What the device has not acknowledged of open alerts made after `since`, newest first. */
export function pendingAlerts(db: Db, device: string, since: Instant, limit: number): NewAlert[] {
  const rows = db
    .prepare(
      `SELECT hit, id, stage, atMs FROM alerts
       WHERE device = ? AND endedMs IS NULL AND deliveredMs IS NULL AND atMs > ? ORDER BY atMs DESC, id DESC LIMIT ?`,
    )
    .all(device, since, limit);
  return rows.map(fromRow) as NewAlert[];
}

/** Before they are sent: from then on the device may have shown them. */
export function markAlertsSent(db: Db, device: string, hits: readonly Id[], at: Instant): void {
  const mark = db.prepare('UPDATE alerts SET sentMs = coalesce(sentMs, ?) WHERE hit = ? AND device = ?');
  db.write(() => hits.forEach((hit) => mark.run(at, hit, device)));
}

/** What a device acknowledged, and when. */
export interface AlertReceipt {
  readonly hit: Id;
  readonly device: string;
  /** Of the message. */
  readonly id: Id;
  readonly at: Instant;
}

/** A receipt of an alert that was replaced by a newer one changes nothing. */
export function markAlertsDelivered(db: Db, receipts: readonly AlertReceipt[]): void {
  const mark = db.prepare('UPDATE alerts SET deliveredMs = @at WHERE hit = @hit AND device = @device AND id = @id');
  db.write(() => receipts.forEach((receipt) => mark.run(receipt)));
}

/**
 * Commits the end of the alert to a hit, with audit row and event. Returns the devices that have to hear it: those that may have shown the alert;
 * the others never will. None where nobody was alerted, or the alert has ended before. Throws, and keeps nothing, when the disk or the outbox is full.
 */
export function endAlert(db: Db, hit: Id, why: AlertEnd, outbox: OutboxWriter): string[] {
  return db.write(() => {
    const at = outbox.now();
    const end = db.prepare(
      `UPDATE alerts SET endedMs = @at, why = @why, endId = @id WHERE hit = @hit AND endedMs IS NULL
       RETURNING device, sentMs`,
    );
    const ended = end.all({ at, why, id: newId(at), hit }) as { device: string; sentMs: Instant | null }[];
    if (ended.length === 0) return [];
    const devices = ended.filter(({ sentMs }) => sentMs !== null).map(({ device }) => device);
    appendAudit(db, { at, who: 'box', what: 'alert ended', detail: { hit, why, devices: devices.length } });
    if (devices.length > 0) report(db, hit, outbox);
    return devices;
  });
}

/** Ends that the device has not acknowledged, oldest first. */
export function untoldEndsOf(db: Db, device: string, limit: number): UntoldEnd[] {
  const rows = db
    .prepare(
      `SELECT hit, device, endId AS id, endedMs, radioMs FROM alerts
       WHERE device = ? AND endedMs IS NOT NULL AND sentMs IS NOT NULL AND toldMs IS NULL ORDER BY endedMs LIMIT ?`,
    )
    .all(device, limit);
  return rows.map(fromRow) as UntoldEnd[];
}

/** Ends that devices have not acknowledged, in order of the devices. */
export function untoldEnds(db: Db, limit: number): UntoldEnd[] {
  const rows = db
    .prepare(
      `SELECT hit, device, endId AS id, endedMs, radioMs FROM alerts
       WHERE device > '' AND endedMs IS NOT NULL AND sentMs IS NOT NULL AND toldMs IS NULL ORDER BY device, endedMs LIMIT ?`,
    )
    .all(limit);
  return rows.map(fromRow) as UntoldEnd[];
}

/** Devices have the end; `reportEnds` says so upstream. */
export function markTold(db: Db, receipts: readonly AlertReceipt[]): void {
  const mark = db.prepare(
    `UPDATE alerts SET toldMs = @at, unreported = 1
     WHERE hit = @hit AND device = @device AND endId = @id AND toldMs IS NULL`,
  );
  db.write(() => receipts.forEach((receipt) => mark.run(receipt)));
}

/** A person has told the end by radio. False: that device does not wait for it. Throws as `endAlert`. */
export function markToldByRadio(
  db: Db,
  { hit, device, by }: { readonly hit: Id; readonly device: string; readonly by: string },
  outbox: OutboxWriter,
): boolean {
  return db.write(() => {
    const at = outbox.now();
    const { changes } = db
      .prepare(
        `UPDATE alerts SET radioMs = ?, radioBy = ?
         WHERE hit = ? AND device = ? AND endedMs IS NOT NULL AND sentMs IS NOT NULL AND toldMs IS NULL AND radioMs IS NULL`,
      )
      .run(at, by, hit, device);
    if (changes === 0) return false;
    appendAudit(db, { at, who: by, what: 'end of alert told by radio', detail: { hit, device } });
    report(db, hit, outbox);
    return true;
  });
}

/** Writes one event for each hit of which devices have heard the end since its last event. Throws as `endAlert`. */
export function reportEnds(db: Db, outbox: OutboxWriter): void {
  const hits = db.prepare("SELECT DISTINCT hit FROM alerts WHERE unreported = 1 AND hit > ''").pluck();
  for (const hit of hits.all() as Id[])
    db.write(() => {
      report(db, hit, outbox);
      db.prepare('UPDATE alerts SET unreported = 0 WHERE hit = ? AND unreported = 1').run(hit);
    });
}

/** Each event holds all devices, so it replaces the waiting one of the same hit. */
function report(db: Db, hit: Id, outbox: OutboxWriter): void {
  const alerts = alertsOf(db, hit).filter(({ sent, ended }) => sent !== undefined && ended !== undefined);
  const [first] = alerts;
  if (!first) return;
  const devices = (which: (alert: DeviceAlert) => boolean) => alerts.filter(which).map(({ device }) => device);
  const data = {
    hit,
    why: first.why!,
    ended: iso(first.ended!),
    told: devices(({ told }) => told !== undefined),
    radio: devices(({ told, radio }) => told === undefined && radio !== undefined),
    notTold: devices(({ told, radio }) => told === undefined && radio === undefined),
  };
  const event = { type: 'io.sitebox.alert.v1', subject: 'crew', time: outbox.now(), data } as const;
  outbox.enqueue({ ...event, stream: `alert:${hit}`, supersedes: {} });
}

/** In order of the devices. */
export function alertsOf(db: Db, hit: Id): DeviceAlert[] {
  const rows = db
    .prepare(
      `SELECT hit, device, id, stage, atMs, sentMs, deliveredMs, endedMs, why, toldMs, radioMs, radioBy FROM alerts
       WHERE hit = ? ORDER BY device`,
    )
    .all(hit);
  return rows.map(fromRow) as DeviceAlert[];
}

/** Hits that were alerted to, the one whose alert was made or ended last first. */
export function newestAlerted(db: Db, limit: number): Id[] {
  const rows = db
    .prepare('SELECT hit FROM alerts WHERE coalesce(endedMs, atMs) > 0 ORDER BY coalesce(endedMs, atMs) DESC')
    .pluck();
  const hits = new Set<Id>();
  for (const hit of rows.iterate() as IterableIterator<Id>) {
    hits.add(hit);
    if (hits.size === limit) break;
  }
  return [...hits];
}

/** Hits whose alert has not ended, after the hit `after`. */
export function openAlerts(db: Db, after: Id, limit: number): Id[] {
  return db
    .prepare('SELECT DISTINCT hit FROM alerts WHERE endedMs IS NULL AND hit > ? ORDER BY hit LIMIT ?')
    .pluck()
    .all(after, limit) as Id[];
}

/** Deletes what is older than a month, and logs it. */
export function forgetAlerts(db: Db, now: Instant): void {
  db.write(() => {
    const { changes: rows } = db
      .prepare(
        `DELETE FROM alerts WHERE rowid IN (
           SELECT rowid FROM alerts WHERE coalesce(endedMs, atMs) < ? LIMIT ${MAX_FORGOTTEN_AT_ONCE})`,
      )
      .run(now - KEEP_MS);
    if (rows > 0) appendAudit(db, { at: now, who: 'box', what: 'retention run', detail: { class: 'alerts', rows } });
  });
}
