/** What the display says when: whose outcome it is, and how long it stands. */
import { describe, expect, it } from 'vitest';
import type { LaneOutcome, LaneView } from '../../contracts/display.ts';
import type { LaneFacts } from '../../contracts/lane-facts.ts';

interface Memory {
  readonly view: LaneView;
  readonly outcomeMs: number;
}
interface Screen {
  readonly alarm: string;
  readonly tone: string;
  readonly stage: string;
  readonly title: string;
  readonly chips: readonly string[];
  readonly lines: readonly { readonly text: string }[];
}
interface Show {
  follow(
    before: Memory | undefined,
    view: LaneView,
    nowMs: number,
    ageMs: number,
  ): { readonly memory: Memory; readonly news: LaneOutcome | undefined };
  describe(facts: LaneFacts | undefined, memory: Memory | undefined, nowMs: number, language: 'zh' | 'en'): Screen;
}
// The browser's own module; its types are checked by words.test.ts.
const show = (await import(new URL('./show.js', import.meta.url).href)) as Show;

const facts: LaneFacts = { compares: true, sign: 'one comparison', page: 'v', now: 0 };
const empty: LaneView = {
  lane: 'g',
  version: 1,
  away: [],
  noReader: false,
  presented: false,
  last: undefined,
  declined: false,
};
const last = (at: number, outcome: LaneOutcome, more: object = {}): NonNullable<LaneView['last']> => ({
  outcome,
  at,
  reasons: [],
  ...more,
});

/** Plays views, each at its second, and says what stands on the screen at second `untilS`. */
function play(steps: readonly (readonly [atS: number, change: Partial<LaneView>])[], untilS: number, ageMs = 0) {
  let memory: Memory | undefined;
  let view = empty;
  const news: (LaneOutcome | undefined)[] = [];
  for (const [atS, change] of steps) {
    view = { ...view, ...change };
    const next = show.follow(memory, view, atS * 1000, memory ? 0 : ageMs);
    memory = next.memory;
    news.push(next.news);
  }
  return { screen: show.describe(facts, memory, untilS * 1000, 'en'), news, memory };
}

describe('whose outcome it is', () => {
  it('is nobody’s before the first', () => expect(play([[0, {}]], 1).screen.stage).toBe('waiting'));

  it('is the one of the document that lies there', () => {
    const { screen, news } = play(
      [
        [0, { presented: true }],
        [1, { last: last(1, 'clear') }],
      ],
      1,
    );
    expect(screen).toMatchObject({ tone: 'clear', stage: 'live', title: 'Go on' });
    expect(news).toEqual([undefined, 'clear']);
  });

  it('is not the green of the visitor before', () => {
    const before = [0, { presented: true, last: last(1, 'clear') }] as const;
    const gone = [2, { presented: false }] as const;
    expect(play([before, gone], 3).screen).toMatchObject({ tone: 'clear', stage: 'finished' });
    const { screen, news } = play([before, gone, [4, { presented: true }]], 4);
    expect(screen).toMatchObject({ tone: 'neutral', stage: 'reading', title: 'Reading…' });
    expect(news).toEqual(['clear', undefined, undefined]);
    const second = play([before, gone, [4, { presented: true }], [4.1, { last: last(4, 'clear') }]], 5);
    expect(second.screen).toMatchObject({ tone: 'clear', stage: 'live' });
    expect(second.news.at(-1)).toBe('clear');
  });

  it('is taken in when outcome and document come in one view', () => {
    const steps = [
      [0, { presented: true, last: last(1, 'clear') }],
      [2, { presented: false }],
    ] as const;
    const { screen } = play([...steps, [3, { presented: true, last: last(3, 'listed') }]], 3);
    expect(screen).toMatchObject({ tone: 'listed', stage: 'live' });
  });

  it('sounds again when the comparison turns green into a question', () => {
    const looked = last(1, 'look at the document', { reasons: ['borrowed'] });
    const { news } = play(
      [
        [0, { presented: true, last: last(1, 'clear') }],
        [1, { last: looked }],
        [1, { away: ['r'] }],
      ],
      1,
    );
    expect(news).toEqual(['clear', 'look at the document', undefined]);
  });
});

describe('how long it stands', () => {
  const gone = (outcome: LaneOutcome) =>
    [
      [0, { presented: true, last: last(1, outcome) }],
      [1, { presented: false }],
    ] as const;

  it.each([
    ['clear', 29],
    ['no list', 29],
    ['look at the document', 59],
    ['listed', 119],
  ] as const)('%s: %i s after the document was taken away', (outcome, s) => {
    expect(play(gone(outcome), s).screen.stage).toBe('finished');
    const after = play(gone(outcome), s + 1).screen;
    expect(after).toMatchObject({ tone: 'neutral', stage: 'past', title: 'Next visitor' });
    expect(after.chips.join()).toContain('Last visitor');
  });

  it.each([
    ['clear', 'past'],
    ['no list', 'past'],
    ['look at the document', 'live'],
    ['listed', 'live'],
  ] as const)('%s with the document left on the reader: %s', (outcome, stage) => {
    expect(play([[0, { presented: true, last: last(1, outcome) }]], 300).screen.stage).toBe(stage);
  });

  it('counts from the outcome, not from the connection', () => {
    const steps = [[0, { last: last(1, 'clear') }]] as const;
    expect(play(steps, 1, 20_000).screen.stage).toBe('finished');
    expect(play(steps, 1, 20_000).news).toEqual([undefined]);
    expect(play(steps, 1, 29_500).screen.stage).toBe('past');
    // A display whose box set its clock back must not take an outcome for one of the future.
    expect(play(steps, 31, -3_600_000).screen.stage).toBe('past');
  });

  it('keeps its age over a lost connection', () => {
    const { memory } = play([[0, { presented: true, last: last(1, 'clear') }]], 0);
    const again = show.follow(memory, { ...empty, last: last(1, 'clear') }, 31_000, 0);
    expect(show.describe(facts, again.memory, 31_000, 'en').stage).toBe('past');
    expect(again.news).toBeUndefined();
  });

  it('shows the end of the number for ten seconds, even if the box does not take it back', () => {
    const steps = [[0, { presented: true, last: last(1, 'listed', { lastFour: '004X' }) }]] as const;
    expect(JSON.stringify(play(steps, 9).screen)).toContain('004X');
    expect(JSON.stringify(play(steps, 10).screen)).not.toContain('004X');
  });

  it('says nothing of any visitor without a connection', () => {
    const { memory } = play([[0, { presented: true, last: last(1, 'clear', { lastFour: '004X' }) }]], 0);
    for (const screen of [show.describe(undefined, memory, 1, 'en'), show.describe(facts, undefined, 1, 'en')]) {
      expect(screen).toMatchObject({ tone: 'lost', stage: 'lost', chips: [] });
      expect(JSON.stringify(screen)).not.toMatch(/004X|Go on/);
    }
  });
});

describe('what is said of the comparison', () => {
  const text = (more: object, compares = true, language: 'zh' | 'en' = 'en'): string => {
    const view: LaneView = { ...empty, presented: true, last: last(1, 'clear', { document: 'passport', ...more }) };
    const { memory } = show.follow(undefined, view, 0, 0);
    return show
      .describe({ ...facts, compares }, memory, 0, language)
      .lines.map((line) => line.text)
      .join('|');
  };
  const scores = { score: 0.1, threshold: 0.4, models: [] };

  it('is that it is under way, where the lane compares', () => {
    expect(text({})).toBe('Comparing the face…');
    expect(text({}, false)).toBe('');
    expect(text({ document: undefined })).toBe('');
  });
  it('is the outcome, and what to do about it', () => {
    expect(text({ comparison: { outcome: 'same', ...scores } })).toBe('Face and photo on the document agree');
    const different = { comparison: { outcome: 'different', ...scores } };
    expect(text(different, true, 'zh')).toBe('人证不一致|请核对持证人与证件照片');
    expect(text({ ...different, reasons: ['borrowed'] }, true, 'zh')).toBe(
      '疑似人证不符：请核对持证人与证件照片|人证不一致',
    );
  });
  it('is why not, but not at each visitor of a lane that does not compare', () => {
    const not = { comparison: { outcome: 'not compared', why: 'dark' } };
    expect(text(not)).toBe('Face not compared: it is too dark');
    expect(text(not, false)).toBe('');
  });
  it('names the photo of the list apart', () => {
    const both = { comparison: { outcome: 'same', ...scores }, entryComparison: { outcome: 'different', ...scores } };
    expect(text(both, true, 'zh')).toBe('人证一致|人脸与名单照片不一致，请核对是否认错人');
  });
});

it('W1: a box that cannot store says so beside whatever is shown', () => {
  const said = 'The box cannot store: report hits to the command room at once';
  const alarm = (of: LaneFacts, steps: Parameters<typeof play>[0]) =>
    show.describe(of, play(steps, 1).memory, 1_000, 'en').alarm;
  for (const change of [{}, { presented: true }, { presented: true, last: last(0, 'listed') }, { noReader: true }]) {
    expect(alarm({ ...facts, notKept: true }, [[0, change]])).toBe(said);
    expect(alarm(facts, [[0, change]])).toBe('');
  }
  expect(alarm({ ...facts, notKept: true }, [[0, { away: ['desk'] }]])).toContain(`${said} · Reader`);
});
