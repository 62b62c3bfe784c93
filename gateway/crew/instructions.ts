/** What the crew does with instructions of the command room: orders, the mode, and calls for help that the room has seen. */
import type { Clock } from '../clock/clock.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { InstructionHandlers } from '../contracts/instruction.ts';
import { modeProblem, setMode } from './modes.ts';
import type { DispatchCandidate } from './nearest.ts';
import type { Orders } from './orders.ts';
import type { SosRecords } from './sos-records.ts';

export interface CrewInstructionOptions {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now'>;
  readonly orders: Orders;
  readonly records: SosRecords;
  /** Where devices are, for orders to the nearest. */
  readonly candidates: () => readonly DispatchCandidate[];
  /** Called once the instruction is on disk. */
  readonly onOrder: (device: string) => void;
  readonly onMode: () => void;
  readonly onSosAcknowledged: () => void;
}

export function crewInstructions(options: CrewInstructionOptions): InstructionHandlers {
  const { db, outbox, clock, orders, records, candidates } = options;
  return {
    order({ id, by, order }) {
      const created = orders.create(order, { id, by, origin: 'room' }, candidates());
      if ('problem' in created) return { refused: created.problem };
      return { after: () => created.targets.forEach((device) => options.onOrder(device)) };
    },
    mode(message) {
      const mode = { ...message, origin: 'room' } as const;
      const refused = modeProblem(mode, clock.now());
      if (refused !== undefined) return { refused };
      setMode(db, mode, outbox);
      return { after: options.onMode };
    },
    'sos acknowledged': ({ sos, by }) =>
      records.acknowledge(sos, by)
        ? { after: options.onSosAcknowledged }
        : { refused: `this box has no call for help ${sos}` },
  };
}
