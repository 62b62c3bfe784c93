import { expect, test } from 'vitest';
import type { Frame, PlateRead } from '../types.ts';
import { advance, closeAll, TRACK_DEFAULTS, type Track, type TrackEvent } from './track.ts';

const WHERE = { lane: 'lane-1', camera: 'cam-1' };
const FRAME: Frame = { source: 'cam-1', at: 0, width: 1, height: 1, rgb: new Uint8Array(3) };

function read(text: string, x: number, y = 300, width = 100, probability = 0.99): PlateRead {
  const h = width / 3;
  return {
    text,
    kind: 'standard',
    colour: 'blue',
    lines: 1,
    characters: [],
    sharpness: 0.5,
    probability,
    band: probability >= 0.95 ? 'accept' : 'ask',
    runnersUp: [],
    corners: [
      [x, y],
      [x + width, y],
      [x + width, y + h],
      [x, y + h],
    ],
  };
}

/** Runs the frames at 5 fps, then nothing until everything is closed. */
function drive(frames: readonly (readonly PlateRead[])[], options = TRACK_DEFAULTS): TrackEvent[] {
  let tracks: readonly Track[] = [];
  const events: TrackEvent[] = [];
  for (const [i, reads] of frames.entries()) {
    const step = advance(tracks, WHERE, i * 200, reads, FRAME, options);
    tracks = step.tracks;
    events.push(...step.events);
  }
  events.push(...closeAll(tracks, WHERE).events);
  return events;
}
const texts = (events: readonly TrackEvent[], kind: TrackEvent['kind']) =>
  events.filter((e) => e.kind === kind).map((e) => e.passage.best.text);

test('one vehicle seen ten times is looked up once, at the second sure read, and counted once', () => {
  let tracks: readonly Track[] = [];
  const at: number[] = [];
  for (let i = 0; i < 10; i++) {
    const step = advance(tracks, WHERE, i * 200, [read('皖A12345', 300, 200 + 20 * i, 80 + 8 * i)], FRAME);
    tracks = step.tracks;
    for (const e of step.events) at.push(i * 200, e.kind === 'look up' ? 1 : 2);
  }
  expect(at).toEqual([200, 1]);
  const { events } = closeAll(tracks, WHERE);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    kind: 'count',
    passage: { votes: 10, direction: 'approaching', first: 0, last: 1800 },
  });
});

test('two vehicles in one frame are two passages, even with neighbouring numbers', () => {
  const frames = Array.from({ length: 6 }, (_, i) => [read('皖A12345', 200 + i * 5), read('皖A12346', 420 + i * 5)]);
  expect(texts(drive(frames), 'count').sort()).toEqual(['皖A12345', '皖A12346']);
  expect(texts(drive(frames.map((f) => [...f].reverse())), 'count').sort()).toEqual(['皖A12345', '皖A12346']);
});

test('a parked car is one passage, also when its plate is hidden for half a minute', () => {
  const parked = [read('京B67890', 500)];
  const frames: PlateRead[][] = [
    ...Array<PlateRead[]>(50).fill(parked),
    ...Array<PlateRead[]>(150).fill([]),
    ...Array<PlateRead[]>(50).fill(parked),
  ];
  const events = drive(frames);
  expect(texts(events, 'count')).toEqual(['京B67890']);
  expect(texts(events, 'look up')).toEqual(['京B67890']);
  // The guard's counterpart: without the memory of closed tracks the same car is counted twice.
  expect(texts(drive(frames, { ...TRACK_DEFAULTS, rememberMs: 0 }), 'count')).toHaveLength(2);
});

test('a vehicle that comes by again within the minute, on the same way, is a passage each time', () => {
  const pass = Array.from({ length: 12 }, (_, i) => [read('皖A12345', 300 + 30 * i, 200 + 40 * i, 60 + 5 * i)]);
  const away = Array<PlateRead[]>(25).fill([]);
  const events = drive([...pass, ...away, ...pass, ...away, ...pass]);
  expect(texts(events, 'look up')).toHaveLength(3);
  // Each has all its reads: the memory of the pass before has taken none where the ways end.
  expect(events.filter((e) => e.kind === 'count').map((e) => e.passage.votes)).toEqual([12, 12, 12]);
});

test('the next car of a fleet, one number higher and at the same place, is a passage of its own', () => {
  const first = Array<PlateRead[]>(5).fill([read('沪C10001', 500)]);
  const gap = Array<PlateRead[]>(15).fill([]);
  const second = Array<PlateRead[]>(5).fill([read('沪C10002', 500)]);
  expect(texts(drive([...first, ...gap, ...second]), 'count')).toEqual(['沪C10001', '沪C10002']);
});

test('the vote decides: a misread among good reads changes nothing', () => {
  const frames = [read('皖A12345', 300), read('皖A1234S', 302), read('皖A12345', 304), read('皖A12345', 306)].map(
    (r) => [r],
  );
  const events = drive(frames);
  expect(texts(events, 'count')).toEqual(['皖A12345']);
  expect(texts(events, 'look up')).toEqual(['皖A12345']);
});

test('a vote that changes after the look-up is looked up again when the vehicle is gone', () => {
  const early = [read('皖A1234S', 300), read('皖A1234S', 302)];
  const late = Array.from({ length: 5 }, (_, i) => read('皖A12345', 304 + i));
  const events = drive([...early, ...late].map((r) => [r]));
  expect(texts(events, 'look up')).toEqual(['皖A1234S', '皖A12345']);
  expect(texts(events, 'count')).toEqual(['皖A12345']);
});

test('a vehicle that is never read surely is looked up once, when it is gone', () => {
  const events = drive(Array.from({ length: 4 }, (_, i) => [read('皖A12345', 300 + i, 300, 100, -0.1)]));
  expect(events.map((e) => e.kind)).toEqual(['look up', 'count']);
});

test('a vehicle that was seen once is looked up at the next frame without it, long before it is counted', () => {
  let step = advance([], WHERE, 0, [read('皖A12345', 300)], FRAME);
  expect(step.events).toEqual([]);
  step = advance(step.tracks, WHERE, 200, [], FRAME);
  expect(step.events.map((e) => e.kind)).toEqual(['look up']);
  step = advance(step.tracks, WHERE, 400, [], FRAME);
  expect(step.events).toEqual([]);
  step = advance(step.tracks, WHERE, TRACK_DEFAULTS.closeAfterMs + 200, [], FRAME);
  expect(step.events.map((e) => e.kind)).toEqual(['count']);
});

test('a blurred read that shares three characters at the place of a vehicle is that vehicle; a sure one is another', () => {
  const good = Array.from({ length: 3 }, (_, i) => read('皖A12345', 300 + i));
  expect(texts(drive([...good, read('粤A12K68', 304, 300, 100, -0.15)].map((r) => [r])), 'count')).toEqual([
    '皖A12345',
  ]);
  expect(texts(drive([...good, read('粤A12K68', 304)].map((r) => [r])), 'count')).toHaveLength(2);
  expect(texts(drive([...good, read('粤B98K61', 304, 300, 100, -0.15)].map((r) => [r])), 'count')).toHaveLength(2);
});

test('a car parked far away is looked up while it stands there, not only when it leaves', () => {
  let tracks: readonly Track[] = [];
  const kinds: string[] = [];
  for (let i = 0; i < 50; i++) {
    const step = advance(tracks, WHERE, i * 200, [read('京B67890', 500, 300, 40, -0.1)], FRAME);
    tracks = step.tracks;
    kinds.push(...step.events.map((e) => e.kind));
  }
  expect(kinds).toEqual(['look up']);
});

test('near reads outweigh far ones: a province misread five times from afar loses to three reads from near', () => {
  const far = Array.from({ length: 5 }, (_, i) => read('皖Y78627', 300 + i, 300, 35));
  const near = Array.from({ length: 3 }, (_, i) => read('琼Y78627', 310, 300, 80 + 20 * i));
  const events = drive([...far, ...near].map((r) => [r]));
  expect(texts(events, 'look up')).toEqual(['琼Y78627']);
  expect(texts(events, 'count')).toEqual(['琼Y78627']);
});

test('a leaving vehicle shrinks', () => {
  const events = drive(Array.from({ length: 6 }, (_, i) => [read('皖A12345', 300, 300 - 10 * i, 150 - 10 * i)]));
  expect(events.at(-1)!.passage.direction).toBe('leaving');
});

test('only the leading candidate of a track holds a frame, and a closed track holds none', () => {
  let step = advance([], WHERE, 0, [read('皖A12345', 300)], FRAME);
  step = advance(step.tracks, WHERE, 200, [read('皖A1234S', 300)], FRAME);
  step = advance(step.tracks, WHERE, 400, [read('皖A12345', 300)], FRAME);
  const held = [...step.tracks[0]!.candidates.values()].filter((c) => c.picture);
  expect(held).toHaveLength(1);
  const closed = closeAll(step.tracks, WHERE).tracks[0]!;
  expect([...closed.candidates.values()].some((c) => c.picture)).toBe(false);
});

test('the number of tracks is bounded, and what has to go is still counted', () => {
  let tracks: readonly Track[] = [];
  let counted = 0;
  for (let i = 0; i < 100; i++) {
    const text = `皖A${String(10000 + i * 7777).slice(-5)}`;
    const step = advance(tracks, WHERE, i * 200, [read(text, (i % 9) * 1000, i * 500)], FRAME);
    tracks = step.tracks;
    counted += step.events.filter((e) => e.kind === 'count').length;
    expect(tracks.length).toBeLessThanOrEqual(TRACK_DEFAULTS.most);
  }
  counted += closeAll(tracks, WHERE).events.filter((e) => e.kind === 'count').length;
  expect(counted).toBe(100);
});
