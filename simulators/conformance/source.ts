/** What every camera source must keep, whatever the device: abort ends it, loss rejects, nothing is emitted after the end. */
import { expect, it, vi } from 'vitest';
import type { Observation, Source } from '../../gateway/contracts/source.ts';

/** A device made for one test. */
export interface SourceBench {
  readonly source: Source;
  /** The device goes away for good. */
  lose(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Runs `source` and keeps what it does. `ended` settles with undefined after an abort, with the error after a loss. */
export function watch(source: Source): {
  readonly seen: Observation[];
  readonly frames: () => number;
  readonly ended: Promise<unknown>;
  readonly abort: () => void;
} {
  const seen: Observation[] = [];
  const controller = new AbortController();
  const ended = source
    .run((o) => void seen.push(o), controller.signal)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const frames = (): number => seen.filter((o) => o.kind === 'frame').length;
  return { seen, frames, ended, abort: () => controller.abort() };
}

export const PATIENCE = { timeout: 15_000, interval: 20 };

/** The body. `open` makes a device that delivers pictures, and a source for it. */
export function conforms(open: () => Promise<SourceBench>): void {
  const withBench = async (body: (bench: SourceBench) => Promise<void>): Promise<void> => {
    const bench = await open();
    try {
      await body(bench);
    } finally {
      await bench.close();
    }
  };
  /** Long enough for a frame to come if anything still ran: the count is looked at after `close` has ended the device too. */
  const endsQuietly = async (bench: SourceBench, run: ReturnType<typeof watch>): Promise<void> => {
    const atEnd = run.seen.length;
    await bench.close();
    expect(run.seen.length).toBe(atEnd);
  };

  it('emits whole frames that own their buffer', () =>
    withBench(async ({ source }) => {
      const run = watch(source);
      await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(1), PATIENCE);
      run.abort();
      await run.ended;
      for (const o of run.seen) {
        if (o.kind !== 'frame') continue;
        const { width, height, rgb } = o.frame;
        expect(rgb.length).toBe(width * height * 3);
        expect(rgb.buffer.byteLength).toBe(rgb.length);
        expect(Math.abs(Date.now() - o.frame.at)).toBeLessThan(60_000);
      }
    }));

  it('resolves when aborted, and emits nothing afterwards', () =>
    withBench(async (bench) => {
      const run = watch(bench.source);
      await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
      run.abort();
      expect(await run.ended).toBeUndefined();
      await endsQuietly(bench, run);
    }));

  it('resolves at once when aborted before it starts', () =>
    withBench(async ({ source }) => {
      const seen: Observation[] = [];
      await source.run((o) => void seen.push(o), AbortSignal.abort());
      expect(seen).toEqual([]);
    }));

  it('rejects when the device is lost, and emits nothing afterwards', () =>
    withBench(async (bench) => {
      const run = watch(bench.source);
      await vi.waitFor(() => expect(run.frames()).toBeGreaterThan(0), PATIENCE);
      await bench.lose();
      expect(await run.ended).toBeInstanceOf(Error);
      await endsQuietly(bench, run);
    }));

  it('can be run again after a loss', () =>
    withBench(async (bench) => {
      const first = watch(bench.source);
      await vi.waitFor(() => expect(first.frames()).toBeGreaterThan(0), PATIENCE);
      first.abort();
      await first.ended;
      const second = watch(bench.source);
      await vi.waitFor(() => expect(second.frames()).toBeGreaterThan(0), PATIENCE);
      second.abort();
      expect(await second.ended).toBeUndefined();
    }));
}
