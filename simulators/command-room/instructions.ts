/** The command room's instructions to boxes: kept on disk, returned to polls, and published if there is a broker. */
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Instant, Json } from '../../gateway/contracts/base.ts';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import { encodeInstruction } from '../../adapters/upstream/instructions.codec.ts';
import { encodeAnswer } from '../../adapters/upstream/poll.codec.ts';
import type { RoomStore, StoredInstruction } from './store.ts';

const ROOM_SOURCE = '/rooms/simulated';

/** Default for `expires`. */
const VALID_MS = 86_400_000;

export interface InstructOptions {
  /** `/sites/SITE/boxes/BOX`; default: the box that the room was started for. */
  readonly box?: string;
  readonly expires?: Instant;
}

export type RoomInstructions = ReturnType<typeof openRoomInstructions>;

/** `told` is called when there is something to publish. */
export function openRoomInstructions(store: RoomStore, told: () => void, now: () => number) {
  const waiting = new Set<() => void>();

  /** An event of any shape, to test that boxes survive it; `id` is the one that a poll names as taken. */
  const tellRaw = (id: string, event: Json, box: string): void => {
    if (!store.putInstruction(box, id, JSON.stringify(event))) return;
    for (const wake of waiting) wake();
    told();
  };
  const tell = (message: RoomMessage, { box, expires = now() + VALID_MS }: InstructOptions & { box: string }): void => {
    const address = { source: ROOM_SOURCE, box: lastPart(box), expires };
    tellRaw(message.id, encodeInstruction(message, address), box);
  };
  const pending = (box: string): StoredInstruction[] => store.instructions().filter((i) => i.box === box && !i.took);

  return {
    tell,
    tellRaw,
    /**
     * The body of the answer to a poll of `box`: its pending instructions, as soon as there are any; empty after `holdMs` or once `gone` aborts.
     * Instructions named in `took` are removed first.
     */
    async answer(box: string, took: readonly string[], holdMs: number, gone: AbortSignal): Promise<string> {
      for (const id of took) store.markInstruction(box, id, 'took');
      const until = performance.now() + holdMs;
      while (pending(box).length === 0 && performance.now() < until && !gone.aborted) {
        await wokenWithin(waiting, Math.max(0, until - performance.now()), gone);
      }
      return encodeAnswer(gone.aborted ? [] : pending(box).map((i) => JSON.parse(i.body) as Json));
    },
    /** Acknowledges a call for help, in a room that does so automatically. */
    acknowledge(event: ReceivedEvent): void {
      const data = (event.data ?? {}) as { readonly [key: string]: Json };
      const { id, state } = data;
      if (event.type !== 'io.sitebox.sos.v1' || state !== 'raised' || typeof id !== 'string') return;
      // Its id comes from the SOS: however often that is repeated, it is acknowledged once.
      const head = { id: `seen-${id}`, at: now(), by: 'duty officer' };
      tell({ ...head, kind: 'sos acknowledged', sos: id }, { box: event.source });
    },
    /** Erases a hit that was dismissed, and answers with the receipt. */
    erase({ type, source, data }: ReceivedEvent): void {
      const { hit, erase } = (data ?? {}) as { readonly [key: string]: Json };
      if (type !== 'io.sitebox.review.v1' || typeof hit !== 'string' || erase === undefined) return;
      store.eraseHit(source, hit);
      tell({ id: `erased-${hit}`, at: now(), by: 'command room', kind: 'erased', hit }, { box: source });
    },
  };
}

/** Resolves on the next wake-up, after `ms`, or when `gone` aborts. */
function wokenWithin(waiting: Set<() => void>, ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      waiting.delete(end);
      gone.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms).unref();
    waiting.add(end);
    gone.addEventListener('abort', end, { once: true });
  });
}

function lastPart(box: string): string {
  return box.slice(box.lastIndexOf('/') + 1);
}
