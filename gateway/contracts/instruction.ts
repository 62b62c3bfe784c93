/** What the command room tells the box. Types only. */
import type { GeoLocation, CrewRole } from './crew.ts';
import type { Id, Instant } from './base.ts';

/** 平时, 战时, 应急 */
export type Mode = 'normal' | 'heightened' | 'emergency';

export interface NewOrder {
  /** 1 to 500 characters. */
  readonly text: string;
  readonly place?: GeoLocation;
  /** Device ids; or the nearest to `place`, of one role where it is named. */
  readonly to: readonly string[] | { readonly nearest: number; readonly role?: CrewRole };
}

/** What the command room tells. `id` names it for good: a repeat is passed over. `by` is the person who answers for it. */
export type RoomMessage = { readonly id: string; readonly at: Instant; readonly by: string } & (
  | { readonly kind: 'order'; readonly order: NewOrder }
  | { readonly kind: 'mode'; readonly mode: Mode; readonly reason: string; readonly until: Instant }
  /** The room has seen a call for help and acts on it. */
  | { readonly kind: 'sos acknowledged'; readonly sos: Id }
  /** Two people have judged a hit: `by` and `second`, who must differ. */
  | { readonly kind: 'review'; readonly hit: Id; readonly outcome: 'confirmed' | 'dismissed'; readonly second: string }
);

/** As it came: proved to be of the command room, and in force until `expires`. */
export type Instruction = RoomMessage & { readonly expires: Instant };

/** Something that came as an instruction and is none that may be acted on. */
export interface InstructionRefusal {
  /** 1 to 64 visible ASCII characters, where one could be read. */
  readonly id: string | undefined;
  /** Repeats nothing of what came but names of members. */
  readonly why: string;
  /** The command room has proved that it said it, so it hears why. Otherwise anybody may have. */
  readonly authentic: boolean;
}

/**
 * Runs as a source does. An instruction is acknowledged once `take` has returned, and what may not be acted on once `refuse` has; where they
 * throw, it comes again.
 */
export type HearRoom = (
  take: (instruction: Instruction) => void,
  signal: AbortSignal,
  refuse?: (refusal: InstructionRefusal) => void,
) => Promise<void>;

export type InstructionKind = Instruction['kind'];

/**
 * What a part did with an instruction. `refused`: it could not be carried out, and why, in words for the room. `after` is done once it is on
 * disk: telling devices, mostly.
 */
export interface Handled {
  readonly refused?: string;
  readonly after?: () => void;
}

/**
 * One handler a kind. It runs in a transaction, perhaps twice, and changes nothing but the store; what it throws leaves nothing of it there.
 */
export type InstructionHandlers = {
  readonly [K in InstructionKind]?: (instruction: Extract<Instruction, { kind: K }>) => Handled;
};
