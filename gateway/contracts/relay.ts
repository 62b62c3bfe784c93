/** Events for a command room, and the contract of the relay that carries them. Types only. */
import type { Context, Id, Instant, Json } from './base.ts';
import type { Evidence } from './picture.ts';
import type { HearRoom } from './instruction.ts';

/** The version grows where a command room has to read an event otherwise than before: v2 since 0.2.0 (docs/upstream.md, "0.1.0 and 0.2.0"). */
export type EventType =
  | `io.sitebox.${'plate.hit' | 'document.hit' | 'device'}.v2`
  | `io.sitebox.${'sos' | 'alert' | 'order' | 'mode' | 'instruction' | 'alarm' | 'audit' | 'health' | 'counts' | 'crew' | 'account' | 'handover' | 'review'}.v1`;

/** One event for the command room; the upstream codec writes it as a CloudEvent. (`source`, `id`) is unique. */
export interface Envelope {
  readonly id: Id;
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly type: EventType;
  /** When it happened, not when it is sent. */
  readonly time: Instant;
  /** Lane, camera or part it is about. */
  readonly subject: string;
  /** Grows by one with each event of this box. */
  readonly sequence: number;
  readonly data: Json;
  /** Pictures the event names by sha256; loaded from the store for relays that carry them. */
  readonly evidence: readonly Evidence[];
}

/**
 * The line to one command room.
 * @example
 * const relay: Relay = {
 *   async send(event, signal) {
 *     const { status } = await post(event, signal);
 *     if (status === 422) throw new Rejected('the room refuses the event by its id');
 *     if (status !== 204) throw new TurnedAway(`something answers with ${status}`);
 *   },
 * };
 */
export interface Relay {
  /** Resolves once the room has stored the event. Throws `Rejected` when it never will; after any other error the event is sent again. */
  send(e: Envelope, signal: AbortSignal): Promise<void>;
  receive?: HearRoom;
  /** The time that the room said last, over TLS, and `performance.now()` at that moment. */
  heard?(): { readonly at: Instant; readonly mono: number } | undefined;
  /** Closes its connections cleanly. Nothing is sent afterwards. */
  close?(): Promise<void>;
}

export type OpenRelay = (config: unknown, context: Context) => Relay;
