/** What the server tells the page beside a lane's view. Types only: the page's own code is checked against it. */

/** Sent at the start and as the sign of life, as the event `lane`. */
export interface LaneFacts {
  readonly compares: boolean;
  readonly sign?: string;
  /** Of the page's files: a page that came with another version loads itself again. */
  readonly page: string;
  /** By the box's clock: how old an outcome is does not depend on the display's clock. */
  readonly now: number;
  /** The store refuses: what the box sees is shown and sent to nobody. */
  readonly notKept?: true;
}
