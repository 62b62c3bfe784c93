/** What every way down has in common: an instruction is read and given to the gateway, or refused, counted and named in the log. */
import type { RoomMessage } from '../../../gateway/equipment.ts';
import type { Context } from '../../../gateway/types.ts';
import { decodeInstruction, instructionId } from './codec.ts';

export type Take = (message: RoomMessage) => void;

export interface Inbox {
  /**
   * Returns once `take` has kept what `read` gives, or it was refused: both may be acknowledged, for what is refused once would come for
   * ever. Throws what `take` throws: that may not be acknowledged.
   */
  give(read: () => unknown, take: Take): void;
  /** Counts it, and names in the log why what `read` gives was passed over. */
  refuse(read: () => unknown, why: string): void;
}

/** Ids that the log has named: a room that sends one again and again fills no log. */
const REMEMBERED = 256;

export function openInbox({ id: relay, site, box, log }: Pick<Context, 'id' | 'site' | 'box' | 'log'>): Inbox {
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

  const refuse = (why: string, id: string | undefined): void => {
    refused++;
    if (isNews(id)) {
      log.warn({ relay, instruction: id, why, refused }, 'an instruction of the command room was refused');
    }
  };

  return {
    give(read, take) {
      let event: unknown;
      let message: RoomMessage;
      try {
        event = read();
        message = decodeInstruction(event, { site, box }, Date.now());
      } catch (e) {
        refuse(e instanceof Error ? e.message : 'unreadable', instructionId(event));
        return;
      }
      take(message);
    },
    refuse(read, why) {
      let id: string | undefined;
      try {
        id = instructionId(read());
      } catch {
        id = undefined;
      }
      refuse(why, id);
    },
  };
}
