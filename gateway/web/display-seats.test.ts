/** Who may follow a lane, over real connections from several addresses of the loopback network. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStand, serve, type Stand } from './server.fixtures.ts';
import {
  ALIVE_MS,
  AWAY_MS,
  MAX_REMEMBERED,
  MAX_DISPLAYS,
  MAX_DISPLAYS_PER_ADDRESS,
  openDisplaySeats,
} from './display-seats.ts';
import type { WebServer } from './server.ts';

const WAIT = { timeout: 15_000 };
const name = (n: number): string => n.toString(16).padStart(32, '0');

let gate: Stand;
let server: WebServer;
const open: Follower[] = [];
beforeEach(async () => {
  gate = openStand('gate-1');
  server = await serve([gate, openStand('gate-2')]);
});
afterEach(async () => {
  for (const follower of open.splice(0)) follower.leave();
  await server.close();
});

interface Follower {
  readonly status: number;
  readonly retryAfter: string | undefined;
  ended(): boolean;
  leave(): void;
}

/** Opens the events of a lane from one address, and reads nothing of them. */
async function follow(address = '127.0.0.1', display?: string, lane = 'gate-1'): Promise<Follower> {
  const asked = request(`${server.url}/lanes/${lane}/events${display ? `?display=${display}` : ''}`, {
    localAddress: address,
    agent: false,
  });
  asked.on('error', () => undefined).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let ended = false;
  response.on('error', () => undefined).once('close', () => (ended = true));
  const follower: Follower = {
    status: response.statusCode!,
    retryAfter: response.headers['retry-after'],
    ended: () => ended,
    leave: () => void asked.destroy(),
  };
  open.push(follower);
  return follower;
}

const confirm = async (display: string): Promise<number> =>
  (await fetch(`${server.url}/lanes/gate-1/seat?display=${display}`, { method: 'POST' })).status;

/** A display that has read what it was sent. */
async function display(n: number, address?: string): Promise<Follower> {
  const follower = await follow(address, name(n));
  expect(await confirm(name(n))).toBe(204);
  return follower;
}

describe('S1: sixteen bare requests from one address', () => {
  it('leave the display that was there its seat, and give a new one a seat too', async () => {
    const working = await display(1);
    const bare = [];
    for (let i = 0; i < 16; i++) bare.push(await follow());
    expect(working.ended()).toBe(false);
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_DISPLAYS_PER_ADDRESS);
    const fresh = await display(2);
    expect(fresh.status).toBe(200);
    for (let i = 0; i < 16; i++) bare.push(await follow());
    expect([working.ended(), fresh.ended()]).toEqual([false, false]);
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_DISPLAYS_PER_ADDRESS);
    // The display's cable was pulled: its old connection is still there when it comes back.
    const back = await follow('127.0.0.1', name(1));
    expect(back.status).toBe(200);
  });

  it('take nothing from other addresses and other lanes', async () => {
    for (let i = 0; i < 16; i++) await follow('127.0.0.2');
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_DISPLAYS_PER_ADDRESS);
    const other = await follow('127.0.0.3');
    const lane = await follow('127.0.0.2', undefined, 'gate-2');
    expect([other.status, lane.status]).toEqual([200, 200]);
    expect(other.ended()).toBe(false);
  });
});

describe('S1: when every seat of a lane is taken', () => {
  it('by displays at work, the next is asked to come later, and the one that was there before finds a seat', async () => {
    const first = await display(1);
    for (let n = 2; n <= MAX_DISPLAYS; n++) await display(n, `127.0.1.${n}`);
    const refused = await follow('127.0.2.1', name(99));
    expect([refused.status, refused.retryAfter]).toEqual([503, '10']);
    first.leave();
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_DISPLAYS - 1);
    expect((await display(50, '127.0.2.2')).status).toBe(200);
    expect((await follow('127.0.0.1', name(1))).status).toBe(200);
  });

  it('by programs that say nothing, the oldest of them gives way', async () => {
    const silent: Follower[] = [];
    for (let n = 0; n < MAX_DISPLAYS; n++) silent.push(await follow(`127.0.1.${n + 1}`));
    expect((await display(1, '127.0.2.1')).status).toBe(200);
    await expect.poll(() => silent.map((s) => s.ended()), WAIT).toEqual(silent.map((_, i) => i === 0));
  });
});

describe('S1: browsers that are gone', () => {
  it('and came back under another name each time do not shut the display out that is there now', async () => {
    for (let n = 1; n <= MAX_REMEMBERED; n++) {
      (await display(n)).leave();
      await expect.poll(() => gate.listeners(), WAIT).toBe(0);
    }
    const now = await display(99);
    for (let n = 1; n < MAX_DISPLAYS; n++) await display(100 + n, `127.0.1.${n}`);
    now.leave();
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_DISPLAYS - 1);
    expect((await display(200, '127.0.2.1')).status).toBe(200);
    expect((await follow('127.0.0.1', name(99))).status).toBe(200);
  });

  /** Seats with a clock of the test's. `cut` collects whose connection was ended. */
  const played = () => {
    let at = 0;
    const seats = openDisplaySeats(() => at);
    const cut: string[] = [];
    const take = (address: string, display: string) =>
      seats.take({ address, display, disconnect: () => void cut.push(display) });
    /** Takes a seat and works; gives it back. */
    const work = (address: string, display: string): (() => void) => {
      const seat = take(address, display);
      if ('refused' in seat) throw new Error(seat.refused.en);
      seats.confirm(display);
      return seat.leave;
    };
    return { seats, cut, take, work, go: (ms: number) => void (at += ms) };
  };
  const fill = (work: (address: string, display: string) => unknown, count: number): void => {
    for (let n = 1; n <= count; n++) work(`f${n}`, `filler ${n}`);
  };

  it('lose their seat to the next, the longest gone first, though their connections still stand', () => {
    const { seats, cut, take, work, go } = played();
    for (let n = 1; n <= MAX_DISPLAYS; n++) work(`a${n}`, `display ${n}`);
    expect(take('b', 'next')).toHaveProperty('refused');
    go(ALIVE_MS - 1);
    seats.confirm('display 1');
    go(1);
    seats.confirm('display 3');
    // All but two are silent; the oldest of them is the second.
    expect(take('b', 'next')).toHaveProperty('leave');
    expect(cut).toEqual(['display 2']);
    for (let n = 2; n < MAX_DISPLAYS - 1; n++) expect(take(`b${n}`, `next ${n}`)).toHaveProperty('leave');
    expect(cut).not.toContain('display 1');
    expect(cut).not.toContain('display 3');
  });

  it('lose their place among the remembered to another address once they are away for ten minutes, the longest first', () => {
    for (const [awayMs, returns] of [
      [AWAY_MS, true],
      [AWAY_MS + 1, false],
    ] as const) {
      const { seats, take, work, go } = played();
      for (let n = 1; n <= MAX_REMEMBERED; n++) {
        work(`a${n}`, `gone ${n}`)();
        if (n === 1) go(1);
      }
      go(awayMs - 1);
      const leave = work('b', 'new');
      leave();
      fill(work, MAX_DISPLAYS);
      const back = (address: string, display: string): boolean =>
        'leave' in take(address, display) && seats.confirm(display);
      expect([back('a1', 'gone 1'), back('b', 'new'), back('a2', 'gone 2')]).toEqual([returns, !returns, true]);
    }
  });

  it('are not those that work: eight of them keep their places for as long as they do, whoever comes', () => {
    const { seats, take, work, go } = played();
    const names = Array.from({ length: MAX_REMEMBERED }, (_, i) => `working ${i}`);
    const leaves = names.map((display) => work(display, display));
    for (let minute = 0; minute < 20; minute++) {
      go(ALIVE_MS - 1);
      for (const display of names) seats.confirm(display);
      // At the address of one of them, too.
      work('working 0', `new ${minute}`)();
    }
    for (const leave of leaves) leave();
    fill(work, MAX_DISPLAYS);
    for (const display of names) expect(take(display, display)).toHaveProperty('leave');
  });
});

it('S1: what has no seat confirms nothing', async () => {
  expect(await confirm(name(7))).toBe(404);
  expect((await fetch(`${server.url}/lanes/gate-9/seat?display=${name(7)}`, { method: 'POST' })).status).toBe(404);
});
