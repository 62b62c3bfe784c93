/** SQL of the registry: the crew's equipment, and who added or revoked each device. The command line writes it, the gateway reads it. */
import { randomBytes } from 'node:crypto';
import { iso } from '../contracts/time.ts';
import type { CrewDevice } from '../contracts/crew.ts';
import type { Instant } from '../contracts/base.ts';
import { DEVICES_VERSION, saveAnchors } from './anchors/anchors.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';
import { getMeta, setMeta, unlessDamaged } from './db.ts';
import { fromRow, isWord } from './shapes.ts';
import { dropFaults } from './device-faults.ts';
import { type OutboxWriter } from './outbox/outbox.ts';
import { english } from '../contracts/words/words.ts';

export interface StoredDevice extends CrewDevice {
  /** argon2id of its credential, in PHC form; absent for a protocol without login. */
  readonly hash?: string;
  readonly added: Instant;
  readonly addedBy: string;
  readonly revoked?: Instant;
  readonly revokedBy?: string;
}

/** Devices in use; the broker allows fewer connections. */
const MAX_DEVICES = 2_000;
const AUTH_CODE_KEY = 'ticketKey';
export const AUTH_CODE_KEY_BYTES = 32;
const KEY_IN_HEX = /^[0-9a-f]{64}$/;

/** Registers `device`; a revoked one may return under its id. Otherwise returns the objection, in words, and writes nothing. */
export function addDevice(
  db: Db,
  { hash, ...device }: CrewDevice & Pick<StoredDevice, 'hash'>,
  { by, now }: { readonly by: string; readonly now: Instant },
): { readonly problem: string } | undefined {
  return db.write(() => {
    const stored = allDevices(db);
    const problem = problemOf(device, stored);
    if (problem !== undefined) return { problem };
    const earlier = stored.find((d) => d.id === device.id);
    // Later than the previous registration, even if the clock is not: authentication codes depend on it.
    const addedMs = Math.max(now, (earlier?.added ?? 0) + 1);
    db.prepare(
      `INSERT OR REPLACE INTO devices (id, kind, role, protocol, serials, hash, addedMs, addedBy)
         VALUES (@id, @kind, @role, @protocol, @serials, @hash, @addedMs, @by)`,
    ).run({ ...device, serials: JSON.stringify(device.serials), hash: hash ?? null, addedMs, by });
    const { id, kind, role, protocol, serials } = device;
    dropFaults(db, id);
    appendAudit(db, {
      at: now,
      who: by,
      what: 'device added',
      detail: { device: id, kind, role, protocol, serials },
    });
    countChange(db);
    // Made long before the first login, which must not have to write.
    keepAuthCodeKey(db, randomBytes(AUTH_CODE_KEY_BYTES));
    return undefined;
  });
}

function problemOf({ id, protocol, serials }: CrewDevice, stored: readonly StoredDevice[]): string | undefined {
  const present = stored.filter((d) => d.revoked === undefined);
  if (present.some((d) => d.id === id)) return english('device-registered-already', { id });
  if (present.length >= MAX_DEVICES) return english('devices-most', { most: MAX_DEVICES });
  for (const serial of serials) {
    const other = present.find((d) => d.protocol === protocol && d.serials.includes(serial));
    if (other) return english('device-serial-taken', { serial, id: other.id });
  }
  return undefined;
}

/** Returns whether there was such a device to revoke. Reports it upstream if there is an outbox. Throws what `enqueue` throws. */
export function revokeDevice(
  db: Db,
  id: string,
  { by, now }: { readonly by: string; readonly now: Instant },
  outbox?: OutboxWriter,
): boolean {
  return db.write(() => {
    const { changes } = db
      .prepare('UPDATE devices SET revokedMs = ?, revokedBy = ?, hash = NULL WHERE id = ? AND revokedMs IS NULL')
      .run(now, by, id);
    if (changes === 0) return false;
    appendAudit(db, { at: now, who: by, what: 'device revoked', detail: { device: id } });
    const data = { device: id, what: 'revoked', state: 'raised', since: iso(now), by };
    outbox?.enqueue({ type: 'io.sitebox.device.v2', subject: id, time: now, data, stream: `device:${id}` });
    countChange(db);
    // Keeps a backup from reviving it. Throws AnchorsError if that cannot be written; the device is revoked all the same.
    saveAnchors(db);
    return true;
  });
}

/** Ordered by id, with the revoked ones. */
export function allDevices(db: Db): StoredDevice[] {
  const rows = db.prepare('SELECT * FROM devices ORDER BY id').all();
  return rows.map((row) => {
    const device = fromRow(row) as Omit<StoredDevice, 'serials'> & { readonly serials: string };
    // Without its serials it is still known by its id.
    return { ...device, serials: db.damage.readList('devices', device.id, device.serials, isWord) ?? [] };
  });
}

/**
 * Changes whenever any process adds or revokes a device. One look-up by key. NaN, which equals nothing, if it cannot be read: the devices are then
 * read each time.
 */
export function devicesVersion(db: Db): number {
  return unlessDamaged(() => Number(getMeta(db, DEVICES_VERSION) ?? 0), NaN);
}

function countChange(db: Db): void {
  setMeta(db, DEVICES_VERSION, String((devicesVersion(db) || 0) + 1));
}

/** The key of this box's authentication codes; undefined if there is none or it is invalid. Writes nothing. Throws what SQLite throws. */
export function authCodeKey(db: Db): Buffer | undefined {
  const key = getMeta(db, AUTH_CODE_KEY) ?? '';
  return KEY_IN_HEX.test(key) ? Buffer.from(key, 'hex') : undefined;
}

/** Keeps `key` unless there already is one. Throws if the store refuses. */
export function keepAuthCodeKey(db: Db, key: Uint8Array): void {
  db.write(() => {
    if (authCodeKey(db) === undefined) setMeta(db, AUTH_CODE_KEY, Buffer.from(key).toString('hex'));
  });
}
