/** What the crew does with instructions of the command room: orders, the mode, and calls for help that the room has seen. */
import type { Clock } from '../clock/clock.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { InstructionHandlers } from '../contracts/instruction.ts';
import { modeProblem, setMode } from './modes.ts';
import type { Candidate } from './nearest.ts';
import type { Orders } from './orders.ts';
import type { SosDesk } from './sos.ts';

export interface CrewInstructionParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now'>;
  readonly orders: Orders;
  readonly sosDesk: SosDesk;
  /** Where devices are, for orders to the nearest. */
  readonly candidates: () => readonly Candidate[];
  /** What is done once an instruction is on disk. */
  readonly done: {
    readonly ordered: (device: string) => void;
    readonly mode: () => void;
    readonly sosChanged: () => void;
  };
}

export function crewInstructions(parts: CrewInstructionParts): InstructionHandlers {
  const { db, outbox, clock, orders, sosDesk, candidates, done } = parts;
  return {
    order({ id, by, order }) {
      const created = orders.create(order, { id, by, origin: 'room' }, candidates());
      if ('problem' in created) return { refused: created.problem };
      return { after: () => created.targets.forEach((device) => done.ordered(device)) };
    },
    mode(message) {
      const mode = { ...message, origin: 'room' } as const;
      const refused = modeProblem(mode, clock.now());
      if (refused !== undefined) return { refused };
      setMode(db, mode, outbox);
      return { after: done.mode };
    },
    'sos acknowledged': ({ sos, by }) =>
      sosDesk.acknowledged(sos, by) ? { after: done.sosChanged } : { refused: `this box has no call for help ${sos}` },
  };
}
