import { expect, it } from 'vitest';
import { measureCalls } from './sos-measure.ts';
import { mutateCalls, type CallReader } from './sos-mutations.ts';

it('C1, C6: damaged calls for help are all in the store, and all told; the long form is `measureCalls(500_000)`', async () => {
  const { named, seconds, ...verdict } = await measureCalls(1_000);
  expect(verdict).toEqual({ messages: 1_000, withoutRow: 0, withoutNotice: 0, uncaught: 0 });
  // Otherwise nothing was damaged, or nothing was read.
  expect(named).toBeGreaterThan(50);
  expect(named).toBeLessThan(500);
  expect(seconds).toBeGreaterThan(0);
});

it('the count sees a reader that passes over what it cannot read, and one that trips', () => {
  const strict: CallReader = (host, payload) => {
    try {
      const { sosId } = JSON.parse(Buffer.from(payload).toString()) as { sosId: string };
      host.sos({ device: 'cam-1', sos: sosId, state: 'raised', at: Date.now() });
    } catch {
      // As before: acknowledged and thrown away.
    }
  };
  const missed = mutateCalls(200, 5, strict);
  expect(missed.withoutRow).toBeGreaterThan(20);
  expect(missed.withoutNotice).toBeGreaterThan(20);
  const trips = mutateCalls(200, 5, (_desk, payload) => void (JSON.parse(Buffer.from(payload).toString()) as unknown));
  expect(trips.uncaught).toBeGreaterThan(20);
});
