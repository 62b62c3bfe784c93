/**
 * Sends alarms past a store that refuses writes, or the command room would never hear of it: straight from memory to the relays, once each.
 * They are written down when the store takes writes again.
 */
import { causeOf } from '../contracts/errors.ts';
import { newId } from '../clock/clock.ts';
import type { RelayPart } from '../contracts/parts.ts';
import type { Id, Instant, Log } from '../contracts/base.ts';
import type { AlarmChange } from './alarms.ts';

export type DirectAlarms = ReturnType<typeof openDirectAlarms>;

export interface DirectAlarmsParts {
  readonly relays: readonly Pick<RelayPart, 'id' | 'relay'>[];
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly mono: () => number;
  readonly log: Log;
}

/** Further ones wait for the store. */
const MAX_AT_ONCE = 50;
const DEADLINE_MS = 15_000;
const PAUSE_MS = 10_000;

interface Sending {
  readonly id: Id;
  underWay: boolean;
  notBefore: number;
  /** Relays that acknowledged it. */
  readonly has: Set<string>;
}

export function openDirectAlarms({ relays, source, mono, log }: DirectAlarmsParts) {
  /** Key to text; undefined: cleared. */
  const told = new Map<string, string | undefined>();
  const sending = new Map<string, Sending>();

  const give = async (change: AlarmChange, at: Instant, to: Sending): Promise<void> => {
    const { key, data } = change;
    const type = 'io.sitebox.alarm.v1';
    // It is in no stream of the outbox, so it has no sequence.
    const envelope = { id: to.id, source, type, time: at, subject: key, sequence: 0, data, evidence: [] } as const;
    const missing = relays.filter(({ id }) => !to.has.has(id));
    const results = await Promise.allSettled(
      missing.map(async ({ id, relay }) => {
        await relay.send(envelope, AbortSignal.timeout(DEADLINE_MS));
        to.has.add(id);
      }),
    );
    if (results.some((r) => r.status === 'rejected')) return;
    sending.delete(nameOf(change));
    told.set(key, change.state === 'raised' ? change.what : undefined);
  };
  return {
    /** The alarms that the room knows (key to text): those in the store, and those sent past it. */
    over(stored: ReadonlyMap<string, string>): Map<string, string> {
      const known = new Map(stored);
      for (const [key, what] of told) {
        if (what === undefined) known.delete(key);
        else known.set(key, what);
      }
      return known;
    },
    /** Sends changes to all relays, unless they are being sent; called every second while the store refuses. Never throws. */
    send(changes: readonly AlarmChange[], at: Instant): void {
      for (const change of changes) {
        const name = nameOf(change);
        const before = sending.get(name);
        if (before && (before.underWay || mono() < before.notBefore)) continue;
        if (!before && sending.size >= MAX_AT_ONCE) continue;
        if (!before) log.warn({ alarm: change.key, state: change.state, what: change.what }, 'alarm past the store');
        const to = before ?? { id: newId(at), underWay: true, notBefore: 0, has: new Set() };
        sending.set(name, to);
        to.underWay = true;
        give(change, at, to)
          .finally(() => {
            to.underWay = false;
            to.notBefore = mono() + PAUSE_MS;
          })
          .catch((error: unknown) => log.warn({ alarm: change.key, cause: causeOf(error) }, 'alarm not sent'));
      }
      // A change that was undone before it could be sent need not be sent.
      const wanted = new Set(changes.map(nameOf));
      for (const [name, { underWay }] of sending) if (!underWay && !wanted.has(name)) sending.delete(name);
    },
    /** The id of a change that was sent and not yet acknowledged: stored under the same id, it is one event for the room. */
    idOf: (change: AlarmChange): Id | undefined => sending.get(nameOf(change))?.id,
    /** The room knows something that is not in the store. */
    ahead: () => told.size > 0,
    /** Everything is in the store. */
    settled(): void {
      told.clear();
      sending.clear();
    },
  };
}

function nameOf({ key, state }: AlarmChange): string {
  return `${state} ${key}`;
}
