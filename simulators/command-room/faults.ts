/** The faults that a command room can simulate. */

export const FAULTS = [
  /** Accepts the connection and never answers. */
  'black-hole',
  /** Answers 500. */
  'error',
  /** Answers 429 with Retry-After. */
  'busy',
  /** Stores, and answers late. */
  'slow',
  /** Cuts the connection in the middle of the request body. */
  'reset',
  /** Stores, then closes without an answer. */
  'lost-ack',
  /** Stores and answers twice on the same connection. */
  'double-ack',
  /** Answers 200 with a web page, like a captive portal, and stores nothing. */
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
