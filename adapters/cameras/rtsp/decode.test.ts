import { expect, it, vi } from 'vitest';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { rtspConfig } from './command.ts';
import { startDecoder } from './decode.ts';
import { STALL_LIMITS } from './demux.ts';
import { drawn, ENCODERS, transportStream, unitsOf, type Encoder } from './streams.fixtures.ts';

const config = rtspConfig.parse({ url: 'rtsp://192.0.2.10/1', width: 160, height: 120 });

it.each(Object.keys(ENCODERS) as Encoder[])('shows of %s what was asked for, and no more', async (encoder) => {
  const units = unitsOf(await transportStream(await drawn(encoder)));
  const stop = new AbortController();
  const shown: number[] = [];
  const onFrame = (_rgb: Uint8Array, at: number): void => void shown.push(at);
  const options = { config, codec: units[0]!.codec, limits: STALL_LIMITS, ffmpeg: 'ffmpeg', onFrame };
  const decoder = await startDecoder(options, stop.signal);
  const from = Date.now();
  for (const [i, unit] of units.entries()) decoder.feed(unit, i % 5 === 0);
  // The last pictures of a stream with B pictures wait for those that come after them.
  await vi.waitFor(() => expect(shown.length).toBeGreaterThanOrEqual(5), PATIENCE);
  stop.abort();
  await decoder.ended.catch(() => undefined);
  expect(shown.length).toBeLessThanOrEqual(6);
  expect(shown).toEqual(shown.toSorted((a, b) => a - b));
  expect(shown[0]).toBeGreaterThanOrEqual(from - 1000);
  expect(shown.at(-1)).toBeLessThanOrEqual(Date.now());
});

it('says that nothing can be decoded of what is no video', async () => {
  const stop = new AbortController();
  const limits = { firstMs: 500, nextMs: 500 };
  const decoder = await startDecoder(
    { config, codec: 'h264', limits, ffmpeg: 'ffmpeg', onFrame: () => undefined },
    stop.signal,
  );
  decoder.feed({ codec: 'h264', key: true, pts: 0, at: 0, bytes: new Uint8Array(4000).fill(7) }, true);
  await expect(decoder.ended).rejects.toThrow('no picture could be decoded for 0.5 s');
});
