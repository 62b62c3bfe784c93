/** The crew's equipment in memory: who is registered, and who may log in. The command line changes it on disk while the gateway runs. */
import { createHmac, randomBytes } from 'node:crypto';
import type { EquipmentHost, CrewDevice, Protocol } from '../contracts/crew.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Db } from '../store/db.ts';
import {
  allDevices,
  devicesVersion,
  keepAuthCodeKey,
  AUTH_CODE_KEY_BYTES,
  authCodeKey,
  type StoredDevice,
} from '../store/devices.ts';
import type { Instant, Log } from '../contracts/base.ts';
import { LoginsBusy, openCredentialVerifier } from './credentials.ts';

export interface Registry extends Pick<EquipmentHost, 'device' | 'bySerial' | 'login' | 'authCode'> {
  /** Whose id this is, or serial where a protocol is given; undefined where it was never registered. */
  lookUp(name: string, protocol?: Protocol): { readonly id: string; readonly isRevoked: boolean } | undefined;
  /** Registered and not revoked, in order of id. */
  all(): readonly CrewDevice[];
  /**
   * Takes over what was changed on disk; cheap, and called each second. Gives the ids of devices whose connection has to end: revoked, or
   * registered again with another credential.
   */
  refresh(): readonly string[];
}

interface Entry {
  readonly device: CrewDevice;
  readonly hash: string | undefined;
  readonly added: Instant;
}

export function openRegistry({ db, log }: { readonly db: Db; readonly log: Log }): Registry {
  const credentials = openCredentialVerifier();
  let key: Buffer | undefined;
  /** The broker compares the codes of all devices every other second. */
  const authCodes = new WeakMap<Entry, string>();
  let version = devicesVersion(db);
  let { entries, revoked } = load(db);
  let serials = indexOf(entries.values());
  let revokedSerials = indexOf(revoked.values());
  let busy = false;

  const refresh = (): readonly string[] => {
    const now = devicesVersion(db);
    if (now === version) return [];
    const before = entries;
    // The version was read first: a change between the two is seen, and seen again a second later.
    version = now;
    ({ entries, revoked } = load(db));
    serials = indexOf(entries.values());
    revokedSerials = indexOf(revoked.values());
    const ended = [...before].filter(([id, entry]) => entries.get(id)?.added !== entry.added).map(([id]) => id);
    for (const id of ended) credentials.forget(id);
    return ended;
  };

  return {
    device: (id) => entries.get(id)?.device,
    bySerial: (protocol, serial) => serials.get(serialKey(protocol, serial)),
    async login(user, secret) {
      const entry = entries.get(user);
      const verdict = await credentials.verify(user, entry?.hash, secret);
      if (verdict === 'busy' && !busy) log.warn({}, 'logins are refused: too many at once; devices try again');
      busy = verdict === 'busy';
      if (verdict === 'busy') throw new LoginsBusy();
      if (verdict !== 'right' || !entry) return undefined;
      // It may have been revoked while the hash was being made.
      const now = entries.get(user);
      if (now?.added === entry.added) return now.device;
      credentials.forget(user);
      return undefined;
    },
    authCode(id) {
      const entry = entries.get(id);
      const before = entry && authCodes.get(entry);
      if (before !== undefined) return before;
      if (!entry) throw new Error(`device ${id} is not registered: it has no authentication code`);
      key ??= loadAuthCodeKey(db, log);
      const authCode = createHmac('sha256', key)
        .update(JSON.stringify([id, entry.added]))
        .digest('hex')
        .slice(0, 32);
      authCodes.set(entry, authCode);
      return authCode;
    },
    lookUp(name, protocol) {
      const present = protocol ? serials.get(serialKey(protocol, name)) : entries.get(name)?.device;
      if (present) return { id: present.id, isRevoked: false };
      const past = protocol ? revokedSerials.get(serialKey(protocol, name)) : revoked.get(name)?.device;
      return past && { id: past.id, isRevoked: true };
    },
    all: () => [...entries.values()].map((e) => e.device),
    refresh,
  };
}

/**
 * The key that is kept. Where there is none, or it cannot be read, one is made, for no login may depend on a write: it holds while the gateway
 * runs, and is kept as soon as the store takes it. Until then terminals that are handed a code register again after a restart.
 */
function loadAuthCodeKey(db: Db, log: Log): Buffer {
  const made = randomBytes(AUTH_CODE_KEY_BYTES);
  try {
    const kept = authCodeKey(db);
    if (kept) return kept;
    keepAuthCodeKey(db, made);
    return authCodeKey(db)!;
  } catch (error) {
    log.warn(
      { cause: causeOf(error) },
      'the key of the authentication codes is not stored: a new one holds until the next start',
    );
  }
  const end = db.onWritable(() => {
    try {
      keepAuthCodeKey(db, made);
      end();
    } catch {
      // It is tried again the next time.
    }
  });
  return made;
}

/** What leaves this file has no hash in it. */
function load(db: Db): { readonly entries: Map<string, Entry>; readonly revoked: ReadonlyMap<string, Entry> } {
  const all = allDevices(db).map((d) => ({
    entry: { device: publicPart(d), hash: d.hash, added: d.added },
    revoked: d.revoked,
  }));
  const those = (isRevoked: boolean) => all.filter((d) => (d.revoked !== undefined) === isRevoked);
  const [entries, revoked] = [those(false), those(true)].map(
    (some) => new Map(some.map(({ entry }) => [entry.device.id, entry])),
  );
  return { entries: entries!, revoked: revoked! };
}

function publicPart({ id, kind, role, protocol, serials }: StoredDevice): CrewDevice {
  return { id, kind, role, protocol, serials };
}

function indexOf(entries: Iterable<Entry>): Map<string, CrewDevice> {
  const pairs = [...entries].flatMap(({ device }) =>
    device.serials.map((serial) => [serialKey(device.protocol, serial), device] as const),
  );
  return new Map(pairs);
}

function serialKey(protocol: Protocol, serial: string): string {
  return `${protocol} ${serial}`;
}
