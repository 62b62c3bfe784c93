import { expect, it } from 'vitest';
import type { AccessUnit } from '../../../gateway/contracts/source.ts';
import { MAX_WAITING_BYTES, Packets } from './packets.ts';

/** A key picture each ten. */
const unit = (i: number, bytes = 10): AccessUnit => {
  return { codec: 'h264', key: i % 10 === 0, pts: undefined, at: i, bytes: new Uint8Array(bytes) };
};
const next = async (reader: AsyncGenerator<AccessUnit>): Promise<number> =>
  ((await reader.next()).value as AccessUnit).at;

it('begins with the last key picture, goes on with what comes, and ends with the signal', async () => {
  const packets = new Packets();
  for (let i = 5; i < 13; i++) packets.put(unit(i));
  const stop = new AbortController();
  const [one, two] = [packets.read(stop.signal), packets.read(stop.signal)];
  for (const at of [10, 11, 12]) expect(await next(one)).toBe(at);
  const waiting = next(one);
  packets.put(unit(13));
  expect(await waiting).toBe(13);
  for (const at of [10, 11, 12, 13]) expect(await next(two)).toBe(at);
  const last = one.next();
  stop.abort();
  expect(await last).toEqual({ value: undefined, done: true });
});

it('lets a slow reader go on with the next key picture, and keeps nothing from another', async () => {
  const packets = new Packets();
  const { signal } = new AbortController();
  const [slow, fast] = [packets.read(signal), packets.read(signal)];
  packets.put(unit(0));
  expect([await next(slow), await next(fast)]).toEqual([0, 0]);
  for (let i = 1; i < 10; i++) {
    packets.put(unit(i, MAX_WAITING_BYTES / 4));
    expect(await next(fast)).toBe(i);
  }
  packets.put(unit(10));
  expect([await next(slow), await next(fast)]).toEqual([10, 10]);
});

it('begins a run that follows a loss with its own key picture', async () => {
  const packets = new Packets();
  const { signal } = new AbortController();
  const early = packets.read(signal);
  packets.put(unit(0));
  expect(await next(early)).toBe(0);
  packets.cut();
  const late = packets.read(signal);
  const first = [next(early), next(late)];
  packets.put(unit(1));
  packets.put(unit(10));
  expect(await Promise.all(first)).toEqual([10, 10]);
});
