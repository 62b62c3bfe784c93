/** What a gate lane shows and raises, and that it leaves nothing behind. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PhotoDecoder } from '../contracts/document.ts';
import type { ListState } from '../contracts/list.ts';
import { different, ENTRY, frame, IN_FORCE, listed, play, reading, same, T0 } from './gate-lane.fixtures.ts';
import { WINDOW_MS } from './compare-holder.ts';

beforeEach(() => vi.useFakeTimers({ now: T0 }));
afterEach(() => vi.useRealTimers());
/** Moves the clock of the lane on. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('what is shown', () => {
  test('the outcome of the look-up is shown before any picture comes, and the comparison is added to it', async () => {
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

  test('without a list in force the outcome is `no list`, and the dates of the document are still checked', async () => {
    const list: ListState = { state: 'not in force', why: 'expired', detail: '' };
    const { gate, view, raised } = play([same], { lookUp: () => Promise.resolve({ list, match: undefined }) });
    gate.observed('desk-1', { kind: 'document', reading: reading({ validUntil: '20200101' }) });
    await pass();
    expect(view().last).toMatchObject({ outcome: 'no list', reasons: ['expired'] });
    expect(raised).toEqual([]);
  });

  test('a number with a wrong check digit is never clear', async () => {
    const { gate, view, counted } = play();
    gate.observed('desk-1', { kind: 'unreadable', why: 'check digit' });
    expect(view().last).toMatchObject({ outcome: 'look at the document', reasons: ['check digit'] });
    expect(counted).toEqual(['unreadable look at the document']);
  });

  test('the end of the number and a ticket disappear after ten seconds, the outcome stays', async () => {
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

  test('a document at a reader that never says `removed` counts as taken after a while', async () => {
    const { gate, view } = play();
    gate.observed('page-1', { kind: 'ready', passing: true });
    gate.observed('page-1', { kind: 'document', reading: reading() });
    await pass(4_000);
    gate.observed('page-1', { kind: 'unreadable', why: 'check digit' });
    await pass(4_999);
    expect(view().presented).toBe(true);
    await pass(1);
    expect(view().presented).toBe(false);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass(60_000);
    expect(view().presented).toBe(true);
  });

  test('watchers get each change until they unsubscribe', () => {
    const { gate } = play();
    const seen: number[] = [];
    const leave = gate.subscribe((v) => void seen.push(v.version));
    gate.lost('desk-1');
    leave();
    gate.observed('desk-1', { kind: 'ready' });
    expect(seen).toHaveLength(1);
  });
});

describe('a listed document', () => {
  test('is a hit with the picture of the moment, whatever the comparison says, which follows as an update', async () => {
    const { gate, raised, view, counted } = play([different], listed);
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    expect(view().last).toMatchObject({ outcome: 'listed', category: 'missing', instruction: ENTRY.instruction });
    gate.frame(frame());
    await pass();
    gate.frame(frame());
    await pass(WINDOW_MS);
    expect(raised.map((r) => [r.hit.sightings, r.evidence.length, r.hit.comparison?.outcome])).toEqual([
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
      { sightings: 1, expired: true, comparison: { outcome: 'not compared', why: 'switched off' } },
    ]);
  });

  test('whose entry has a portrait is compared with that too', async () => {
    const entry = { ...ENTRY, photo: new Uint8Array([5]) };
    const lookUp = () => Promise.resolve({ list: IN_FORCE, match: { entry, certainty: 'exact' } as const });
    const { gate, raised, compared } = play([same], { lookUp });
    gate.observed('desk-1', { kind: 'document', reading: reading() });
    await pass();
    gate.frame(frame());
    await pass();
    expect(compared[0]!.references).toBe(2);
    expect(raised[1]!.hit).toMatchObject({ comparison: same, entryComparison: same });
    // The portrait belongs to the list and is not wiped.
    expect(entry.photo).toEqual(new Uint8Array([5]));
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

test('a failed look-up asks to look at the document, and the document is wiped all the same', async () => {
  const { gate, view } = play([same], { lookUp: () => Promise.reject(new Error('x')) });
  const given = reading();
  gate.observed('desk-1', { kind: 'document', reading: given });
  await pass();
  expect(view().last).toMatchObject({ outcome: 'look at the document', reasons: ['not read'] });
  expect(given.number.every((x) => x === 0)).toBe(true);
});

test('a failure after the outcome does not remove it', async () => {
  const raise = () => {
    throw new Error('x');
  };
  const { gate, view } = play([same], { ...listed, raise });
  gate.observed('desk-1', { kind: 'document', reading: reading() });
  await pass(WINDOW_MS);
  expect(view().last).toMatchObject({ outcome: 'listed', category: 'missing' });
});

test('drain waits for the checks under way, and no further document is taken', async () => {
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
