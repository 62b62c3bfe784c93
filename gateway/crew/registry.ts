/** The crew's equipment in memory: who is registered, and who may log in. The command line changes it on disk while the gateway runs. */
import { createHmac } from 'node:crypto';
import type { CrewDesk, Device, Protocol } from '../equipment.ts';
import type { Db } from '../store/db.ts';
import { allDevices, devicesVersion, ticketKey, type StoredDevice } from '../store/devices.ts';
import type { Instant, Log } from '../types.ts';
import { openCredentials } from './credentials.ts';

export interface Registry extends Pick<CrewDesk, 'device' | 'bySerial' | 'login' | 'ticket'> {
  /** Registered and not revoked, in order of id. */
  all(): readonly Device[];
  /**
   * Takes over what was changed on disk; cheap, and called each second. Gives the ids of devices whose connection has to end: revoked, or
   * registered anew with another credential.
   */
  refresh(): readonly string[];
}

interface Entry {
  readonly device: Device;
  readonly hash: string | undefined;
  readonly added: Instant;
}

export function openRegistry({ db, log }: { readonly db: Db; readonly log: Log }): Registry {
  const credentials = openCredentials();
  /** Made at the first terminal: a store that cannot be written keeps no others away. */
  let key: Buffer | undefined;
  /** The broker asks for those of all devices every other second. */
  const tickets = new WeakMap<Entry, string>();
  let version = devicesVersion(db);
  let entries = load(db);
  let serials = indexOf(entries);
  let busy = false;

  const refresh = (): readonly string[] => {
    const now = devicesVersion(db);
    if (now === version) return [];
    const before = entries;
    // The version was read first: a change between the two is seen, and seen again a second later.
    version = now;
    entries = load(db);
    serials = indexOf(entries);
    const ended = [...before].filter(([id, entry]) => entries.get(id)?.added !== entry.added).map(([id]) => id);
    for (const id of ended) credentials.forget(id);
    return ended;
  };

  return {
    device: (id) => entries.get(id)?.device,
    bySerial: (protocol, serial) => serials.get(nameOf(protocol, serial)),
    async login(user, secret) {
      const entry = entries.get(user);
      const verdict = await credentials.verify(user, entry?.hash, secret);
      if (verdict === 'busy' && !busy) log.warn({}, 'logins are refused: too many at once; devices try again');
      busy = verdict === 'busy';
      if (verdict === 'busy') throw new Error('too many logins at once');
      if (verdict !== 'right' || !entry) return undefined;
      // It may have been revoked while the hash was being made.
      const now = entries.get(user);
      if (now?.added === entry.added) return now.device;
      credentials.forget(user);
      return undefined;
    },
    ticket(id) {
      const entry = entries.get(id);
      const before = entry && tickets.get(entry);
      if (before !== undefined) return before;
      if (!entry) throw new Error(`device ${id} is not registered: there is no ticket for it`);
      key ??= ticketKey(db);
      const ticket = createHmac('sha256', key)
        .update(JSON.stringify([id, entry.added]))
        .digest('hex')
        .slice(0, 32);
      tickets.set(entry, ticket);
      return ticket;
    },
    all: () => [...entries.values()].map((e) => e.device),
    refresh,
  };
}

/** What leaves this file has no hash in it. */
function load(db: Db): Map<string, Entry> {
  const present = allDevices(db).filter((d) => d.revoked === undefined);
  return new Map(present.map((d) => [d.id, { device: plain(d), hash: d.hash, added: d.added }]));
}

function plain({ id, kind, role, protocol, serials }: StoredDevice): Device {
  return { id, kind, role, protocol, serials };
}

function indexOf(entries: ReadonlyMap<string, Entry>): Map<string, Device> {
  const pairs = [...entries.values()].flatMap(({ device }) =>
    device.serials.map((serial) => [nameOf(device.protocol, serial), device] as const),
  );
  return new Map(pairs);
}

function nameOf(protocol: Protocol, serial: string): string {
  return `${protocol} ${serial}`;
}
