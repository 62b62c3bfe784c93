/** What the command room tells the box: heard over each relay that can hear it, and acted on once. */
import type { Clock } from '../clock.ts';
import type { RoomMessage } from '../equipment.ts';
import type { RelayPart } from '../parts.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { getHit } from '../store/hits.ts';
import { takeRoomMessage } from '../store/orders.ts';
import { enqueue, type Outlet } from '../store/outbox.ts';
import { causeOf } from '../errors.ts';
import type { Supervisor } from '../supervisor.ts';
import type { Hit, Log } from '../types.ts';
import { modeProblem, setMode } from './modes.ts';
import type { Candidate } from './nearest.ts';
import type { Orders } from './orders.ts';
import type { SosDesk } from './sos.ts';

export interface InstructionParts {
  readonly db: Db;
  readonly outlet: Outlet;
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
    /** Two people have confirmed a hit. */
    readonly confirmed: (hit: Hit) => void;
  };
}

/**
 * Gives a function that acts on one instruction, in one transaction with the note that it was taken: a repeat does nothing, and a failure
 * leaves nothing. It throws where nothing was kept. What is wrong for good is taken, audited, and told to the room.
 */
export function openInstructions(parts: InstructionParts): (message: RoomMessage) => void {
  const { db, clock } = parts;
  return (message) => {
    const after = db
      .transaction(() => (takeRoomMessage(db, message.id, clock.now()) ? follow(parts, message) : undefined))
      .immediate();
    after?.();
  };
}

function follow(parts: InstructionParts, message: RoomMessage): (() => void) | undefined {
  const { db, outlet, clock, orders, sosDesk, done } = parts;
  const { id, by } = message;
  switch (message.kind) {
    case 'order': {
      const created = orders.create(message.order, { id, by, origin: 'room' }, parts.candidates());
      if ('problem' in created) return refuse(parts, message, 'order', created.problem);
      return () => created.targets.forEach((device) => done.ordered(device));
    }
    case 'mode': {
      const mode = { ...message, origin: 'room' } as const;
      const problem = modeProblem(mode, clock.now());
      if (problem !== undefined) return refuse(parts, message, 'mode', problem);
      setMode(db, mode, outlet);
      return done.mode;
    }
    case 'sos acknowledged':
      return sosDesk.acknowledged(message.sos, by) ? done.sosChanged : undefined;
    case 'review': {
      // What the hit says of itself stays as it was raised; people's judgement is the room's to keep.
      const { hit, outcome, second } = message;
      const found = getHit(db, hit)?.hit;
      const detail = { hit, outcome, second, known: found !== undefined };
      appendAudit(db, { at: clock.now(), who: by, what: 'hit reviewed', detail });
      return found && outcome === 'confirmed' ? () => done.confirmed(found) : undefined;
    }
  }
}

/** The room hears why, under the instruction's own id. */
function refuse(
  { db, outlet, clock }: InstructionParts,
  { id, by }: RoomMessage,
  what: 'order' | 'mode',
  refused: string,
): undefined {
  const time = clock.now();
  appendAudit(db, { at: time, who: by, what: `${what} refused`, detail: { id, refused } });
  const data = { id, by, origin: 'room', refused };
  enqueue(db, { id, type: `io.sitebox.${what}.v1`, subject: 'crew', time, data, stream: `refused:${id}` }, outlet);
  return undefined;
}

const PAUSES = { firstMs: 1_000, mostMs: 60_000 };

/** Until `signal` aborts. What is lost is tried again; it is said when it begins and when its cause changes. */
export async function followInstructions(
  { id, relay }: RelayPart,
  instruct: (message: RoomMessage) => void,
  supervisor: Supervisor,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (!relay.receive) return;
  let said: string | undefined;
  const run = (ending: AbortSignal) =>
    relay.receive!((message) => {
      instruct(message);
      said = undefined;
      log.info({ relay: id, kind: message.kind, instruction: message.id }, 'instruction of the command room');
    }, ending);
  const watcher = {
    started: () => undefined,
    failed(error: unknown) {
      const cause = causeOf(error);
      if (cause !== said) log.warn({ relay: id, cause }, 'instructions of the command room cannot be heard');
      said = cause;
    },
  };
  await supervisor.keep(`instructions:${id}`, run, signal, { pauses: PAUSES, watcher });
}
