/** When a gate lane compares the holder, with which photos, and with what result. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DocumentReading, PhotoDecoder } from '../contracts/document.ts';
import type { Comparison } from '../contracts/comparison.ts';
import { blurred, different, frame, play, reading, same, T0, type PlayOptions } from './gate-lane.fixtures.ts';
import { MAX_FRAMES, WINDOW_MS } from './compare-holder.ts';

beforeEach(() => vi.useFakeTimers({ now: T0 }));
afterEach(() => vi.useRealTimers());
/** Moves the clock of the lane on. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

const closer: Comparison = { outcome: 'different', score: 0.3, threshold: 0.49, models: [] };
const noFace: Comparison = { outcome: 'not compared', why: 'no face' };

describe('the comparison', () => {
  test('looks at no frame while no document is there', async () => {
    const { gate, compared } = play();
    for (let i = 0; i < 20; i++) {
      gate.frame(frame());
      await pass(100);
    }
    expect(compared).toEqual([]);
  });

  test('takes a fresh frame, never one from before the document was read', async () => {
    const { gate, compared } = play();
    gate.frame(frame(Date.now() - 1));
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass(200);
    expect(compared).toEqual([]);
    gate.frame(frame());
    await pass();
    expect(compared).toHaveLength(1);
  });

  test('with a different face asks the attendant, and raises no hit', async () => {
    const { gate, view, raised, counted } = play([different]);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    for (let i = 0; i < 10; i++) {
      gate.frame(frame());
      await pass(50);
    }
    await pass(WINDOW_MS);
    expect(view().last).toMatchObject({
      outcome: 'look at the document',
      reasons: ['borrowed'],
      comparison: different,
    });
    expect(raised).toEqual([]);
    expect(counted).toEqual(['resident-card clear']);
  });

  test('takes the best of a few frames, and stops at the limit', async () => {
    const { gate, view, compared } = play([blurred, different, same]);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    for (let i = 0; i < 10; i++) {
      gate.frame(frame());
      await pass(50);
    }
    expect(view().last?.comparison).toEqual(same);
    expect(compared).toHaveLength(3);
    const stubborn = play([blurred]);
    stubborn.gate.observed('desk-1', { kind: 'document', reading: reading() });
    for (let i = 0; i < 10; i++) {
      stubborn.gate.frame(frame());
      await pass(50);
    }
    expect(stubborn.compared).toHaveLength(MAX_FRAMES);
    expect(stubborn.view().last?.comparison).toEqual(blurred);
  });

  test.each<[string, Comparison[], Comparison]>([
    ['no face but once', [noFace, different, noFace, noFace, blurred], noFace],
    ['different more often than not', [different, noFace, closer], closer],
    ['the same once', [different, noFace, different, same], same],
    ['one frame only', [different], different],
  ])('reports the most frequent result: %s', async (_, answers, expected) => {
    const { gate, view } = play(answers);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    for (let i = 0; i < answers.length; i++) {
      await pass(50);
      gate.frame(frame());
    }
    await pass(WINDOW_MS);
    expect(view().last?.comparison).toEqual(expected);
  });

  test('ends when the document is taken away', async () => {
    const { gate, view, compared } = play();
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.observed('desk-1', { kind: 'removed' });
    gate.frame(frame());
    await pass(WINDOW_MS);
    expect(compared).toEqual([]);
    expect(view()).toMatchObject({ presented: false, last: { outcome: 'clear' } });
    expect(gate.counts.comparisons()).toEqual(new Map([['removed', 1]]));
  });

  test('ends when an unreadable document replaces the one compared, and does not amend its outcome', async () => {
    const { gate, view } = play();
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.observed('desk-1', { kind: 'unreadable', why: 'not read' });
    await pass(WINDOW_MS);
    expect(view().last).toEqual({ outcome: 'look at the document', at: T0, reasons: ['not read'] });
    expect(gate.counts.comparisons()).toEqual(new Map([['removed', 1]]));
  });

  test.each<[string, PlayOptions, Partial<DocumentReading>, string]>([
    ['no photo on the document', {}, { photo: undefined as never }, 'no photo'],
    ['no program that decodes it', { photoDecoder: undefined }, {}, 'no photo'],
    ['a decoder that fails', { photoDecoder: { decode: () => Promise.reject(new Error('x')) } }, {}, 'no photo'],
    ['no camera', { camera: undefined }, {}, 'no camera'],
    ['the comparison switched off', { sign: undefined }, {}, 'switched off'],
    ['threads that die', { compare: () => Promise.reject(new Error('x')) }, {}, 'model off'],
  ])('with %s is not made, and the lane works', async (_, parts, document, why) => {
    const { gate, view, compared } = play([same], parts);
    gate.observed('desk-1', { kind: 'document', reading: reading(document) });
    await pass();
    gate.frame(frame());
    await pass(WINDOW_MS);
    expect(view().last).toMatchObject({ outcome: 'clear', comparison: { outcome: 'not compared', why } });
    expect(compared).toEqual([]);
  });

  test('declined, is left out once', async () => {
    const { gate, view, compared } = play();
    gate.decline();
    expect(view().declined).toBe(true);
    for (const why of ['declined', undefined]) {
      gate.observed('desk-1', { kind: 'document', reading: reading() });
      await pass();
      gate.frame(frame());
      await pass();
      expect(view().last?.comparison).toMatchObject(why ? { why } : same);
      expect(view().declined).toBe(false);
    }
    expect(compared).toHaveLength(1);
  });

  test('declined while it is under way, ends', async () => {
    const { gate, view, compared } = play();
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.decline();
    gate.frame(frame());
    await pass();
    expect(view().last?.comparison).toEqual({ outcome: 'not compared', why: 'declined' });
    expect(compared).toEqual([]);
  });

  test('declined while the photo is being decoded, says so', async () => {
    const decode: PhotoDecoder['decode'] = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const { gate, view } = play([same], { photoDecoder: { decode } });
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.decline();
    await pass();
    expect(view().last?.comparison).toEqual({ outcome: 'not compared', why: 'declined' });
  });

  test('a refusal is forgotten after a minute', async () => {
    const { gate, view } = play();
    gate.decline();
    await pass(60_000);
    expect(view().declined).toBe(false);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.frame(frame());
    await pass();
    expect(view().last?.comparison).toEqual(same);
  });
});
