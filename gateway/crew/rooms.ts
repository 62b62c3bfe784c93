/** What the parts of the crew work with: each picks the rooms that it needs. */
import type { Clock } from '../clock/clock.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';

export interface CrewRooms {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now' | 'mono'>;
}
