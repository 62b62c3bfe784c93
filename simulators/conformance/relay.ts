/** What every relay has to do, whatever it speaks. Called by the test beside each relay. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Envelope, Relay } from '../../gateway/contracts/relay.ts';
import type { Evidence } from '../../gateway/contracts/picture.ts';
import { Rejected } from '../../gateway/contracts/errors.ts';
import { MAX_EVENT_BYTES } from '../../adapters/upstream/codec.ts';
import { BOX, SITE } from './context.ts';

export interface Harness {
  readonly relay: Relay;
  /** Ids of the events that the other side holds, each once, in order of arrival. */
  arrived(): string[];
  /** The other side goes away, and comes back at the same address with what it held. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const SOURCE = `/sites/${SITE}/boxes/${BOX}`;

export function pictureOf(text: string, what: Evidence['what'] = 'plate'): Evidence {
  const bytes = Buffer.from(text);
  return { what, sha256: createHash('sha256').update(bytes).digest('hex'), mediaType: 'image/jpeg', bytes };
}

export function eventOf(n: number, more: Partial<Envelope> = {}): Envelope {
  return {
    id: `event-${n}`,
    source: SOURCE,
    type: 'io.sitebox.plate.hit.v2',
    time: Date.now(),
    subject: 'road-1',
    sequence: n,
    data: { entry: `E-${n}`, state: 'unreviewed' },
    evidence: [],
    ...more,
  };
}

const never = new AbortController().signal;

export function relayConformance(name: string, open: () => Promise<Harness>): void {
  describe(`relay ${name}`, () => {
    let h: Harness;
    beforeEach(async () => {
      h = await open();
    });
    afterEach(async () => {
      await h.relay.close?.();
      await h.close();
    });

    it('resolves only once the other side has the event', async () => {
      await h.relay.send(eventOf(1), never);
      expect(h.arrived()).toEqual(['event-1']);
    });

    it('sends several at a time', async () => {
      await Promise.all([1, 2, 3, 4].map((n) => h.relay.send(eventOf(n), never)));
      expect(h.arrived().sort()).toEqual(['event-1', 'event-2', 'event-3', 'event-4']);
    });

    it('may send an event again: the other side holds it once', async () => {
      await h.relay.send(eventOf(1), never);
      await h.relay.send(eventOf(1), never);
      expect(h.arrived()).toEqual(['event-1']);
    });

    it('rejects while the other side is away, not for good, and works once it is back', async () => {
      await h.relay.send(eventOf(1), never);
      await h.stop();
      const failure = await h.relay.send(eventOf(2), never).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(Rejected);
      await h.start();
      await vi.waitFor(() => h.relay.send(eventOf(2), never), { timeout: 10_000, interval: 50 });
      expect(h.arrived()).toEqual(['event-1', 'event-2']);
    });

    it('ends when it is told to', async () => {
      const stop = new AbortController();
      const sending = h.relay.send(eventOf(1), stop.signal);
      stop.abort(new Error('stopped'));
      await expect(sending).rejects.toThrow();
      await expect(h.relay.send(eventOf(2), stop.signal)).rejects.toThrow();
      await h.relay.send(eventOf(3), never);
      expect(h.arrived()).toContain('event-3');
    });

    it('refuses an event of more than 64 KiB for good', async () => {
      const big = eventOf(1, { data: { text: '皖'.repeat(MAX_EVENT_BYTES / 3) } });
      await expect(h.relay.send(big, never)).rejects.toBeInstanceOf(Rejected);
      expect(h.arrived()).toEqual([]);
    });
  });
}
