import { expect, test } from 'vitest';
import { setSureAside } from '../../../models/plate/sure-plates.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { read } from '../road.fixtures.ts';
import { TRACK_DEFAULTS, type Track } from './model.ts';
import { surePlates } from './sure.ts';
import { advance, closeAll, type TrackEvent } from './track.ts';

const WHERE = { lane: 'lane-1', camera: 'cam-1' };
type Seen = readonly [at: number, ...plates: PlateRead[]];

function plate(text: string, x: number, more: Partial<PlateRead> & { readonly width?: number } = {}): PlateRead {
  const { width = 100, ...rest } = more;
  const [top, bottom] = [300, 300 + width / 3];
  return read(text, {
    corners: [
      [x, top],
      [x + width, top],
      [x + width, bottom],
      [x, bottom],
    ],
    ...rest,
  });
}

/** What was read in each frame, and what the tracks said. */
function drive(frames: readonly Seen[], options = TRACK_DEFAULTS) {
  let tracks: readonly Track[] = [];
  const events: TrackEvent[] = [];
  const readAt: number[] = [];
  for (const [at, ...plates] of frames) {
    const { sightings, rest } = setSureAside(plates, surePlates(tracks, at, options), (p) => p.sharpness);
    if (rest.length > 0) readAt.push(at);
    const step = advance(tracks, WHERE, at, rest, undefined, options, { sightings });
    tracks = step.tracks;
    events.push(...step.events);
  }
  events.push(...closeAll(tracks, WHERE, options).events);
  const counted = events.filter((e) => e.kind === 'count').map((e) => e.passage);
  return { readAt, counted, texts: counted.map((p) => p.best.text) };
}

const times = (n: number, of: (i: number) => Seen): Seen[] => Array.from({ length: n }, (_, i) => of(i));

test('a plate that three frames agree on is read again once a second, and its track goes on', () => {
  const { readAt, counted } = drive(times(20, (i) => [i * 200, plate('皖A12345', 300 + 10 * i)]));
  expect(readAt).toEqual([0, 200, 400, 1400, 2400, 3400]);
  expect(counted).toMatchObject([{ first: 0, last: 3800, votes: 6 }]);
});

test('it is read as soon as it is clearly wider or sharper than it was', () => {
  const nearer = drive(times(8, (i) => [i * 100, plate('皖A12345', 300, { width: 100 + (i < 5 ? 0 : 10 * (i - 4)) })]));
  expect(nearer.readAt).toEqual([0, 100, 200, 300, 700]);
  const sharper = drive(times(8, (i) => [i * 100, plate('皖A12345', 300, { sharpness: i < 6 ? 0.5 : 0.65 })]));
  expect(sharper.readAt).toEqual([0, 100, 200, 300, 600]);
});

/** Read wrong once, before it is read right. */
const MISREAD: Seen[] = times(5, (i) => [
  i * 200,
  i === 0
    ? plate('皖A12346', 300, { width: 70, probability: 0.988 })
    : plate('皖A12345', 300 + 30 * i, { width: 70, probability: 0.999 }),
]);

test('one sure read may be wrong: it is read on until three frames agree', () => {
  expect(drive(MISREAD).texts).toEqual(['皖A12345']);
  // The broken variant is content with the first one.
  expect(drive(MISREAD, { ...TRACK_DEFAULTS, restVotes: 1, standingMs: 0 }).texts).toEqual(['皖A12346']);
});

test('a vehicle that stands where another one stood is read', () => {
  const queue = [
    ...times(6, (i): Seen => [i * 200, plate('皖A12345', 300)]),
    ...times(6, (i): Seen => [2_500 + i * 200, plate('粤B98K61', 300)]),
  ];
  expect(drive(queue).texts).toContain('粤B98K61');
  // The broken variant takes it for the one that is known there.
  expect(drive(queue, { ...TRACK_DEFAULTS, restMs: Infinity }).texts).toEqual(['皖A12345']);
});

test('vehicles whose plates come near each other are read: their texts tell which is which', () => {
  const passing = times(16, (i): Seen => [
    i * 200,
    plate('皖A12345', 300 + 20 * i),
    plate('粤B98K61', 300 + 20 * i + Math.max(110, 700 - 60 * i)),
  ]);
  expect(drive(passing).readAt.filter((at) => at >= 2000)).toEqual([2000, 2200, 2400, 2600, 2800, 3000]);
});

test('a track that is looked up again, or was not seen in the last frame, is read', () => {
  const seen = times(4, (i): Seen => [i * 200, plate('皖A12345', 300)]);
  expect(drive([...seen, [800], [1000, plate('皖A12345', 300)]]).readAt).toContain(1000);
  let tracks: readonly Track[] = [];
  for (const [at, ...plates] of seen) tracks = advance(tracks, WHERE, at, plates, undefined).tracks;
  expect(surePlates(tracks, 800)).toHaveLength(1);
  const again = tracks.map((t) => ({ ...t, lookedUp: undefined }));
  expect(surePlates(again, 800)).toEqual([]);
});
