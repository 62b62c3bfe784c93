/** A store in a temporary folder with deliveries out of it, for the tests beside. */
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { Delivery, type DeliveryOptions } from './deliver.ts';
import type { Db } from '../store/db.ts';
import { openDb } from '../store/db.ts';
import { putEvidence } from '../store/evidence.ts';
import { outboxTotals, OutboxWriter, type NewEvent } from '../store/outbox/outbox.ts';
import { SILENT_LOG, type Id } from '../contracts/base.ts';
import type { Envelope, Relay } from '../contracts/relay.ts';
import type { Evidence } from '../contracts/picture.ts';

export interface Rig {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  outboxTo(...relays: readonly string[]): OutboxWriter;
  /** Commits an event of `stream`; returns its id. */
  add(stream: string, more?: Partial<NewEvent>): Id;
  /** Starts delivering, with short pauses; `stop` ends it, as `close` does. */
  deliver(relay: Relay, more?: Partial<DeliveryOptions>): Delivery & { stop(): Promise<void> };
  rows(relay?: string): number;
  close(): Promise<void>;
}

export const SOURCE = '/sites/demo/boxes/box-001';
export function openRig(): Rig {
  const folder = tempFolder();
  const db = openDb(folder);
  const deliveries: (Delivery & { stop(): Promise<void> })[] = [];
  const outboxTo = (...relays: readonly string[]) =>
    new OutboxWriter(db, {
      source: SOURCE,
      relays,
      limits: { rows: 100_000, bytes: 1e9 },
      now: Date.now,
      wake: () => deliveries.forEach((d) => d.wake()),
    });
  const outbox = outboxTo('room');
  return {
    db,
    outbox,
    outboxTo,
    add: (stream, more = {}) => {
      const event = {
        type: 'io.sitebox.plate.hit.v2' as const,
        subject: 'lane',
        time: Date.now(),
        data: { stream },
        stream,
      };
      return outbox.enqueue({ ...event, ...more });
    },
    deliver(relay, more = {}) {
      const clock = { now: Date.now, mono: () => performance.now() };
      const pauses = { firstPauseMs: 20, maxPauseMs: 100, lookEveryMs: 20 };
      const delivery = new Delivery({
        db,
        relayName: 'room',
        relay,
        source: SOURCE,
        log: SILENT_LOG,
        clock,
        ...pauses,
        ...more,
      });
      const ending = new AbortController();
      const running = delivery.run(ending.signal);
      const stop = async (): Promise<void> => {
        ending.abort();
        await running;
      };
      const stoppable = Object.assign(delivery, { stop });
      deliveries.push(stoppable);
      return stoppable;
    },
    rows: (relay = 'room') => outboxTotals(db, relay).rows,
    async close() {
      for (const d of deliveries) await d.stop();
      db.close();
    },
  };
}

/** Commits a hit, as bare as the pictures' foreign key allows, with these pictures, and its event; gives the event's id. */
export function addHit(rig: Rig, n: number, evidence: readonly Evidence[]): Id {
  rig.db
    .prepare(
      `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES (?, 'plate-list', 'E', 'lane', 0, 0, 1, '{}')`,
    )
    .run(`hit-${n}`);
  putEvidence(rig.db, `hit-${n}`, evidence);
  return rig.add(`hit:${n}`, { evidence });
}

/** A relay in the hands of a test: what it was given, and what it does with it. */
export function relayOf(act: (e: Envelope) => Promise<void>): { readonly relay: Relay; readonly seen: Id[] } {
  const seen: Id[] = [];
  const send = (e: Envelope): Promise<void> => {
    seen.push(e.id);
    return act(e);
  };
  return { relay: { send }, seen };
}
