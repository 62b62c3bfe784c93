import { expect, test } from 'vitest';
import type { CharChoice, PlateRead } from '../../contracts/plate.ts';
import { TRACK_DEFAULTS } from './model.ts';
import { addVote, NO_VOTE, voteResult } from './vote.ts';

interface Drawn {
  readonly width?: number;
  readonly characters?: readonly number[];
  readonly alternatives?: readonly CharChoice[];
  readonly kind?: PlateRead['kind'];
}

function read(text: string, probability: number, drawn: Drawn = {}): PlateRead & { readonly width: number } {
  const { width = 100, characters = [], alternatives = [], kind = 'standard' } = drawn;
  const [w, h] = [width, width / 3];
  return {
    text,
    kind,
    colour: 'blue',
    lines: 1,
    probability,
    characters,
    alternatives,
    sharpness: 0.5,
    width,
    band: probability >= 0.95 ? 'accept' : 'check',
    corners: [
      [0, 0],
      [w, 0],
      [w, h],
      [0, h],
    ],
  };
}

/** Each frame a view of its own unless `views` says otherwise. */
function voted(reads: readonly ReturnType<typeof read>[], views = reads.length) {
  const vote = reads.reduce((v, r) => addVote(v, r, r.width, TRACK_DEFAULTS), NO_VOTE);
  return voteResult(vote, views, TRACK_DEFAULTS);
}
const times = <T>(n: number, value: T): T[] => Array<T>(n).fill(value);
/** The text that most frames agree on: what voting by whole strings would give. */
function byWholeStrings(reads: readonly PlateRead[]): string {
  const votes = new Map<string, number>();
  for (const { text } of reads) votes.set(text, (votes.get(text) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1])[0]![0];
}

test('one read says after the vote what it said before', () => {
  const alternatives = [{ position: 2, character: '7', probability: 0.06 }];
  const characters = [0.99, 0.99, 0.93, 0.99, 0.99, 0.99, 0.99];
  const probability = characters.reduce((a, b) => a * b);
  const { read: best, votes } = voted([read('皖A12345', probability, { characters, alternatives })]);
  expect(best).toMatchObject({ text: '皖A12345', band: 'check', colour: 'blue' });
  expect(best.probability).toBeCloseTo(probability, 6);
  for (const [i, p] of characters.entries()) expect(best.characters[i]).toBeCloseTo(p, 6);
  expect(best.alternatives).toHaveLength(1);
  expect(best.alternatives[0]).toMatchObject({ position: 2, character: '7' });
  expect(best.alternatives[0]!.probability).toBeCloseTo(0.06, 6);
  expect(votes).toBe(1);
});

test('the text that wins may be one that no frame read: each place is decided by itself', () => {
  const wrongAt = (position: number, character: string) => {
    const text = [...'皖A12345'].map((c, i) => (i === position ? character : c)).join('');
    const characters = times(7, 0.99).map((p, i) => (i === position ? 0.6 : p));
    const right = [...'皖A12345'][position]!;
    return read(text, 0.55, { characters, alternatives: [{ position, character: right, probability: 0.35 }] });
  };
  const reads = [wrongAt(2, '7'), wrongAt(3, 'Z'), wrongAt(6, 'S'), wrongAt(6, 'S')];
  expect(voted(reads).read.text).toBe('皖A12345');
  expect(voted(reads)).toMatchObject({ votes: 0, read: { band: 'check' } });
  // The broken variant: the commonest whole string is wrong.
  expect(byWholeStrings(reads)).toBe('皖A1234S');
});

test('a province misread with confidence from afar loses to fewer reads from near', () => {
  const reads = [
    ...times(5, read('皖Y78627', 0.97, { width: 35 })),
    ...times(2, read('琼Y78627', 0.97, { width: 110 })),
  ];
  expect(voted(reads).read.text).toBe('琼Y78627');
  expect(byWholeStrings(reads)).toBe('皖Y78627');
});

test('frames of one view make nothing surer, and no number of views makes a doubtful text certain', () => {
  const blurred = read('皖A12845', 0.7, { alternatives: [{ position: 4, character: '3', probability: 0.25 }] });
  expect(voted(times(100, blurred), 1).read.probability).toBeCloseTo(0.7, 2);
  const [few, many] = [voted(times(3, blurred)).read, voted(times(100, blurred)).read];
  expect(few.probability).toBeGreaterThan(0.75);
  expect(many.probability).toBeLessThan(0.95);
  expect(many.band).toBe('check');
  // The broken variant: frames taken for independent.
  const naive = voteResult(
    times(100, blurred).reduce((v, r) => addVote(v, r, r.width, TRACK_DEFAULTS), NO_VOTE),
    100,
    { ...TRACK_DEFAULTS, correlation: 0 },
  );
  expect(naive.read.probability).toBeGreaterThan(0.999_999);
});

test('accepted: carried by an accepted read, or by three frames that agree; not by one good read among doubts', () => {
  const good = read('皖A12345', 0.96);
  const fair = read('皖A12345', 0.92);
  const other = read('皖A12845', 0.92);
  expect(voted([good]).read.band).toBe('accept');
  expect(voted([fair, fair]).read.band).toBe('check');
  expect(voted([fair, fair, fair]).read.band).toBe('accept');
  expect(voted([fair, fair, fair], 1).read.band).toBe('check');
  expect(voted([good, other]).read.band).toBe('check');
});

test('forms vote apart: a mark or a length misread changes no character of the others', () => {
  const reads = [
    ...times(3, read('粤B12345', 0.9)),
    read('粤BD12345', 0.7, { kind: 'new-energy-small' }),
    read('粤B1234警', 0.8, { kind: 'police' }),
  ];
  expect(voted(reads).read).toMatchObject({ text: '粤B12345', kind: 'standard' });
  const green = [...times(3, read('粤BD12345', 0.9, { kind: 'new-energy-small' })), ...times(2, read('粤B12345', 0.7))];
  expect(voted(green).read).toMatchObject({ text: '粤BD12345', kind: 'new-energy-small' });
  expect(voted(green).read.probability).toBeLessThan(1);
});

test('an alternative that the place cannot hold gets no vote', () => {
  const impossible = { position: 1, character: '8', probability: 0.4 };
  const { read: best } = voted(times(5, read('皖B12345', 0.5, { alternatives: [impossible] })));
  expect(best.text).toBe('皖B12345');
  expect(best.alternatives.filter((r) => r.position === 1)).toEqual([]);
});

test('a text without a form votes in a group of its own; odd probabilities do no harm', () => {
  const { read: best } = voted([read('XX', 0.6), read('皖A12345', 1), read('皖A12345', -0.2)]);
  expect(best.text).toBe('皖A12345');
  expect(voted([read('XX', 0.6)]).read).toMatchObject({ text: 'XX', band: 'check' });
  for (const p of [best.probability, ...best.characters]) {
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThanOrEqual(1);
  }
});

test('memory is bounded, and a text that comes late is still counted', () => {
  const texts = Array.from({ length: 50 }, (_, i) => read(`皖A${String(10_000 + 17 * i)}`, 0.3));
  const lengths = ['皖A12345', '皖AD12345', '皖A1234警', '皖A1234学', '皖A1234挂', '皖A123456'].map((t) =>
    read(t, 0.3),
  );
  const vote = [...texts, ...texts, ...lengths, ...times(3, read('京B67890', 0.99))].reduce(
    (v, r) => addVote(v, r, r.width, TRACK_DEFAULTS),
    NO_VOTE,
  );
  expect(vote.texts.size).toBeLessThanOrEqual(12);
  expect(vote.groups.length).toBeLessThanOrEqual(4);
  expect(vote.texts.get('京B67890')!.votes).toBe(3);
});
