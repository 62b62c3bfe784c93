/** The gate lane by itself: what it shows, raises and forgets, with the reader, the list and the threads played by the test. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openClock } from '../clock.ts';
import type { Comparison, DocumentReading, LaneView, PhotoDecoder } from '../documents.ts';
import type { CompareResult } from '../infer/jobs.ts';
import type { DocumentHit, Evidence, Frame, Hit, ListEntry, ListState, Log } from '../types.ts';
import { openGate, type Gate, type GateParts } from './gate.ts';
import { MOST_FRAMES, WINDOW_MS } from './verify.ts';

const T0 = Date.UTC(2026, 10, 21, 4);
const LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const IN_FORCE: ListState = {
  ...{ state: 'in force', expires: T0 + 86_400_000, entries: 1 },
  ref: { type: 'doc-list', version: 3, sha256: 'a'.repeat(64) },
};
const ENTRY: ListEntry = {
  ...{ id: 'D-1', key: 'd'.repeat(64), category: 'missing', legalBasis: 'x', issuer: 'y', authorisedBy: 'z' },
  ...{ validFrom: T0, validUntil: T0 + 1, instruction: 'ask, and call the duty officer' },
};
const PICTURE: Evidence = { what: 'lane', sha256: 'e'.repeat(64), mediaType: 'image/jpeg', bytes: new Uint8Array(4) };
const same: Comparison = { outcome: 'same', score: 0.7, threshold: 0.49, models: [] };
const different: Comparison = { outcome: 'different', score: 0.2, threshold: 0.49, models: [] };
const blurred: Comparison = { outcome: 'not compared', why: 'blurred' };
const decoder: PhotoDecoder = { decode: () => Promise.resolve(new Uint8Array([1, 2, 3])) };

beforeEach(() => vi.useFakeTimers({ now: T0 }));
afterEach(() => vi.useRealTimers());

function reading(more: Partial<DocumentReading> = {}): DocumentReading {
  const number = new TextEncoder().encode('11010519491231002X');
  return {
    reader: 'desk-1',
    at: Date.now(),
    type: 'resident-card',
    number,
    photo: new Uint8Array(1024).fill(7),
    ...more,
  };
}

function frame(at = Date.now()): Frame {
  return { source: 'hall-1', at, width: 2, height: 1, rgb: new Uint8Array(6).fill(9) };
}

interface Played {
  readonly gate: Gate;
  readonly raised: { hit: DocumentHit; evidence: readonly Evidence[] }[];
  readonly counted: string[];
  /** What was handed to the threads. */
  readonly compared: { frame: Frame; references: number }[];
  view(): LaneView;
}

function play(answers: readonly Comparison[] = [same], more: Partial<GateParts> = {}): Played {
  const raised: Played['raised'] = [];
  const counted: string[] = [];
  const compared: Played['compared'] = [];
  const gate = openGate({
    ...{ lane: 'gate-1', readers: ['desk-1'], camera: 'hall-1', sign: 'a sign', photoDecoder: decoder, log: LOG },
    ...{ clock: openClock({ load: () => undefined, save: () => undefined }), config: 'c'.repeat(64) },
    today: () => '20261121',
    lookUp: () => Promise.resolve({ list: IN_FORCE, match: undefined }),
    compare(given, references): Promise<CompareResult> {
      compared.push({ frame: given, references: references.length });
      const answer = answers[Math.min(compared.length, answers.length) - 1]!;
      return Promise.resolve({ comparisons: references.map(() => answer), ms: 1 });
    },
    picture: () => Promise.resolve(PICTURE),
    raise: (hit: Hit, evidence) => void raised.push({ hit: hit as DocumentHit, evidence }),
    count: ({ document, outcome }) => void counted.push(`${document} ${outcome}`),
    ...more,
  });
  gate.observed('desk-1', { kind: 'ready' });
  return { gate, raised, counted, compared, view: () => gate.feed.view() };
}

const listed = {
  lookUp: () => Promise.resolve({ list: IN_FORCE, match: { entry: ENTRY, certainty: 'exact' } as const }),
};
/** Lets what is under way go on, with the clock of the lane moving. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('what is shown', () => {
  test('the outcome of the look-up stands there before any picture is there, and the comparison is added to it', async () => {
    const { gate, view, compared } = play([same]);
    const before = view().version;
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    expect(view()).toMatchObject({ presented: true, last: { outcome: 'clear', reasons: [], lastFour: '002X' } });
    expect(view().last).not.toHaveProperty('comparison');
    expect(compared).toEqual([]);
    expect(view().version).toBeGreaterThan(before);
    gate.frame(frame());
    await pass();
    expect(view().last).toMatchObject({ outcome: 'clear', comparison: same });
  });

  test.each([
    ['expired', { validUntil: '20261120' }, { outcome: 'look at the document', reasons: ['expired'] }],
    ['valid until today', { validUntil: '20261121' }, { outcome: 'clear', reasons: [] }],
    ['not yet valid', { validFrom: '20261122' }, { outcome: 'look at the document', reasons: ['not yet valid'] }],
  ])('a document that is %s', async (_, days, expected) => {
    const { gate, view } = play();
    gate.observed('desk-1', { kind: 'document', reading: reading(days) });
    await pass();
    expect(view().last).toMatchObject(expected);
  });

  test('without a list in force nobody is waved through, and the document is still judged by itself', async () => {
    const list: ListState = { state: 'not in force', why: 'expired', detail: '' };
    const { gate, view, raised } = play([same], { lookUp: () => Promise.resolve({ list, match: undefined }) });
    gate.observed('desk-1', { kind: 'document', reading: reading({ validUntil: '20200101' }) });
    await pass();
    expect(view().last).toMatchObject({ outcome: 'no list', reasons: ['expired'] });
    expect(raised).toEqual([]);
  });

  test('a number that cannot be right is a matter of the reader, and never clear', async () => {
    const { gate, view, counted } = play();
    gate.observed('desk-1', { kind: 'unreadable', why: 'check digit' });
    expect(view().last).toMatchObject({ outcome: 'look at the document', reasons: ['check digit'] });
    expect(counted).toEqual(['unreadable look at the document']);
  });

  test('the end of the number and a ticket go after ten seconds, the outcome stays', async () => {
    const { gate, view } = play();
    gate.observed('desk-1', { kind: 'ticket', token: 'T-0042' });
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass(9_999);
    expect(view()).toMatchObject({ ticket: 'T-0042', last: { lastFour: '002X' } });
    await pass(1);
    expect(view()).not.toHaveProperty('ticket');
    expect(view().last).toMatchObject({ outcome: 'clear' });
    expect(view().last).not.toHaveProperty('lastFour');
  });

  test('a reader that is away is named until it answers again', () => {
    const { gate, view } = play();
    expect(view().away).toEqual([]);
    gate.lost('desk-1');
    expect(view().away).toEqual(['desk-1']);
    gate.observed('desk-1', { kind: 'ready' });
    expect(view().away).toEqual([]);
  });

  test('watchers are told of each change until they leave', () => {
    const { gate } = play();
    const seen: number[] = [];
    const leave = gate.feed.subscribe((v) => void seen.push(v.version));
    gate.lost('desk-1');
    leave();
    gate.observed('desk-1', { kind: 'ready' });
    expect(seen).toHaveLength(1);
  });
});

describe('a listed document', () => {
  test('is a hit with the picture of the moment, whatever the comparison says; its outcome follows as news', async () => {
    const { gate, raised, view, counted } = play([different], listed);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    expect(view().last).toMatchObject({ outcome: 'listed', category: 'missing', instruction: ENTRY.instruction });
    gate.frame(frame());
    await pass();
    gate.frame(frame());
    await pass(WINDOW_MS);
    expect(raised.map((r) => [r.hit.seen, r.evidence.length, r.hit.comparison?.outcome])).toEqual([
      [1, 1, undefined],
      [0, 0, 'different'],
    ]);
    expect(raised[1]!.hit.id).toBe(raised[0]!.hit.id);
    expect(view().last).toMatchObject({ outcome: 'listed', reasons: ['borrowed'] });
    expect(counted).toEqual(['resident-card listed']);
    expect(JSON.stringify(raised)).not.toContain('11010519491231002X');
  });

  test('is a hit without a picture where the camera shows nothing', async () => {
    const { gate, raised } = play([same], listed);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass(WINDOW_MS);
    expect(raised.map((r) => [r.evidence.length, r.hit.comparison])).toEqual([
      [0, undefined],
      [0, { outcome: 'not compared', why: 'no camera' }],
    ]);
  });

  test('is one event where nothing is compared', async () => {
    const { gate, raised } = play([same], { ...listed, sign: undefined, camera: undefined });
    gate.observed('desk-1', { kind: 'document', reading: reading({ validUntil: '20200101' }) });
    await pass();
    expect(raised.map((r) => r.hit)).toMatchObject([
      { seen: 1, expired: true, comparison: { outcome: 'not compared', why: 'switched off' } },
    ]);
  });

  test('with a portrait is compared with that as well', async () => {
    const entry = { ...ENTRY, photo: new Uint8Array([5]) };
    const lookUp = () => Promise.resolve({ list: IN_FORCE, match: { entry, certainty: 'exact' } as const });
    const { gate, raised, compared } = play([same], { lookUp });
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.frame(frame());
    await pass();
    expect(compared[0]!.references).toBe(2);
    expect(raised[1]!.hit).toMatchObject({ comparison: same, entryComparison: same });
    // The entry's picture belongs to the list and is there for the next time.
    expect(entry.photo).toEqual(new Uint8Array([5]));
  });
});

describe('the comparison', () => {
  test('looks at nothing while no document lies there', async () => {
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

  test('found different, asks the attendant and goes nowhere', async () => {
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

  test('takes the best of a few frames, and no more than these', async () => {
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
    expect(stubborn.compared).toHaveLength(MOST_FRAMES);
    expect(stubborn.view().last?.comparison).toEqual(blurred);
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
    expect(gate.comparisons()).toEqual(new Map([['removed', 1]]));
  });

  test.each<[string, Partial<GateParts>, Partial<DocumentReading>, string]>([
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
    gate.feed.decline();
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
    gate.feed.decline();
    gate.frame(frame());
    await pass();
    expect(view().last?.comparison).toEqual({ outcome: 'not compared', why: 'declined' });
    expect(compared).toEqual([]);
  });

  test('a refusal does not meet a visitor of a minute later', async () => {
    const { gate, view } = play();
    gate.feed.decline();
    await pass(60_000);
    expect(view().declined).toBe(false);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.frame(frame());
    await pass();
    expect(view().last?.comparison).toEqual(same);
  });
});

test('number, photos and frames are wiped when the presentation is over', async () => {
  const photos: Uint8Array<ArrayBuffer>[] = [];
  const photoDecoder: PhotoDecoder = {
    decode() {
      photos.push(new Uint8Array([1, 2, 3]));
      return Promise.resolve(photos[0]!);
    },
  };
  const { gate } = play([same], { photoDecoder });
  const given = reading();
  const old = frame();
  gate.frame(old);
  gate.observed('desk-1', { kind: 'document', reading: given });
  await pass();
  gate.frame(frame());
  await pass();
  const bytes = [given.number, given.photo!, photos[0]!, old.rgb];
  for (const b of bytes) expect(b.every((x) => x === 0)).toBe(true);
  await gate.drain();
});

test('a look-up that fails is no outcome, and the document is wiped all the same', async () => {
  const { gate, view } = play([same], { lookUp: () => Promise.reject(new Error('x')) });
  const given = reading();
  gate.observed('desk-1', { kind: 'document', reading: given });
  await pass();
  expect(view().last).toMatchObject({ outcome: 'look at the document', reasons: ['not read'] });
  expect(given.number.every((x) => x === 0)).toBe(true);
});

test('at the end nothing is taken any more, and what is under way is waited for', async () => {
  const { gate, raised, view } = play([same], listed);
  gate.observed('desk-1', { kind: 'document', reading: reading() });
  await pass();
  const drained = gate.drain();
  await pass(WINDOW_MS);
  await drained;
  expect(raised[0]!.hit.entry).toBe('D-1');
  const { version } = view();
  gate.observed('desk-1', { kind: 'document', reading: reading() });
  expect(view().version).toBe(version);
});
