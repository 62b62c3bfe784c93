/** What every way down has in common: an instruction is read and given to the gateway, or refused, counted and named in the log. */
import type { Instruction, InstructionRefusal } from '../../gateway/contracts/instruction.ts';
import type { Context } from '../../gateway/contracts/base.ts';
import { decodeInstruction, instructionId } from './instructions.codec.ts';
import type { Validity } from './validity.codec.ts';

export type Take = (instruction: Instruction) => void;
export type Refuse = (refusal: InstructionRefusal) => void;

/** Where instructions go. */
export interface InstructionSink {
  readonly take: Take;
  readonly refuse?: Refuse | undefined;
}

export type Inbox = ReturnType<typeof openInbox>;

/** Ids that the log has named: a room that sends one again and again fills no log. */
const REMEMBERED = 256;

export function openInbox({ id: relay, site, box, log }: Pick<Context, 'id' | 'site' | 'box' | 'log'>) {
  const named = new Set<string>();
  let refused = 0;
  let nameless = 0;

  /** Each id once; those without one the first, second, fourth, eighth time … */
  const isNews = (id: string | undefined): boolean => {
    if (id === undefined) return (++nameless & (nameless - 1)) === 0;
    if (named.has(id)) return false;
    if (named.size >= REMEMBERED) named.clear();
    named.add(id);
    return true;
  };

  const refuse = (refusal: InstructionRefusal, ears: InstructionSink): void => {
    refused++;
    ears.refuse?.(refusal);
    const { id, why } = refusal;
    if (isNews(id)) {
      log.warn({ relay, instruction: id, why, refused }, 'an instruction of the command room was refused');
    }
  };

  return {
    /**
     * Returns once `take` has kept what `read` gives, or `refuse` has written down why not: both may be acknowledged, for what is refused once
     * would come for ever. Throws what `take` and `refuse` throw: that may not be acknowledged. What `read` gives is of the command room for sure.
     */
    give(read: () => unknown, ears: InstructionSink, endRequired?: true): void {
      let event: unknown;
      let instruction: Instruction;
      const validity: Validity = { now: Date.now(), ...(endRequired ? { endRequired } : {}) };
      try {
        event = read();
        instruction = decodeInstruction(event, { site, box }, validity);
      } catch (e) {
        const why = e instanceof Error ? e.message : 'unreadable';
        refuse({ id: instructionId(event), why, authentic: true }, ears);
        return;
      }
      ears.take(instruction);
    },
    /** Counts it, and names in the log why what `read` gives was passed over. Anybody may have sent it. */
    refuse(read: () => unknown, why: string, ears: InstructionSink): void {
      let id: string | undefined;
      try {
        id = instructionId(read());
      } catch {
        id = undefined;
      }
      refuse({ id, why, authentic: false }, ears);
    },
  };
}
