/**
 * Instructions of the command room: each goes to the handler of its kind, in one transaction with the note that it was taken. Every box has
 * this, with or without a crew: an instruction without a handler is refused in an answer, never dropped.
 */
import { iso } from '../contracts/time.ts';
import type { Handled, Instruction, InstructionHandlers, InstructionRefusal } from '../contracts/instruction.ts';
import type { Clock } from '../clock/clock.ts';
import { RateLimiter } from '../contracts/rate-limiter.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Status } from '../contracts/status.ts';
import { appendAudit } from '../store/audit.ts';
import { unlessDamaged, type Db } from '../store/db.ts';
import { isRefusal } from '../store/connection/health.ts';
import { makeRoomToRemember } from '../store/instructions.ts';
import { takeRoomMessage, wasRoomMessageTaken } from '../store/orders.ts';
import { OutboxFull, type OutboxWriter } from '../store/outbox/outbox.ts';
import type { Instant, Json, Log } from '../contracts/base.ts';
import { problem } from '../contracts/words/problem.ts';
import { english } from '../contracts/words/words.ts';

export type Instructions = ReturnType<typeof openInstructions>;

export interface InstructionParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  readonly log: Log;
  readonly handlers: InstructionHandlers;
}

/** It may be an attack, or a wrong clock or secret: a person has to look. */
const REFUSED_SHOWN_MS = 3_600_000;
const MAX_SHOWN = 5;
/**
 * Audit rows and answers about what may not be acted on: at most this many at once, and one more each ten seconds; the others are only counted.
 * Signed and unsigned ones have a budget each: a flood of forged ones must not keep the room from learning about its own.
 */
const MAX_WRITTEN = { size: 20, perS: 0.1 };

interface InstructionCounts {
  taken: number;
  /** Could be read, and not be carried out. */
  refused: number;
  /** May not be acted on: unsigned, expired, unreadable. */
  turnedDown: number;
  /** A part of the box failed on it. */
  setAside: number;
}

/** What was not done, newest last. */
interface UndoneInstruction {
  readonly relay: string;
  readonly id: string | undefined;
  readonly at: Instant;
  readonly why: string;
  readonly what: 'turned down' | 'set aside';
}

export function openInstructions(parts: InstructionParts) {
  const { db, clock, log, handlers } = parts;
  const counts = new Map<string, InstructionCounts>();
  const undone: UndoneInstruction[] = [];
  const budget = new RateLimiter(MAX_WRITTEN, () => clock.mono());
  /** Not written since the last one that was written. */
  const unwritten = { room: 0, anybody: 0 };

  const count = (relay: string, what: keyof InstructionCounts): void => {
    const of = counts.get(relay) ?? { taken: 0, refused: 0, turnedDown: 0, setAside: 0 };
    of[what]++;
    counts.set(relay, of);
  };
  const note = (what: UndoneInstruction['what'], relay: string, id: string | undefined, why: string): void => {
    undone.push({ what, relay, id, why, at: clock.now() });
    if (undone.length > MAX_SHOWN) undone.shift();
  };
  const handle = (instruction: Instruction, relay: string): Handled => {
    // One kind, one handler: the compiler cannot follow that the two agree.
    const handler = handlers[instruction.kind] as ((given: Instruction, relay: string) => Handled) | undefined;
    return (
      handler?.(instruction, relay) ?? {
        refused: english('instruction-kind-unknown', { kind: instruction.kind }),
      }
    );
  };
  /** Undefined: it was taken before. */
  const follow = db.transaction((instruction: Instruction, relay: string): Handled | undefined => {
    const { id } = instruction;
    const now = clock.now();
    const room = makeRoomToRemember(db, now);
    if (room && !takeRoomMessage(db, id, now)) return undefined;
    const handled = room ? handle(instruction, relay) : { refused: english('instructions-too-many') };
    if (handled.refused !== undefined) answer(parts, instruction, handled.refused);
    return handled;
  });
  /** A part failed on it, and would again: those behind it must not wait for that. The room hears of it. */
  const setAside = db.transaction((instruction: Instruction, why: string): void => {
    takeRoomMessage(db, instruction.id, clock.now());
    answer(parts, instruction, `this box failed on it: ${why}`, 'set aside');
  });

  const writeDown = db.transaction(
    ({ id, why, authentic }: InstructionRefusal, relay: string, before: number): void => {
      const detail = { relay, id: id ?? null, why, authentic, before };
      const who = authentic ? 'command room' : 'unknown';
      appendAudit(db, { at: clock.now(), who, what: 'instruction turned down', detail });
      if (authentic && id !== undefined) tell(parts, 'instruction', id, { refused: why });
    },
  );

  return {
    /** When it returns, it is on disk, was before, or is set aside. Throws where the store takes nothing: then it may not be acknowledged. */
    take(instruction: Instruction, relay: string): void {
      let handled: Handled | undefined;
      try {
        handled = follow.immediate(instruction, relay);
      } catch (error) {
        // The store takes nothing now, and will later: the instruction comes again.
        if (isRefusal(error) || error instanceof OutboxFull) throw error;
        const why = causeOf(error);
        setAside.immediate(instruction, why);
        count(relay, 'setAside');
        note('set aside', relay, instruction.id, why);
        log.error({ relay, instruction: instruction.id, kind: instruction.kind, why }, 'an instruction was set aside');
        return;
      }
      if (!handled) return;
      count(relay, handled.refused === undefined ? 'taken' : 'refused');
      try {
        handled.after?.();
      } catch (error) {
        // It is on disk: what could not be sent now is sent at the next turn.
        log.error({ relay, instruction: instruction.id, cause: causeOf(error) }, 'what follows an instruction failed');
      }
    },
    /**
     * Counts what may not be acted on, and reports it in the audit log and as an alarm, and to the room where it comes from there. What the room
     * gives again after it was taken has been answered, also where it has expired since. Throws as `take`.
     */
    refuse(refusal: InstructionRefusal, relay: string): void {
      const { id, why, authentic } = refusal;
      if (authentic && id !== undefined && unlessDamaged(() => wasRoomMessageTaken(db, id), false)) return;
      count(relay, 'turnedDown');
      note('turned down', relay, id, why);
      const from = authentic ? 'room' : 'anybody';
      if (!budget.tryTake(from)) {
        unwritten[from]++;
        return;
      }
      try {
        writeDown.immediate(refusal, relay, unwritten[from]);
        unwritten[from] = 0;
      } catch (error) {
        // The room gives it again. A forged one must not keep the room's own instructions waiting.
        if (authentic) throw error;
        log.error({ relay, cause: causeOf(error) }, 'an instruction that was turned down is not in the audit log');
      }
    },
    status: statusOf(counts, undone, () => clock.now()),
  };
}

/** Under its own id, as an event of its kind; one that has none of its own is answered as `instruction`. */
function answer(
  parts: InstructionParts,
  { id, by, kind }: Instruction,
  refused: string,
  as: 'refused' | 'set aside' = 'refused',
): void {
  const what = kind === 'order' || kind === 'mode' ? kind : 'instruction';
  const detail = { id, kind, refused };
  appendAudit(parts.db, { at: parts.clock.now(), who: by, what: `${what} ${as}`, detail });
  tell(parts, what, id, { by, ...(what === 'instruction' ? { kind } : {}), refused });
}

function tell(
  { outbox, clock }: InstructionParts,
  what: 'order' | 'mode' | 'instruction',
  id: string,
  more: { readonly [key: string]: Json },
): void {
  const data = { id, origin: 'room', ...more };
  const type = `io.sitebox.${what}.v1` as const;
  outbox.enqueue({ id, type, subject: 'crew', time: clock.now(), data, stream: `refused:${id}` });
}

function statusOf(
  counts: ReadonlyMap<string, InstructionCounts>,
  undone: readonly UndoneInstruction[],
  now: () => Instant,
): Status {
  return {
    problems() {
      const news = undone.filter((u) => Math.abs(now() - u.at) < REFUSED_SHOWN_MS);
      const relays = new Map(news.map((u) => [u.relay, u]));
      return [...relays].map(([relay, { why, what }]) => {
        const { turnedDown, setAside } = counts.get(relay)!;
        const code = what === 'set aside' ? 'instructions-set-aside' : 'instructions-undone';
        return problem(`instructions:${relay}`, code, { relay, turnedDown, setAside, cause: why });
      });
    },
    readings: () => [
      {
        name: 'sitebox_instructions_total',
        type: 'counter',
        labels: ['relay', 'outcome'],
        help: 'Instructions of the command room by what became of them',
        read: () =>
          [...counts].flatMap(([relay, of]) => [
            [[relay, 'taken'], of.taken] as const,
            [[relay, 'refused'], of.refused] as const,
            [[relay, 'turned down'], of.turnedDown] as const,
            [[relay, 'set aside'], of.setAside] as const,
          ]),
      },
    ],
    health: () => ({
      instructions: {
        ...Object.fromEntries(counts),
        last: undone.map(({ at, id, ...u }) => ({ ...u, id: id ?? null, at: iso(at) })),
      },
    }),
  };
}
