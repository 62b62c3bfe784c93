import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openHttps } from '../adapters/upstream/https/relay.ts';
import { contextOf } from '../adapters/upstream/conformance.ts';
import type { Room, RoomOptions } from '../simulators/room/room.ts';
import { startRoom } from '../simulators/room/room.ts';
import type { Delivery, DeliveryOptions } from './deliver.ts';
import { openDelivery } from './deliver.ts';
import type { Db } from './store/db.ts';
import { openDb } from './store/db.ts';
import type { NewEvent, Outlet } from './store/outbox.ts';
import { deadRows, enqueue, outboxTotals } from './store/outbox.ts';
import type { Envelope, EventType, Relay } from './types.ts';
import { Busy, Rejected } from './types.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SOURCE = '/sites/demo/boxes/box-001';
const HIT: EventType = 'io.sitebox.plate.hit.v1';

let folder: string;
let db: Db;
const ends: (() => Promise<unknown>)[] = [];
const deliveries: Delivery[] = [];
const outlet: Outlet = {
  source: SOURCE,
  relays: ['room'],
  limits: { rows: 100_000, bytes: 1e9 },
  now: Date.now,
  wake: () => deliveries.forEach((d) => d.wake()),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-deliver-'));
  db = openDb(folder);
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  deliveries.length = 0;
  db.close();
  rmSync(folder, { recursive: true });
});

function add(stream: string, more: Partial<NewEvent> = {}): string {
  return enqueue(db, { type: HIT, subject: 'lane', time: Date.now(), data: { stream }, stream, ...more }, outlet);
}

/** Starts delivering; `stop` ends it, as the end of the test does. */
function deliver(relay: Relay, more: Partial<DeliveryOptions> = {}): Delivery & { stop(): Promise<void> } {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const delivery = openDelivery({
    db,
    relayName: 'room',
    relay,
    source: SOURCE,
    log,
    clock: { now: Date.now, mono: () => performance.now() },
    firstPauseMs: 20,
    mostPauseMs: 100,
    lookEveryMs: 20,
    ...more,
  });
  const ending = new AbortController();
  const running = delivery.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  deliveries.push(delivery);
  ends.push(stop);
  return { ...delivery, stop };
}

async function roomOf(options: Partial<RoomOptions> = {}): Promise<{ room: Room; relay: Relay }> {
  const room = await startRoom({ secret: SECRET, ...options });
  const relay = openHttps({ url: room.url, secret: 'env:S', timeoutMs: 500 }, contextOf({ 'env:S': SECRET }));
  ends.push(async () => {
    await relay.close?.();
    await room.close();
  });
  return { room, relay };
}

const empty = (): void => expect(outboxTotals(db, 'room').rows).toBe(0);
const WITHIN = { timeout: 15_000, interval: 10 };

/** A relay in the hands of the test: what it was given, and what it does with it. */
function relayOf(act: (e: Envelope, signal: AbortSignal) => Promise<void>): { relay: Relay; seen: string[] } {
  const seen: string[] = [];
  const send = (e: Envelope, signal: AbortSignal): Promise<void> => {
    seen.push(e.id);
    return act(e, signal);
  };
  return { relay: { send }, seen };
}

describe('delivery to the command room', () => {
  it('empties the outbox, in the order of each stream', async () => {
    const { room, relay } = await roomOf();
    const ids = Array.from({ length: 60 }, (_, i) => add(`s${i % 3}`));
    deliver(relay);
    await vi.waitFor(empty, WITHIN);
    const arrived = room.events().map((e) => e.id);
    expect([...arrived].sort()).toEqual([...ids].sort());
    for (const s of [0, 1, 2]) {
      const stream = ids.filter((_, i) => i % 3 === s);
      expect(arrived.filter((id) => stream.includes(id))).toEqual(stream);
    }
  });

  it('sends a row as soon as it is committed', async () => {
    const { room, relay } = await roomOf();
    // A minute between looks: only the wake can have brought it out.
    const d = deliver(relay, { lookEveryMs: 60_000 });
    await vi.waitFor(() => expect(d.state().turns).toBe(1), WITHIN);
    const id = add('a');
    await vi.waitFor(empty, WITHIN);
    expect(room.events().map((e) => e.id)).toEqual([id]);
  });

  const faults = [
    'error',
    'busy',
    'reset',
    'lost-ack',
    'double-ack',
    'html',
    'redirect',
    'slow',
    'black-hole',
  ] as const;
  it.each(faults)('loses nothing to a room with the fault %s, and the room holds each event once', async (fault) => {
    const { room, relay } = await roomOf({ faults: { slowMs: 50, retryAfterS: 0 } });
    let n = 0;
    room.fault(fault);
    const ids = Array.from({ length: 10 }, () => add(`s${n++}`));
    const d = deliver(relay);
    await vi.waitFor(() => expect(d.state().failed + d.state().stored).toBeGreaterThan(2), WITHIN);
    room.fault(fault, 0.3);
    ids.push(...Array.from({ length: 10 }, () => add(`s${n++}`)));
    await vi.waitFor(() => expect(room.requests()).toBeGreaterThan(8), WITHIN);
    room.fault(undefined);
    await vi.waitFor(empty, WITHIN);
    expect(
      room
        .events()
        .map((e) => e.id)
        .sort(),
    ).toEqual([...ids].sort());
  });

  it('sends the live event before the backlog after an outage', async () => {
    const { room, relay } = await roomOf();
    room.fault('error');
    const backlog = Array.from({ length: 200 }, (_, i) => add(`s${i}`));
    const d = deliver(relay, { mostPauseMs: 60_000, firstPauseMs: 300 });
    await vi.waitFor(() => expect(d.state().failed).toBeGreaterThanOrEqual(4), WITHIN);
    room.fault(undefined);
    const live = add('live');
    await vi.waitFor(() => expect(room.events().length).toBeGreaterThan(0), WITHIN);
    expect(room.events()[0]!.id).toBe(live);
    const had = room.events().length;
    const during = add('live-2');
    await vi.waitFor(empty, WITHIN);
    const arrived = room.events().map((e) => e.id);
    expect(new Set(arrived)).toEqual(new Set([...backlog, live, during]));
    // Only what was under way already came before it.
    expect(had).toBeLessThan(150);
    expect(arrived.indexOf(during)).toBeLessThanOrEqual(had + 4);
  });
});

describe('delivery', () => {
  it('never has two of one stream under way, and several of different ones', async () => {
    const open = new Map<string, number>();
    let most = 0;
    const { relay } = relayOf(async (e) => {
      const { stream } = e.data as { stream: string };
      open.set(stream, (open.get(stream) ?? 0) + 1);
      expect(open.get(stream)).toBe(1);
      most = Math.max(
        most,
        [...open.values()].reduce((a, b) => a + b),
      );
      await new Promise((resolve) => setImmediate(resolve));
      open.set(stream, 0);
    });
    for (let i = 0; i < 100; i++) add(`s${i % 7}`);
    deliver(relay);
    await vi.waitFor(empty, WITHIN);
    expect(most).toBe(4);
  });

  it('keeps one stream in order even when a newer event takes the place of the one under way', async () => {
    const release = new Map<string, () => void>();
    const { relay, seen } = relayOf((e) => new Promise((resolve) => release.set(e.id, resolve)));
    const old = add('health', { supersedes: {} });
    const d = deliver(relay);
    await vi.waitFor(() => expect(seen).toEqual([old]), WITHIN);
    const next = add('health', { supersedes: {} });
    const other = add('other');
    await vi.waitFor(() => expect(seen).toEqual([old, other]), WITHIN);
    release.get(other)!();
    await vi.waitFor(() => expect(d.state().stored).toBe(1), WITHIN);
    expect(seen).not.toContain(next);
    release.get(old)!();
    await vi.waitFor(() => expect(seen).toEqual([old, other, next]), WITHIN);
    release.get(next)!();
    await vi.waitFor(empty, WITHIN);
  });

  it('delays only the row that fails', async () => {
    const bad = add('bad');
    const { relay, seen } = relayOf(async (e) => {
      if (e.id === bad) throw new Error('poison');
    });
    const d = deliver(relay, { firstPauseMs: 5, mostPauseMs: 20 });
    await vi.waitFor(() => expect(seen.filter((id) => id === bad).length).toBeGreaterThan(5), { ...WITHIN });
    const good = Array.from({ length: 20 }, (_, i) => add(`s${i}`));
    await vi.waitFor(() => expect(outboxTotals(db, 'room').rows).toBe(1), WITHIN);
    expect(seen).toEqual(expect.arrayContaining(good));
    expect(d.state().stored).toBe(20);
  });

  it('lets a refused row go dead and goes on', async () => {
    const bad = add('s');
    const next = add('s');
    const { relay, seen } = relayOf(async (e) => {
      if (e.id === bad) throw new Rejected('malformed');
    });
    deliver(relay);
    await vi.waitFor(() => expect(outboxTotals(db, 'room')).toMatchObject({ rows: 1, dead: 1 }), WITHIN);
    expect(seen).toEqual([bad, next]);
    expect(deadRows(db, 'room')).toMatchObject([{ id: bad, why: 'malformed' }]);
  });

  it('heeds Busy for the whole relay', async () => {
    let asked = 0;
    const { relay } = relayOf(async () => {
      asked++;
      if (asked === 1) throw new Busy('later', 700);
    });
    add('a');
    const d = deliver(relay, { inFlight: 1 });
    await vi.waitFor(() => expect(asked).toBe(1), WITHIN);
    const turns = d.state().turns;
    add('b');
    // The loop was woken and looked, and still asked nothing.
    await vi.waitFor(() => expect(d.state().turns).toBeGreaterThan(turns), WITHIN);
    expect(asked).toBe(1);
    await vi.waitFor(empty, WITHIN);
  });

  it('gives a send a deadline, also to a relay that heeds no signal', async () => {
    const { relay, seen } = relayOf(() => new Promise(() => undefined));
    const id = add('a');
    const d = deliver(relay, { deadlineMs: 30 });
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1), WITHIN);
    expect(seen[0]).toBe(id);
    expect(d.state().error).toMatch(/no acknowledgement within 30 ms/);
  });

  it('ends at once when told to, and the row stays', async () => {
    const { relay, seen } = relayOf(() => new Promise(() => undefined));
    add('a');
    const d = deliver(relay);
    await vi.waitFor(() => expect(seen).toHaveLength(1), WITHIN);
    await d.stop();
    expect(db.prepare('SELECT tries, dead FROM outbox').all()).toEqual([{ tries: 0, dead: 0 }]);
  });

  it('does not hold a row back for hours when the clock is set back', async () => {
    let step = 0;
    const { relay, seen } = relayOf(async () => {
      if (seen.length === 1) throw new Error('once');
    });
    add('a');
    const clock = { now: () => Date.now() + step, mono: () => performance.now() };
    deliver(relay, { clock, firstPauseMs: 60_000 });
    await vi.waitFor(() => expect(db.prepare('SELECT tries FROM outbox').pluck().get()).toBe(1), WITHIN);
    step = -7_200_000;
    await vi.waitFor(empty, WITHIN);
  });

  it('does not disturb another relay', async () => {
    const both: Outlet = { ...outlet, relays: ['room', 'second'] };
    const bad = relayOf(() => Promise.reject(new Error('down')));
    const good = relayOf(() => Promise.resolve());
    deliver(bad.relay);
    deliver(good.relay, { relayName: 'second' });
    for (let i = 0; i < 20; i++) {
      enqueue(db, { type: HIT, subject: 'lane', time: 0, data: null, stream: `s${i}` }, both);
    }
    await vi.waitFor(() => expect(outboxTotals(db, 'second').rows).toBe(0), WITHIN);
    expect(outboxTotals(db, 'room').rows).toBe(20);
  });

  it('remembers acknowledgements that the store does not take, sends nothing twice for it, and does not claim progress', async () => {
    const { relay, seen } = relayOf(() => Promise.resolve());
    db.exec(`CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    const id = add('a');
    const d = deliver(relay);
    await vi.waitFor(() => expect(d.state().error).toBe('planted failure'), WITHIN);
    const { turns } = d.state();
    d.wake();
    expect(d.state().turns).toBe(turns);
    db.exec('DROP TRIGGER full');
    await vi.waitFor(empty, WITHIN);
    expect(seen).toEqual([id]);
    expect(d.state().error).toBeUndefined();
  });
});

describe('the checks above', () => {
  /** A relay that believes a 200 without reading it, as a careless one would: the room's fault has to show it. */
  it('see a relay that takes any 200 for an acknowledgement', async () => {
    const { room } = await roomOf();
    room.fault('html');
    const careless: Relay = {
      async send() {
        const response = await fetch(`${room.url}/events`, { method: 'POST', body: '{}' });
        if (!response.ok) throw new Error('no');
      },
    };
    add('a');
    deliver(careless);
    await vi.waitFor(empty, WITHIN);
    expect(room.events()).toEqual([]);
  });
});
