/** What every reader source must keep, whatever the device: abort ends it, loss rejects, nothing is emitted after the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { DocumentReading } from '../../gateway/contracts/document.ts';
import type { Observation, Source } from '../../gateway/contracts/source.ts';
import type { ReaderPort } from '../devices/reader/wire.ts';
import { PATIENCE, watch } from './source.ts';

/**
 * Where a simulated reader stands: on a new pseudo terminal, or, when SITEBOX_SERIAL_PORT and SITEBOX_SERIAL_PEER name the two
 * ends of a real pair of serial ports, on the second of them. Such a pair serves one test at a time:
 * `npx vitest run --no-file-parallelism adapters/readers`.
 */
export function testPlace(baud = 115_200): ReaderPort {
  const { SITEBOX_SERIAL_PORT: far, SITEBOX_SERIAL_PEER: serial } = process.env;
  if ((far === undefined) !== (serial === undefined)) {
    throw new Error(
      'set both ends, SITEBOX_SERIAL_PORT (the gateway) and SITEBOX_SERIAL_PEER (the simulator), or neither',
    );
  }
  if (far !== undefined && serial !== undefined) return { serial, baud, far };
  return newPty();
}

/** For what only a pseudo terminal can do: go away, belong to somebody else. Its folder goes with the test. */
export function newPty(): { readonly pty: string } {
  const folder = mkdtempSync(join(tmpdir(), 'reader-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { pty: join(folder, 'port') };
}

/** A reader made for one test. */
export interface ReaderBench {
  readonly source: Source;
  /** Lays or swipes something on it that the source has to report; each call is another document or ticket. */
  readonly present: () => void | Promise<void>;
  /** The device goes away for good. */
  readonly lose: () => void | Promise<void>;
  /** May be called twice. */
  readonly close: () => void | Promise<void>;
}

export const readings = (seen: readonly Observation[]): DocumentReading[] =>
  seen.flatMap((o) => (o.kind === 'document' ? [o.reading] : []));

export const numbersOf = (seen: readonly Observation[]): string[] =>
  readings(seen).map((r) => Buffer.from(r.number).toString('latin1'));

export const kindsOf = (seen: readonly Observation[]): string[] => seen.map((o) => o.kind);

/** The body. `open` makes a reader that answers, with nothing on it, and a source for it. */
export function conformsAsReader(open: () => Promise<ReaderBench>): void {
  const withBench = async (body: (bench: ReaderBench) => Promise<void>): Promise<void> => {
    const bench = await open();
    try {
      await body(bench);
    } finally {
      await bench.close();
    }
  };
  const reported = (seen: readonly Observation[]): number =>
    seen.filter((o) => o.kind === 'document' || o.kind === 'ticket').length;
  const isReady = (seen: readonly Observation[]): Promise<void> =>
    vi.waitFor(() => expect(kindsOf(seen)).toContain('ready'), PATIENCE);
  /** The count is looked at after the device has ended too, so that whatever still ran had its chance to speak. */
  const endsQuietly = async (bench: ReaderBench, seen: readonly Observation[]): Promise<void> => {
    const atEnd = seen.length;
    await bench.close();
    expect(seen.length).toBe(atEnd);
  };

  it('says ready first, once, and then what is presented', () =>
    withBench(async ({ source, present }) => {
      const run = watch(source);
      await isReady(run.seen);
      await present();
      await vi.waitFor(() => expect(reported(run.seen)).toBe(1), PATIENCE);
      run.abort();
      expect(await run.ended).toBeUndefined();
      expect(kindsOf(run.seen).filter((k) => k === 'ready')).toHaveLength(1);
      expect(run.seen[0]?.kind).toBe('ready');
      for (const reading of readings(run.seen)) expect(Math.abs(Date.now() - reading.at)).toBeLessThan(60_000);
    }));

  it('resolves when aborted, and emits nothing afterwards', () =>
    withBench(async (bench) => {
      const run = watch(bench.source);
      await isReady(run.seen);
      run.abort();
      expect(await run.ended).toBeUndefined();
      const before = run.seen.length;
      await bench.present();
      expect(run.seen.length).toBe(before);
      await endsQuietly(bench, run.seen);
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
      await isReady(run.seen);
      await bench.lose();
      expect(await run.ended).toBeInstanceOf(Error);
      await endsQuietly(bench, run.seen);
    }));

  it('can be run again', () =>
    withBench(async ({ source, present }) => {
      const first = watch(source);
      await isReady(first.seen);
      first.abort();
      await first.ended;
      const second = watch(source);
      await isReady(second.seen);
      await present();
      await vi.waitFor(() => expect(reported(second.seen)).toBe(1), PATIENCE);
      second.abort();
      expect(await second.ended).toBeUndefined();
    }));
}
