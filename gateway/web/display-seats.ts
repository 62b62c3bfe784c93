/**
 * Who may follow the events of a lane. Each display costs a connection, so their number is limited, and a program that takes connections
 * and reads nothing must not keep the lane's own display out. A page says with each beat that it has read (`confirm`); what does not say so,
 * or no longer, keeps its seat only as long as no one else wants it.
 */

/** Displays of one lane at a time. More than a gate has. */
export const MAX_DISPLAYS = 16;
/** Of one address. Two screens of one computer, and the two that a reload leaves behind for a moment. */
export const MAX_DISPLAYS_PER_ADDRESS = 4;
/** Displays of a lane that find a seat whenever they come back: the first that came, while they were seen within a day and the box runs. */
export const MAX_REMEMBERED = 8;
const REMEMBERED_MS = 24 * 3_600_000;
/** Six beats. What is silent for longer has no reader any more, though its connection may stand for many minutes after a pulled cable. */
export const ALIVE_MS = 30_000;
/** A display may be away for this long, as for a restart of its computer, and no other address takes its place among the remembered. */
export const AWAY_MS = 10 * 60_000;

export interface DisplayClient {
  readonly address: string;
  /** The name that the page has given itself; none from a program that is no page. */
  readonly display?: string;
  /** Ends the connection. */
  disconnect(): void;
}

export interface DisplaySeats {
  /** How to give the seat back, or what to say to a visitor who finds none. */
  take(visitor: DisplayClient): { readonly leave: () => void } | { readonly refused: string };
  /** The display has read what it was sent. False when it has no seat. */
  confirm(display: string): boolean;
}

interface Seat extends DisplayClient {
  readonly since: number;
  confirmedAt: number | undefined;
}

/** Where a display was last confirmed, and when. */
interface Remembered {
  readonly address: string;
  readonly at: number;
}

/** The seats of one lane. `now`: milliseconds that only grow. */
export function openDisplaySeats(now: () => number = () => performance.now()): DisplaySeats {
  /** Oldest first. */
  const seats = new Set<Seat>();
  /** Longest unconfirmed first. */
  const remembered = new Map<string, Remembered>();
  const of = (address: string): Seat[] => [...seats].filter((seat) => seat.address === address);
  const isAlive = ({ confirmedAt }: Seat): boolean => confirmedAt !== undefined && now() - confirmedAt < ALIVE_MS;
  const heardOf = ({ confirmedAt, since }: Seat): number => confirmedAt ?? since;

  /** Whom `visitor` takes the place of: undefined for nobody, `full` where all others are displays at work. */
  const displaced = (visitor: DisplayClient): Seat | undefined | 'full' => {
    const mine = of(visitor.address);
    const crowd = mine.length >= MAX_DISPLAYS_PER_ADDRESS ? mine : seats.size >= MAX_DISPLAYS ? [...seats] : [];
    if (crowd.length === 0) return undefined;
    // Of the display's own name first: what a pulled cable has left behind.
    const own = visitor.display === undefined ? undefined : crowd.find((seat) => seat.display === visitor.display);
    const gone = crowd.filter((seat) => !isAlive(seat)).sort((a, b) => heardOf(a) - heardOf(b));
    if (own ?? gone[0]) return own ?? gone[0];
    const known = visitor.display !== undefined && remembered.has(visitor.display);
    return (known ? crowd.find((seat) => !remembered.has(seat.display ?? '')) : undefined) ?? 'full';
  };

  /**
   * Where all are taken, a new display takes the place of one that is gone, the longest gone first: of its own address at once, because a
   * browser that forgets its name comes back under another. A display at work keeps its place.
   */
  const remember = (display: string, address: string): void => {
    const alive = new Set([...seats].filter(isAlive).map((seat) => seat.display));
    const awayFor = ({ at }: Remembered): number => now() - at;
    for (const [name, was] of remembered) if (awayFor(was) > REMEMBERED_MS) remembered.delete(name);
    if (!remembered.has(display) && remembered.size >= MAX_REMEMBERED) {
      const gone = [...remembered].filter(([name]) => !alive.has(name));
      const loser = gone.find(([, was]) => was.address === address || awayFor(was) > AWAY_MS);
      if (!loser) return;
      remembered.delete(loser[0]);
    }
    remembered.delete(display);
    remembered.set(display, { address, at: now() });
  };

  return {
    take(visitor) {
      const loser = displaced(visitor);
      if (loser === 'full') {
        const here = of(visitor.address).length;
        const limit = here >= MAX_DISPLAYS_PER_ADDRESS ? `${here} of them at this address` : `${seats.size} in all`;
        return { refused: `as many displays follow this lane as may (${limit}): close one` };
      }
      if (loser) {
        seats.delete(loser);
        loser.disconnect();
      }
      const seat: Seat = { ...visitor, since: now(), confirmedAt: undefined };
      seats.add(seat);
      return { leave: () => void seats.delete(seat) };
    },
    confirm(display) {
      const mine = [...seats].filter((seat) => seat.display === display);
      for (const seat of mine) seat.confirmedAt = now();
      const newest = mine.at(-1);
      if (newest) remember(display, newest.address);
      return newest !== undefined;
    },
  };
}
