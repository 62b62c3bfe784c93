/** What can go wrong with a command room, on purpose. */

export const FAULTS = [
  /** Takes the connection and never answers. */
  'black-hole',
  /** Answers 500. */
  'error',
  /** Answers 429 with Retry-After. */
  'busy',
  /** Stores, and answers late. */
  'slow',
  /** Cuts the connection in the middle of the request's body. */
  'reset',
  /** Stores, then closes without an answer. */
  'lost-ack',
  /** Stores and answers twice on the same connection. */
  'double-ack',
  /** Answers 200 with a page, as a captive portal does, and stores nothing. */
  'html',
  /** Answers 307 to another address, and stores nothing. */
  'redirect',
] as const;

export type RoomFault = (typeof FAULTS)[number];

export interface FaultSettings {
  readonly slowMs: number;
  readonly retryAfterS: number;
  readonly random: () => number;
}

export interface FaultSwitch {
  set(kind: RoomFault | undefined, share: number): void;
  /** The fault that this request meets, if any. */
  draw(): RoomFault | undefined;
}

export function openFaults(random: () => number): FaultSwitch {
  let now: { kind: RoomFault; share: number } | undefined;
  return {
    set: (kind, share) => (now = kind && { kind, share }),
    draw: () => (now && random() < now.share ? now.kind : undefined),
  };
}
