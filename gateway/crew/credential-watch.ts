/**
 * Credentials in wrong hands: two clients that push each other out with one of them, a revoked device that wants to log in again, a device that comes
 * with a wrong password again and again. The command room is told when it begins, when another address joins in, and once it has been over
 * for a while. Remembered are only devices that the registry knows, never what a stranger calls itself.
 */
import { iso } from '../contracts/time.ts';
import { labelled, type Status } from '../contracts/status.ts';
import { OpenReports } from '../store/outbox/open-reports.ts';
import type { Instant, Json, Log } from '../contracts/base.ts';
import { problem } from '../contracts/words/problem.ts';
import { words, joined } from '../contracts/words/words.ts';
import { type Words } from '../contracts/words/area.ts';
import type { CrewRooms } from './rooms.ts';

/** Below these limits it is no misuse: a device that comes over another network ends its own connection, a person mistypes a password. */
const RULES = {
  'two clients': { times: 3, withinMs: 60_000, code: 'credential-shared' },
  'revoked device login': { times: 1, withinMs: 60_000, code: 'credential-revoked' },
  'wrong password': { times: 5, withinMs: 300_000, code: 'credential-guessed' },
} as const;
type Misuse = keyof typeof RULES;
const MISUSES = Object.keys(RULES) as readonly Misuse[];
/** Cleared after this long without misuse; the room hears of a device no more often. */
export const QUIET_MS = 600_000;
const MAX_ADDRESSES = 8;
/** More than the registry holds, revoked ones of a year included. The one that was longest quiet gives way. */
const MAX_RECORDS = 5_000;
/** Named in the words of an alarm; the others are counted. */
const MAX_NAMED = 5;
const META_KEY = 'credentialMisuse';

interface MisuseRecord {
  readonly what: Misuse;
  readonly device: string;
  /** Monotonic: the last ones, as many as the rule asks for. */
  recent: readonly number[];
  /** Newest first. */
  addresses: readonly string[];
  since: Instant;
  times: number;
  state: 'quiet' | 'due' | 'raised';
  /** When the room was told last, monotonic, and of which addresses. */
  told: { readonly mono: number; readonly addresses: readonly string[] } | undefined;
}

export type CredentialWatch = ReturnType<typeof openCredentialWatch>;

export function openCredentialWatch({ db, outbox, clock, log }: CrewRooms & { readonly log: Log }) {
  const records = new Map<string, MisuseRecord>();
  const counts: Partial<Record<Misuse, number>> = {};
  // What the room was told before a restart is over when nothing comes of it any more.
  const reports = new OpenReports(db, outbox, META_KEY, isKey);
  for (const key of reports.keys()) {
    const [device, what] = key.split(' = ') as [string, Misuse];
    const told = { mono: clock.mono(), addresses: [] };
    records.set(key, { ...begin(what, device, outbox.now()), recent: [clock.mono()], state: 'raised', told });
  }
  const raised = (what: Misuse): readonly MisuseRecord[] =>
    [...records.values()].filter((s) => s.what === what && s.state === 'raised');
  const isQuiet = ({ recent }: MisuseRecord): boolean => clock.mono() - (recent.at(-1) ?? 0) >= QUIET_MS;
  const write = (of: MisuseRecord, state: 'raised' | 'cleared'): void => {
    const { device, what, since, times, addresses } = of;
    const data: Json = { device, what, state, since: iso(since), times, addresses };
    const stream = `device:${device}:${what}`;
    const event = { type: 'io.sitebox.device.v2', subject: device, time: outbox.now(), data, stream } as const;
    // Newer knows all that older says: however long the line is down, one of each waits.
    reports.write([{ key: keyOf(of), state, event: { ...event, supersedes: {} } }]);
  };
  const raise = (of: MisuseRecord): void => {
    write(of, 'raised');
    const { device, what, times, addresses } = of;
    of.state = 'raised';
    of.told = { mono: clock.mono(), addresses };
    log.warn({ device, what, times, addresses }, 'a credential of the crew is in wrong hands, or looks like it');
  };
  const clear = (of: MisuseRecord): void => {
    if (of.state === 'raised') write(of, 'cleared');
    records.delete(keyOf(of));
  };
  const isNews = ({ state, told, addresses }: MisuseRecord): boolean => {
    if (state !== 'raised') return state === 'due';
    const joined = addresses.some((address) => !told!.addresses.includes(address));
    return joined && clock.mono() - told!.mono >= QUIET_MS;
  };
  const perMisuse = labelled('what', () => MISUSES);
  const status: Status = {
    problems: () =>
      MISUSES.flatMap((what) => {
        const those = raised(what);
        return those.length === 0 ? [] : [problem(`credential:${what}`, RULES[what].code, { devices: named(those) })];
      }),
    readings: () => [
      perMisuse(
        'sitebox_crew_credential_misuse',
        'gauge',
        'Devices whose credential is in wrong hands now, or looks like it',
        (what) => [what, raised(what).length],
      ),
      perMisuse(
        'sitebox_crew_credential_misuse_total',
        'counter',
        'Take-overs, logins of revoked devices, wrong passwords of devices that are registered',
        (what) => [what, counts[what] ?? 0],
      ),
    ],
  };
  return {
    status,
    /** Once more, from these addresses, where they are known. `device` is in the registry, or was. */
    add(what: Misuse, device: string, addresses: readonly (string | undefined)[]) {
      counts[what] = (counts[what] ?? 0) + 1;
      const of = records.get(`${device} = ${what}`) ?? begin(what, device, outbox.now());
      const { times, withinMs } = RULES[what];
      const now = clock.mono();
      of.times++;
      of.recent = [...of.recent, now].slice(-times);
      of.addresses = [...new Set([...addresses.flatMap(plain), ...of.addresses])].slice(0, MAX_ADDRESSES);
      if (of.state === 'quiet' && of.recent.length === times && now - of.recent[0]! <= withinMs) of.state = 'due';
      // Moved to the end: the first is the one that was longest quiet.
      records.delete(keyOf(of));
      records.set(keyOf(of), of);
      const [oldest] = records.keys();
      if (records.size > MAX_RECORDS) records.delete(oldest!);
    },
    /** Called each second. Throws what the store throws; the next turn tries again. */
    turn() {
      for (const of of records.values()) {
        if (isNews(of)) raise(of);
        else if (of.state !== 'due' && isQuiet(of)) clear(of);
      }
    },
  };
}

function begin(what: Misuse, device: string, since: Instant): MisuseRecord {
  return { what, device, recent: [], addresses: [], since, times: 0, state: 'quiet', told: undefined };
}

/** Ids of devices have no blanks. */
function keyOf({ device, what }: Pick<MisuseRecord, 'device' | 'what'>): string {
  return `${device} = ${what}`;
}

function isKey(part: unknown): part is string {
  return typeof part === 'string' && MISUSES.some((what) => part.endsWith(` = ${what}`));
}

/** IPv4 as people write it, where it came in the form of IPv6. */
function plain(address: string | undefined): string[] {
  return address === undefined || address === '' ? [] : [address.replace(/^::ffff:/i, '')];
}

function named(those: readonly MisuseRecord[]): Words {
  const some = joined(
    those.slice(0, MAX_NAMED).map(({ device, addresses }) => {
      return addresses.length === 0 ? device : `${device} (${addresses.join(', ')})`;
    }),
  );
  return those.length > MAX_NAMED ? words('and-more', { some, more: those.length - MAX_NAMED }) : some;
}
