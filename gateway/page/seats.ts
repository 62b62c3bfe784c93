/**
 * Who may follow the events of a lane. Each display costs a connection, so their number is limited, and a program that takes connections
 * and reads nothing must not keep the lane's own display out. A page says with each beat that it has read (`confirm`); what does not say so
 * keeps its seat only as long as no one else wants it.
 */

/** Displays of one lane at a time. More than a gate has. */
export const MAX_SEATS = 16;
/** Of one address. Two screens of one computer, and the two that a reload leaves behind for a moment. */
export const MAX_SEATS_PER_ADDRESS = 4;
/** Displays of a lane that find a seat whenever they come back: the first that came, while they were seen within a day and the box runs. */
const MAX_REMEMBERED = 8;
const REMEMBERED_MS = 24 * 3_600_000;

export interface Visitor {
  readonly address: string;
  /** The name that the page has given itself; none from a program that is no page. */
  readonly display?: string;
  /** Ends the connection. */
  cut(): void;
}

export interface Seats {
  /** How to give the seat back, or what to say to a visitor who finds none. */
  take(visitor: Visitor): { readonly leave: () => void } | { readonly refused: string };
  /** The display has read what it was sent. False when it has no seat. */
  confirm(display: string): boolean;
}

interface Seat extends Visitor {
  confirmed: boolean;
}

/** The seats of one lane. `now`: milliseconds that only grow. */
export function openSeats(now: () => number = () => performance.now()): Seats {
  /** Oldest first. */
  const seats = new Set<Seat>();
  /** When each was last confirmed. */
  const remembered = new Map<string, number>();
  const of = (address: string): Seat[] => [...seats].filter((seat) => seat.address === address);

  /** Whom `visitor` takes the place of: undefined for nobody, `full` where all others are displays at work. */
  const displaced = (visitor: Visitor): Seat | undefined | 'full' => {
    const mine = of(visitor.address);
    const known = visitor.display !== undefined && remembered.has(visitor.display);
    const crowd = mine.length >= MAX_SEATS_PER_ADDRESS ? mine : seats.size >= MAX_SEATS ? [...seats] : [];
    if (crowd.length === 0) return undefined;
    // Of the display's own name first: what a pulled cable has left behind.
    const own = known ? crowd.find((seat) => seat.display === visitor.display) : undefined;
    const idle = own ?? crowd.find((seat) => !seat.confirmed);
    if (idle) return idle;
    return (known ? crowd.find((seat) => !remembered.has(seat.display ?? '')) : undefined) ?? 'full';
  };

  return {
    take(visitor) {
      const loser = displaced(visitor);
      if (loser === 'full') {
        const here = of(visitor.address).length;
        const limit = here >= MAX_SEATS_PER_ADDRESS ? `${here} of them at this address` : `${seats.size} in all`;
        return { refused: `as many displays follow this lane as may (${limit}): close one` };
      }
      if (loser) {
        seats.delete(loser);
        loser.cut();
      }
      const seat: Seat = { ...visitor, confirmed: false };
      seats.add(seat);
      return { leave: () => void seats.delete(seat) };
    },
    confirm(display) {
      const mine = [...seats].filter((seat) => seat.display === display);
      for (const seat of mine) seat.confirmed = true;
      if (mine.length === 0) return false;
      for (const [known, at] of remembered) if (now() - at > REMEMBERED_MS) remembered.delete(known);
      if (remembered.has(display) || remembered.size < MAX_REMEMBERED) remembered.set(display, now());
      return true;
    },
  };
}
