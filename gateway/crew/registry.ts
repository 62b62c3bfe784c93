/** The crew's equipment in memory: who is registered, and who may log in. The command line changes it on disk while the gateway runs. */
import { createHmac, randomBytes } from 'node:crypto';
import type { CrewDevice, Protocol } from '../contracts/crew.ts';
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

interface Entry {
  readonly device: CrewDevice;
  readonly hash: string | undefined;
  readonly added: Instant;
}

interface Devices {
  readonly byId: Map<string, Entry>;
  readonly bySerial: Map<string, CrewDevice>;
}

export type Registry = ReturnType<typeof openRegistry>;

export function openRegistry({ db, log }: { readonly db: Db; readonly log: Log }) {
  const credentials = openCredentialVerifier();
  let key: Buffer | undefined;
  /** The broker compares the codes of all devices every other second. */
  const authCodes = new WeakMap<Entry, string>();
  let version = devicesVersion(db);
  let { registered, revoked } = load(db);
  let busy = false;

  return {
    device: (id: string) => registered.byId.get(id)?.device,
    bySerial: (protocol: Protocol, serial: string) => registered.bySerial.get(serialKey(protocol, serial)),
    async login(user: string, secret: Uint8Array): Promise<CrewDevice | undefined> {
      const entry = registered.byId.get(user);
      const verdict = await credentials.verify(user, entry?.hash, secret);
      if (verdict === 'busy' && !busy) log.warn({}, 'logins are refused: too many at once; devices try again');
      busy = verdict === 'busy';
      if (verdict === 'busy') throw new LoginsBusy();
      if (verdict !== 'right' || !entry) return undefined;
      // It may have been revoked while the hash was being made.
      const now = registered.byId.get(user);
      if (now?.added === entry.added) return now.device;
      credentials.forget(user);
      return undefined;
    },
    authCode(id: string): string {
      const entry = registered.byId.get(id);
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
    /** Whose id this is, or serial where a protocol is given; undefined where it was never registered. */
    lookUp(name: string, protocol?: Protocol): { readonly id: string; readonly isRevoked: boolean } | undefined {
      const find = ({ byId, bySerial }: Devices): CrewDevice | undefined =>
        protocol ? bySerial.get(serialKey(protocol, name)) : byId.get(name)?.device;
      const [present, past] = [find(registered), find(revoked)];
      if (present) return { id: present.id, isRevoked: false };
      return past && { id: past.id, isRevoked: true };
    },
    /** Registered and not revoked, in order of id. */
    all: (): readonly CrewDevice[] => [...registered.byId.values()].map((e) => e.device),
    /**
     * Takes over what was changed on disk; cheap, and called each second. Gives the ids of devices whose connection has to end: revoked, or
     * registered again with another credential.
     */
    refresh(): readonly string[] {
      const now = devicesVersion(db);
      if (now === version) return [];
      const before = registered.byId;
      // The version was read first: a change between the two is seen, and seen again a second later.
      version = now;
      ({ registered, revoked } = load(db));
      const ended = [...before.values()].filter((e) => registered.byId.get(e.device.id)?.added !== e.added);
      const ids = ended.map((e) => e.device.id);
      for (const id of ids) credentials.forget(id);
      return ids;
    },
  };
}

/**
 * The key in the store. Where there is none, or it cannot be read, one is made, for no login may depend on a write: it holds while the gateway
 * runs, and is stored as soon as that is possible. Until then terminals that are handed a code register again after a restart.
 */
function loadAuthCodeKey(db: Db, log: Log): Buffer {
  const fresh = randomBytes(AUTH_CODE_KEY_BYTES);
  try {
    const stored = authCodeKey(db);
    if (stored) return stored;
    keepAuthCodeKey(db, fresh);
    return authCodeKey(db)!;
  } catch (error) {
    log.warn(
      { cause: causeOf(error) },
      'the key of the authentication codes is not stored: a new one holds until the next start',
    );
  }
  const end = db.onWritable(() => {
    try {
      keepAuthCodeKey(db, fresh);
      end();
    } catch {
      // It is tried again the next time.
    }
  });
  return fresh;
}

function load(db: Db): { readonly registered: Devices; readonly revoked: Devices } {
  const all = allDevices(db);
  return {
    registered: indexOf(all.filter((d) => d.revoked === undefined)),
    revoked: indexOf(all.filter((d) => d.revoked !== undefined)),
  };
}

/** A device that leaves this file has no hash in it. */
function indexOf(stored: readonly StoredDevice[]): Devices {
  const devices: Devices = { byId: new Map(), bySerial: new Map() };
  for (const { id, kind, role, protocol, serials, hash, added } of stored) {
    const device = { id, kind, role, protocol, serials };
    devices.byId.set(id, { device, hash, added });
    for (const serial of serials) devices.bySerial.set(serialKey(protocol, serial), device);
  }
  return devices;
}

function serialKey(protocol: Protocol, serial: string): string {
  return `${protocol} ${serial}`;
}
