import { expect, test } from 'vitest';
import type { PlateRead } from '../../contracts/plate.ts';
import type { Frame } from '../../contracts/picture.ts';
import { advance, closeAll, hold, type TrackEvent } from './track.ts';
import { TRACK_DEFAULTS, type Track } from './model.ts';

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
    band: probability >= 0.95 ? 'accept' : 'check',
    alternatives: [],
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

test('one vehicle seen ten times is looked up at its first sure read, again with a better picture, and counted once', () => {
  const frames = Array.from({ length: 10 }, (_, i) => [read('皖A12345', 300, 200 + 20 * i, 80 + 8 * i)]);
  const events = drive(frames);
  expect(events.map((e) => [e.kind, e.better, e.passage.last])).toEqual([
    ['look up', undefined, 0],
    ['look up', true, 1800],
    ['count', undefined, 1800],
  ]);
  expect(events[1]!.passage.picture!.corners).toEqual(frames[9]![0]!.corners);
  expect(events[2]!.passage).toMatchObject({ votes: 10, direction: 'approaching', first: 0, last: 1800 });
});

test('a plate too small for one read to be sure takes two, and one is never enough', () => {
  const far = Array.from({ length: 3 }, (_, i) => [read('皖A12345', 300, 300 + i, 70, 0.97)]);
  const near = Array.from({ length: 3 }, (_, i) => [read('皖A12345', 300, 300 + i, 40, 0.99)]);
  expect(drive(far).map((e) => [e.kind, e.passage.last])).toEqual([
    ['look up', 200],
    ['count', 400],
  ]);
  expect(drive(near).map((e) => [e.kind, e.passage.last])).toEqual([
    ['look up', 400],
    ['count', 400],
  ]);
});

test('a doubtful look-up is repeated as soon as the same text is sure', () => {
  const doubtful = Array.from({ length: 10 }, (_, i) => [read('皖A12345', 300, 300 + i, 40, 0.6)]);
  const sure = [[read('皖A12345', 300, 310, 80)]];
  const looks = drive([...doubtful, ...sure, ...sure]).filter((e) => e.kind === 'look up');
  expect(looks.map((e) => [e.passage.last, e.better, e.passage.best.band])).toEqual([
    [1800, undefined, 'check'],
    [2000, true, 'accept'],
  ]);
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
  const first = events.filter((e) => e.kind === 'look up' && !e.better);
  expect(first.map((e) => e.passage.best.text)).toEqual(Array(3).fill('皖A12345'));
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
  let step = advance([], WHERE, 0, [read('皖A12345', 300, 300, 100, 0.7)], FRAME);
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

test('a track holds one frame, the best, and a closed track holds none', () => {
  const held = (tracks: readonly Track[]) => tracks.flatMap((t) => (t.shot ? [t.shot.picture.frame.at] : []));
  let tracks: readonly Track[] = [];
  for (const [i, width] of [60, 120, 80].entries()) {
    const frame = { ...FRAME, at: i };
    tracks = advance(tracks, WHERE, i * 200, [read('皖A12345', 300, 300, width)], frame).tracks;
  }
  expect(held(tracks)).toEqual([1]);
  expect(held(closeAll(tracks, WHERE).tracks)).toEqual([]);
});

test('a vehicle in an unchanged frame stays open and gets no vote; one that was gone before closes in time', () => {
  let { tracks } = advance([], WHERE, 0, [read('皖A12345', 300), read('京B67890', 900)], FRAME);
  tracks = advance(tracks, WHERE, 200, [read('皖A12345', 300)], FRAME).tracks;
  for (let at = 400; at <= 4000; at += 200) tracks = hold(tracks, at);
  const step = advance(tracks, WHERE, 4200, [], FRAME);
  expect(step.events.map((e) => [e.kind, e.passage.best.text])).toEqual([['count', '京B67890']]);
  expect(closeAll(step.tracks, WHERE).events.map((e) => [e.passage.votes, e.passage.last])).toEqual([[2, 4000]]);
});

test('a waiting car, hidden by a passer-by, that has crept on behind him is one passage; also when first misread again', () => {
  const waiting = Array<PlateRead[]>(20).fill([read('京B67890', 500, 300)]);
  const hidden = Array<PlateRead[]>(25).fill([]);
  const on = Array.from({ length: 10 }, (_, i) => [read('京B67890', 520 + 10 * i, 450 + 30 * i, 110 + 3 * i)]);
  const misread = [[read('京B6789D', 520, 440, 110, 0.6)]];
  expect(texts(drive([...waiting, ...hidden, ...on]), 'count')).toEqual(['京B67890']);
  expect(texts(drive([...waiting, ...hidden, ...misread, ...on]), 'count')).toEqual(['京B67890']);
});

test('at two frames a second a fast vehicle is one passage, and the next of the fleet close behind it another', () => {
  // 30 m/s from 70 m on, a camera 5 m up; the second 30 m behind the first.
  const at = (text: string, distance: number) => {
    const width = 1500 / distance;
    return distance > 10 && distance < 75 ? [read(text, 900 - width / 2, 11.4 * width, width)] : [];
  };
  const frames = Array.from({ length: 8 }, (_, i) => [...at('沪C10001', 70 - 15 * i), ...at('沪C10002', 100 - 15 * i)]);
  const events = drive(frames);
  expect(texts(events, 'count').sort()).toEqual(['沪C10001', '沪C10002']);
  expect(events.filter((e) => e.kind === 'count').map((e) => e.passage.direction)).toEqual([
    'approaching',
    'approaching',
  ]);
});

test('one plate found twice in a frame is one vehicle; a rejected read is none', () => {
  const twice = Array.from({ length: 3 }, () => [read('皖A12345', 300), read('皖A12845', 310, 305, 100, 0.6)]);
  expect(texts(drive(twice), 'count')).toEqual(['皖A12345']);
  expect(drive([[{ ...read('皖A12345', 300), band: 'reject' }]])).toEqual([]);
});

test('the number of tracks is bounded, and a vehicle whose track has to go is still counted', () => {
  let tracks: readonly Track[] = [];
  let counted = 0;
  for (let i = 0; i < 100; i++) {
    const text = `皖A${String(10000 + i * 7777).slice(-5)}`;
    const step = advance(tracks, WHERE, i * 200, [read(text, (i % 9) * 1000, i * 500)], FRAME);
    tracks = step.tracks;
    counted += step.events.filter((e) => e.kind === 'count').length;
    expect(tracks.length).toBeLessThanOrEqual(TRACK_DEFAULTS.maxTracks);
  }
  counted += closeAll(tracks, WHERE).events.filter((e) => e.kind === 'count').length;
  expect(counted).toBe(100);
});

test('a vehicle that stands where the frame was not searched is still there', () => {
  const parked = read('京B67890', 500);
  const parts = [{ left: 900, top: 0, width: 400, height: 400 }];
  const counts = (more: object) => {
    let tracks: readonly Track[] = [];
    const events: TrackEvent[] = [];
    for (let i = 0; i < 40; i++) {
      const step = advance(tracks, WHERE, i * 200, i < 5 ? [parked] : [], FRAME, TRACK_DEFAULTS, i < 5 ? {} : more);
      tracks = step.tracks;
      events.push(...step.events);
    }
    return texts(events, 'count');
  };
  expect(counts({ parts })).toEqual([]);
  // The broken variant searched the whole frame and did not find it; so did one that searched its place.
  expect(counts({})).toEqual(['京B67890']);
  expect(counts({ parts: [{ left: 400, top: 200, width: 400, height: 400 }] })).toEqual(['京B67890']);
});
