/**
 * Limits how many displays follow the events of a lane, because each costs a connection. A program that connects and reads nothing must not
 * keep the lane's own display out: a page confirms each beat that it has read (`confirm`), and an unconfirmed connection gives way to a new one.
 */
import { words, type Message } from '../contracts/words/words.ts';

/** Of one lane. More than a gate has. */
export const MAX_DISPLAYS = 16;
/** Two screens of one computer, and the two connections that a reload leaves behind for a moment. */
export const MAX_DISPLAYS_PER_ADDRESS = 4;
/** Displays of a lane that always get a seat when they come back: the first ones, while they were seen within a day. A restart forgets them. */
export const MAX_REMEMBERED = 8;
const REMEMBERED_MS = 24 * 3_600_000;
/** Six beats. A display that confirms none for longer is gone, though its connection may last many minutes after a pulled cable. */
export const ALIVE_MS = 30_000;
/** A remembered display keeps its place for this long, as during a restart of its computer, against displays of other addresses. */
export const AWAY_MS = 10 * 60_000;

export interface DisplayClient {
  readonly address: string;
  /** The name that the page gave itself; absent for other programs. */
  readonly display?: string;
  /** Ends the connection. */
  disconnect(): void;
}

interface Seat extends DisplayClient {
  readonly since: number;
  confirmedAt: number | undefined;
}

/** The seats of one lane. `now`: milliseconds that only grow. */
export function openDisplaySeats(now: () => number = () => performance.now()) {
  /** Oldest first. */
  const seats = new Set<Seat>();
  /** Where a display was last confirmed, and when; longest unconfirmed first. */
  const remembered = new Map<string, { readonly address: string; readonly at: number }>();
  const of = (address: string): Seat[] => [...seats].filter((seat) => seat.address === address);
  const isAlive = ({ confirmedAt }: Seat): boolean => confirmedAt !== undefined && now() - confirmedAt < ALIVE_MS;
  const heardOf = ({ confirmedAt, since }: Seat): number => confirmedAt ?? since;

  /** The seat that `client` takes over: undefined where one is free, `full` where displays at work hold all. */
  const displaced = (client: DisplayClient): Seat | undefined | 'full' => {
    const mine = of(client.address);
    const crowd = mine.length >= MAX_DISPLAYS_PER_ADDRESS ? mine : seats.size >= MAX_DISPLAYS ? [...seats] : [];
    if (crowd.length === 0) return undefined;
    // First a seat of the same display, which a pulled cable has left behind.
    const own = client.display === undefined ? undefined : crowd.find((seat) => seat.display === client.display);
    const gone = crowd.filter((seat) => !isAlive(seat)).sort((a, b) => heardOf(a) - heardOf(b));
    if (own ?? gone[0]) return own ?? gone[0];
    const isRemembered = client.display !== undefined && remembered.has(client.display);
    return (isRemembered ? crowd.find((seat) => !remembered.has(seat.display ?? '')) : undefined) ?? 'full';
  };

  /**
   * Where all places are taken, a new display replaces one that is gone, the longest gone first. One of its own address is replaced at once,
   * because a browser that forgets its name comes back under another. A display at work keeps its place.
   */
  const remember = (display: string, address: string): void => {
    const alive = new Set([...seats].filter(isAlive).map((seat) => seat.display));
    const awayFor = (at: number): number => now() - at;
    for (const [name, was] of remembered) if (awayFor(was.at) > REMEMBERED_MS) remembered.delete(name);
    if (!remembered.has(display) && remembered.size >= MAX_REMEMBERED) {
      const gone = [...remembered].filter(([name]) => !alive.has(name));
      const loser = gone.find(([, was]) => was.address === address || awayFor(was.at) > AWAY_MS);
      if (!loser) return;
      remembered.delete(loser[0]);
    }
    remembered.delete(display);
    remembered.set(display, { address, at: now() });
  };

  return {
    /** `leave` gives the seat back; `refused` is the reason for the client. */
    take(client: DisplayClient): { readonly leave: () => void } | { readonly refused: Message } {
      const loser = displaced(client);
      if (loser === 'full') {
        const here = of(client.address).length;
        const isCrowded = here >= MAX_DISPLAYS_PER_ADDRESS;
        return { refused: isCrowded ? words('web-seats-here', { n: here }) : words('web-seats', { n: seats.size }) };
      }
      if (loser) {
        seats.delete(loser);
        loser.disconnect();
      }
      const seat: Seat = { ...client, since: now(), confirmedAt: undefined };
      seats.add(seat);
      return { leave: () => void seats.delete(seat) };
    },
    /** The display has read its last beat. False when it has no seat. */
    confirm(display: string): boolean {
      const mine = [...seats].filter((seat) => seat.display === display);
      for (const seat of mine) seat.confirmedAt = now();
      const newest = mine.at(-1);
      if (newest) remember(display, newest.address);
      return newest !== undefined;
    },
  };
}
