/** Instructions of the command room, and what the box does with them. Types only. */
import type { GeoLocation, CrewRole } from './crew.ts';
import type { Id, Instant } from './base.ts';
import type { Judge } from './people.ts';
import type { OpinionContent } from './review.ts';

/** 平时, 战时, 应急 */
export type Mode = 'normal' | 'heightened' | 'emergency';

export interface NewOrder {
  /** 1 to 500 characters. */
  readonly text: string;
  readonly place?: GeoLocation;
  /** Device ids; or the nearest to `place`, of one role where it is named. */
  readonly to: readonly string[] | { readonly nearest: number; readonly role?: CrewRole };
}

/** A message of the command room. `id` is unique: a repeat is ignored. `by` is the person who is responsible for it. */
export type RoomMessage = { readonly id: string; readonly at: Instant; readonly by: string } & (
  | { readonly kind: 'order'; readonly order: NewOrder }
  | { readonly kind: 'mode'; readonly mode: Mode; readonly reason: string; readonly until: Instant }
  /** The room has seen a call for help and acts on it. */
  | { readonly kind: 'sos acknowledged'; readonly sos: Id }
  /** Two people have judged a hit: `by` and `second`, who must differ. */
  | { readonly kind: 'review'; readonly hit: Id; readonly outcome: 'confirmed' | 'dismissed'; readonly second: string }
  /** One person has judged a hit. */
  | { readonly kind: 'opinion'; readonly hit: Id; readonly judge: Judge; readonly content: OpinionContent }
  /** The room has erased a hit that was dismissed. */
  | { readonly kind: 'erased'; readonly hit: Id }
);

/** A message that is proved to come from the command room, valid until `expires`. */
export type Instruction = RoomMessage & { readonly expires: Instant };

/** Something that arrived as an instruction and may not be acted on. */
export interface InstructionRefusal {
  /** 1 to 64 visible ASCII characters, where one could be read. */
  readonly id: string | undefined;
  /** Repeats nothing of what arrived but names of members. */
  readonly why: string;
  /** It is proved to come from the command room, so the room hears why. Otherwise anybody may have sent it. */
  readonly authentic: boolean;
}

/**
 * Runs as a source does. An instruction is acknowledged when `take` returns, and one that may not be acted on when `refuse` returns. When
 * they throw, it is not acknowledged and arrives again.
 */
export type HearRoom = (
  take: (instruction: Instruction) => void,
  signal: AbortSignal,
  refuse?: (refusal: InstructionRefusal) => void,
) => Promise<void>;

export type InstructionKind = Instruction['kind'];

/**
 * What a room of the box did with an instruction. `refused`: why it could not be carried out, in words for the command room. `after` runs
 * once it is on disk: mostly it tells devices.
 */
export interface Handled {
  readonly refused?: string;
  readonly after?: () => void;
}

/**
 * One handler per kind. It runs in a transaction, perhaps twice, and changes nothing but the store; when it throws, the store is unchanged. `relay`:
 * the id of the relay that brought the instruction.
 */
export type InstructionHandlers = {
  readonly [K in InstructionKind]?: (instruction: Extract<Instruction, { kind: K }>, relay: string) => Handled;
};
