/** Who may follow a lane, over real connections from several addresses of the loopback network. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStand, serve, type Stand } from './fixtures.ts';
import { MAX_SEATS, MAX_SEATS_PER_ADDRESS } from './seats.ts';
import type { Server } from './server.ts';

const WAIT = { timeout: 15_000 };
const name = (n: number): string => n.toString(16).padStart(32, '0');

let gate: Stand;
let server: Server;
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
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_SEATS_PER_ADDRESS);
    const fresh = await display(2);
    expect(fresh.status).toBe(200);
    for (let i = 0; i < 16; i++) bare.push(await follow());
    expect([working.ended(), fresh.ended()]).toEqual([false, false]);
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_SEATS_PER_ADDRESS);
    // The display's cable was pulled: its old connection is still there when it comes back.
    const back = await follow('127.0.0.1', name(1));
    expect(back.status).toBe(200);
  });

  it('take nothing from other addresses and other lanes', async () => {
    for (let i = 0; i < 16; i++) await follow('127.0.0.2');
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_SEATS_PER_ADDRESS);
    const other = await follow('127.0.0.3');
    const lane = await follow('127.0.0.2', undefined, 'gate-2');
    expect([other.status, lane.status]).toEqual([200, 200]);
    expect(other.ended()).toBe(false);
  });
});

describe('S1: when every seat of a lane is taken', () => {
  it('by displays at work, the next is asked to come later, and the one that was there before finds a seat', async () => {
    const first = await display(1);
    for (let n = 2; n <= MAX_SEATS; n++) await display(n, `127.0.1.${n}`);
    const refused = await follow('127.0.2.1', name(99));
    expect([refused.status, refused.retryAfter]).toEqual([503, '10']);
    first.leave();
    await expect.poll(() => gate.listeners(), WAIT).toBe(MAX_SEATS - 1);
    expect((await display(50, '127.0.2.2')).status).toBe(200);
    expect((await follow('127.0.0.1', name(1))).status).toBe(200);
  });

  it('by programs that say nothing, the oldest of them gives way', async () => {
    const silent: Follower[] = [];
    for (let n = 0; n < MAX_SEATS; n++) silent.push(await follow(`127.0.1.${n + 1}`));
    expect((await display(1, '127.0.2.1')).status).toBe(200);
    await expect.poll(() => silent.map((s) => s.ended()), WAIT).toEqual(silent.map((_, i) => i === 0));
  });
});

it('S1: what has no seat confirms nothing', async () => {
  expect(await confirm(name(7))).toBe(404);
  expect((await fetch(`${server.url}/lanes/gate-9/seat?display=${name(7)}`, { method: 'POST' })).status).toBe(404);
});
