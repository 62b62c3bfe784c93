import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Rig } from './deliver.fixtures.ts';
import { openRig, relayOf } from './deliver.fixtures.ts';
import { deadLetters, outboxTotals } from '../store/outbox/outbox.ts';
import { Busy, Rejected, TurnedAway } from '../contracts/errors.ts';

let rig: Rig;

beforeEach(() => {
  rig = openRig();
});

afterEach(async () => {
  await rig.close();
});

const add: Rig['add'] = (...args) => rig.add(...args);
const deliver: Rig['deliver'] = (...args) => rig.deliver(...args);
const empty = (): void => expect(rig.rows()).toBe(0);
const WITHIN = { timeout: 15_000, interval: 10 };

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
    // As many as the streams: a window of four lets that be once the line has shown that it carries more.
    expect(most).toBe(7);
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
    const d = deliver(relay, { firstPauseMs: 5, maxPauseMs: 20 });
    await vi.waitFor(() => expect(seen.filter((id) => id === bad).length).toBeGreaterThan(5), { ...WITHIN });
    const good = Array.from({ length: 20 }, (_, i) => add(`s${i}`));
    await vi.waitFor(() => expect(rig.rows()).toBe(1), WITHIN);
    expect(seen).toEqual(expect.arrayContaining(good));
    expect(d.state().stored).toBe(20);
  });

  it('does not hold up the others behind two bad rows that are due again and again', async () => {
    const bad = [add('bad-1'), add('bad-2')];
    for (let i = 0; i < 20; i++) add(`s${i}`);
    const { relay, seen } = relayOf(async (e) => {
      if (bad.includes(e.id)) throw new Error('poison');
    });
    // Each look finds both due, and they stand first.
    deliver(relay, { firstPauseMs: 1, maxPauseMs: 1, window: { min: 1, max: 1 }, lookEveryMs: 5 });
    await vi.waitFor(() => expect(rig.rows()).toBe(2), WITHIN);
    expect(seen.filter((id) => bad.includes(id)).length).toBeGreaterThanOrEqual(2);
  });

  it('lets a refused row go dead and goes on', async () => {
    const bad = add('s');
    const next = add('s');
    const { relay, seen } = relayOf(async (e) => {
      if (e.id === bad) throw new Rejected('malformed');
    });
    deliver(relay);
    await vi.waitFor(() => expect(outboxTotals(rig.db, 'room')).toMatchObject({ rows: 1, dead: 1 }), WITHIN);
    expect(seen).toEqual([bad, next]);
    expect(deadLetters(rig.db, 'room')).toMatchObject([{ id: bad, why: 'malformed' }]);
  });

  it('W2: sets a row aside that cannot be read, says so, and goes on', async () => {
    const bad = add('s');
    const next = add('s');
    rig.db.prepare('UPDATE outbox SET data = substr(data, 1, 5) WHERE id = ?').run(bad);
    const { relay, seen } = relayOf(() => Promise.resolve());
    const d = deliver(relay);
    await vi.waitFor(() => expect(outboxTotals(rig.db, 'room')).toMatchObject({ rows: 1, dead: 1 }), WITHIN);
    expect(seen).toEqual([next]);
    expect(deadLetters(rig.db, 'room')).toMatchObject([
      { id: bad, why: expect.stringContaining('unreadable') as string },
    ]);
    // Nothing is wrong with the line.
    expect(d.state()).toMatchObject({ failed: 0, error: undefined });
  });

  it('L3: what is turned away stays, is tried again, is named, and does not hold up the others', async () => {
    const bad = Array.from({ length: 30 }, (_, i) => add(`bad-${i}`));
    const others = Array.from({ length: 100 }, (_, i) => add(`alarm-${i}`, { type: 'io.sitebox.alarm.v1' }));
    let proxy = true;
    const { relay, seen } = relayOf(async (e) => {
      if (proxy && bad.includes(e.id)) throw new TurnedAway('answered 413 "Request Entity Too Large"');
    });
    const d = deliver(relay, { firstPauseMs: 20, maxPauseMs: 20 });
    await vi.waitFor(() => expect(rig.rows()).toBe(bad.length), WITHIN);
    expect(seen).toEqual(expect.arrayContaining(others));
    // A few hits were tried, not each of them over and over.
    expect(seen.filter((id) => bad.includes(id)).length).toBeLessThan(others.length);
    await vi.waitFor(() => expect(d.state().turnedAway.rows).toBeGreaterThan(0), WITHIN);
    expect(d.state().turnedAway.why).toBe('answered 413 "Request Entity Too Large"');
    expect(outboxTotals(rig.db, 'room')).toMatchObject({ dead: 0 });
    proxy = false;
    await vi.waitFor(empty, WITHIN);
    expect(d.state().turnedAway).toEqual({ rows: 0, why: undefined });
    expect(d.state().error).toBeUndefined();
  });

  it('L3: tries slowly where everything is turned away, and goes on at full pace once somebody gets through', async () => {
    for (let i = 0; i < 50; i++) add(`hit-${i}`);
    for (let i = 0; i < 50; i++) add(`alarm-${i}`, { type: 'io.sitebox.alarm.v1' });
    let portal = true;
    const { relay, seen } = relayOf(async () => {
      if (portal) throw new TurnedAway('answered 200 "Please log in"');
    });
    const d = deliver(relay, { firstPauseMs: 50, maxPauseMs: 50 });
    await vi.waitFor(() => expect(d.state().turnedAway.rows).toBeGreaterThan(0), WITHIN);
    expect(seen.length).toBeLessThan(50);
    portal = false;
    await vi.waitFor(empty, WITHIN);
    expect(d.state().rejected).toBe(0);
  });

  it('heeds Busy for the whole relay', async () => {
    let asked = 0;
    const { relay } = relayOf(async () => {
      asked++;
      if (asked === 1) throw new Busy('later', 700);
    });
    add('a');
    const d = deliver(relay, { window: { min: 1, max: 1 } });
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
    expect(rig.db.prepare('SELECT tries, dead FROM outbox').all()).toEqual([{ tries: 0, dead: 0 }]);
  });

  it('does not hold a row back for hours when the clock is set back', async () => {
    let step = 0;
    const { relay, seen } = relayOf(async () => {
      if (seen.length === 1) throw new Error('once');
    });
    add('a');
    const clock = { now: () => Date.now() + step, mono: () => performance.now() };
    deliver(relay, { clock, firstPauseMs: 60_000 });
    await vi.waitFor(() => expect(rig.db.prepare('SELECT tries FROM outbox').pluck().get()).toBe(1), WITHIN);
    step = -7_200_000;
    await vi.waitFor(empty, WITHIN);
  });

  it('does not disturb another relay', async () => {
    const both = rig.outboxTo('room', 'second');
    const bad = relayOf(() => Promise.reject(new Error('down')));
    const good = relayOf(() => Promise.resolve());
    deliver(bad.relay);
    deliver(good.relay, { relayName: 'second' });
    for (let i = 0; i < 20; i++) {
      both.enqueue({ type: 'io.sitebox.plate.hit.v2', subject: 'lane', time: 0, data: null, stream: `s${i}` });
    }
    await vi.waitFor(() => expect(rig.rows('second')).toBe(0), WITHIN);
    expect(rig.rows()).toBe(20);
  });

  it('W4: goes on sending while the store takes no acknowledgements, remembers them, and sends nothing twice for it', async () => {
    const { relay, seen } = relayOf(() => Promise.resolve());
    rig.db.exec(`CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    const first = add('a');
    const d = deliver(relay);
    await vi.waitFor(() => expect(d.state().error).toBe('planted failure'), WITHIN);
    const second = add('b');
    const after = add('a');
    await vi.waitFor(() => expect(seen).toEqual([first, second]), WITHIN);
    rig.db.exec('DROP TRIGGER full');
    await vi.waitFor(empty, WITHIN);
    expect(seen).toEqual([first, second, after]);
    expect(d.state().error).toBeUndefined();
  });
});
