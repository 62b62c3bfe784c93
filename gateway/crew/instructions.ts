/** What the crew does with instructions of the command room: orders, the mode, and calls for help that the room has seen. */
import type { InstructionHandlers } from '../contracts/instruction.ts';
import { modeProblem, setMode } from './modes.ts';
import type { DispatchCandidate } from './nearest.ts';
import type { Orders } from './orders.ts';
import type { CrewRooms } from './rooms.ts';
import type { SosRecords } from './sos-records.ts';
import { english } from '../contracts/words/words.ts';

interface InstructionParts extends CrewRooms {
  readonly orders: Orders;
  readonly records: SosRecords;
  /** Where devices are, for orders to the nearest. */
  readonly candidates: () => readonly DispatchCandidate[];
  /** Called once the instruction is on disk. */
  readonly onOrder: (device: string) => void;
  readonly onMode: () => void;
  readonly onSosAcknowledged: () => void;
}

export function crewInstructions(parts: InstructionParts): InstructionHandlers {
  const { db, outbox, clock, orders, records, candidates } = parts;
  return {
    order({ id, by, order }) {
      const created = orders.create(order, { id, by, origin: 'room' }, candidates());
      if ('problem' in created) return { refused: created.problem.en };
      return { after: () => created.targets.forEach((device) => parts.onOrder(device)) };
    },
    mode(message) {
      const mode = { ...message, origin: 'room' } as const;
      const refused = modeProblem(mode, clock.now());
      if (refused !== undefined) return { refused };
      setMode(db, mode, outbox);
      return { after: parts.onMode };
    },
    'sos acknowledged': ({ sos, by }) =>
      records.acknowledge(sos, by)
        ? { after: parts.onSosAcknowledged }
        : { refused: english('instruction-no-call', { sos }) },
  };
}
