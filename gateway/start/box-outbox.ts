/** The outbox of a box as its configuration has it, for the gateway and for the command line beside it. */
import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config/config.ts';
import type { Db } from '../store/db.ts';
import { OutboxWriter } from '../store/outbox/outbox.ts';

/** `wake`: called after each event that was written. */
export function openBoxOutbox(config: Config, clock: Clock, db: Db, wake: () => void): OutboxWriter {
  return new OutboxWriter(db, {
    source: `/sites/${config.site}/boxes/${config.box}`,
    relays: config.upstream.map((relay) => relay.id),
    limits: { rows: config.limits.outboxRows, bytes: config.limits.outboxBytes },
    now: () => clock.now(),
    wake,
  });
}
