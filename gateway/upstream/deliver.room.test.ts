/** Delivery through the real relay to the command room, with all its faults. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pictureOf } from '../../simulators/conformance/relay.ts';
import { openHttps } from '../../adapters/upstream/https/relay.ts';
import type { Room, RoomOptions } from '../../simulators/command-room/room.ts';
import { openNarrowLine } from '../../simulators/faults/narrow-line.ts';
import { startRoom } from '../../simulators/command-room/room.ts';
import type { Rig } from './deliver.fixtures.ts';
import { addHit, openRig } from './deliver.fixtures.ts';
import type { Relay } from '../contracts/relay.ts';
import { testContext } from '../../simulators/conformance/context.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let rig: Rig;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  rig = openRig();
});

afterEach(async () => {
  await rig.close();
  for (const end of ends.splice(0).reverse()) await end();
});

const add: Rig['add'] = (...args) => rig.add(...args);
const deliver: Rig['deliver'] = (...args) => rig.deliver(...args);
const empty = (): void => expect(rig.rows()).toBe(0);
const WITHIN = { timeout: 15_000, interval: 10 };

async function roomOf(options: Partial<RoomOptions> = {}): Promise<{ room: Room; relay: Relay }> {
  const room = await startRoom({ secret: SECRET, ...options });
  const relay = openHttps({ url: room.url, secret: 'env:S', timeoutMs: 500 }, testContext('room', { 'env:S': SECRET }));
  ends.push(async () => {
    await relay.close?.();
    await room.close();
  });
  return { room, relay };
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
    const d = deliver(relay, { maxPauseMs: 60_000, firstPauseMs: 300 });
    await vi.waitFor(() => expect(d.state().failed).toBeGreaterThanOrEqual(4), WITHIN);
    room.fault(undefined);
    const live = add('live');
    await vi.waitFor(() => expect(room.events().length).toBeGreaterThan(0), WITHIN);
    expect(room.events()[0]!.id).toBe(live);
    const had = room.events().length;
    const { window } = d.state();
    const during = add('live-2');
    await vi.waitFor(empty, WITHIN);
    const arrived = room.events().map((e) => e.id);
    expect(new Set(arrived)).toEqual(new Set([...backlog, live, during]));
    // Only what was under way already came before it.
    expect(had).toBeLessThan(150);
    expect(arrived.indexOf(during)).toBeLessThanOrEqual(had + window);
  });
});

describe('a narrow line', () => {
  it('W9: carries hits with pictures one by one, each within its deadline, and what has none behind the one that the modem holds', async () => {
    const { room } = await roomOf();
    const line = await openNarrowLine(room.url, 5);
    ends.push(() => line.close());
    const relay = openHttps(
      { url: line.url, secret: 'env:S', timeoutMs: 2_000 },
      testContext('room', { 'env:S': SECRET }),
    );
    ends.push(async () => relay.close?.());
    const ids = [0, 1, 2].map((n) => {
      const evidence = [pictureOf(`plate ${n}`.padEnd(9_000)), pictureOf(`scene ${n}`.padEnd(9_000), 'vehicle')];
      return addHit(rig, n, evidence);
    });
    // One takes 3.7 s with its headers, and has 6.5 s. Three side by side would take eleven.
    const d = deliver(relay, { deadlineMs: 2_000 });
    const alarm = add('alarm', { type: 'io.sitebox.alarm.v1' });
    await vi.waitFor(empty, { ...WITHIN, timeout: 60_000 });
    expect(d.state().failed).toBe(0);
    const arrived = room.events().map((e) => e.id);
    expect([...arrived].sort()).toEqual([...ids, alarm].sort());
    expect(room.evidence()).toHaveLength(6);
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
