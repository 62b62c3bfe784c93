/**
 * From views to what the screen says: pure functions, no document. Times are milliseconds of the page's own monotonic clock.
 *
 * @typedef {import('../../contracts/display.ts').LaneView} LaneView
 * @typedef {import('../../contracts/display.ts').LaneOutcome} LaneOutcome
 * @typedef {import('../../contracts/comparison.ts').Comparison} Comparison
 * @typedef {import('../../contracts/lane-facts.ts').LaneFacts} LaneFacts
 * @typedef {import('../../contracts/display.ts').ShownSos} ShownSos
 * @typedef {NonNullable<LaneView['last']>} Last
 * @typedef {import('./words.js').Language} Language
 *
 * What is remembered from view to view. `outcomeMs`: when the last outcome came. `earlier`: time stamp of the outcome that already
 * stood when the document that lies there now was laid down; it belongs to the visitor before.
 * @typedef {{ view: LaneView, outcomeMs: number, earlier: number | undefined }} Memory
 *
 * live: the outcome of the document that lies there. finished: that document was taken away. past: the outcome has faded.
 * out: no reader answers, and no question to the attendant is open.
 * @typedef {'lost' | 'out' | 'reading' | 'waiting' | 'live' | 'finished' | 'past'} Stage
 *
 * @typedef {'clear' | 'listed' | 'look' | 'no-list' | 'neutral' | 'out' | 'lost'} Tone
 * @typedef {{ style: 'big' | 'act' | 'note' | 'sign' | 'good' | 'warn', text: string }} Line
 * @typedef {{ tone: Tone, symbol: string, stage: Stage, title: string, lines: Line[], chips: string[], tag: string, alarm: string, foot: string }} Screen
 */
import { documents, outcomes, reasons, whys, words } from './words.js';

/** How long an outcome fills the screen. A hit and a question take an attendant longer than a wave of the hand. @type {Readonly<Record<LaneOutcome, number>>} */
export const FADE_MS = { clear: 30_000, 'no list': 30_000, 'look at the document': 60_000, listed: 120_000 };
/** The box drops the last four characters by then; the page does too, should the box not be heard. */
const LAST_FOUR_MS = 10_000;
/** A comparison that takes longer has not been made. */
const COMPARING_MS = 10_000;
/** An outcome older than this, met when connecting, is shown without a sound. */
export const NEWS_MS = 5_000;

/** @type {Readonly<Record<LaneOutcome, Exclude<Tone, 'neutral' | 'out' | 'lost'>>>} */
export const TONES = { clear: 'clear', listed: 'listed', 'look at the document': 'look', 'no list': 'no-list' };

/**
 * Takes in the next view. `ageMs`: how old its outcome already is, which is known only when connecting and 0 otherwise.
 * @param {Memory | undefined} before
 * @param {LaneView} view
 * @param {number} nowMs
 * @param {number} ageMs
 * @returns {{ memory: Memory, news: LaneOutcome | undefined }} `news`: the outcome to sound for
 */
export function follow(before, view, nowMs, ageMs) {
  const was = before?.view;
  const sameOutcome = was?.last?.at === view.last?.at;
  const laidDown = was !== undefined && !was.presented && view.presented;
  const earlier = laidDown ? was.last?.at : view.presented ? before?.earlier : undefined;
  const outcomeMs = before && sameOutcome ? before.outcomeMs : nowMs - Math.max(0, ageMs);
  const changed = !sameOutcome || was?.last?.outcome !== view.last?.outcome;
  const news = changed && nowMs - outcomeMs < NEWS_MS && !isReading(view, earlier) ? view.last?.outcome : undefined;
  return { memory: { view, outcomeMs, earlier }, news };
}

/**
 * @param {LaneView} view
 * @param {number | undefined} earlier
 */
function isReading({ presented, last }, earlier) {
  return presented && (last === undefined || last.at === earlier);
}

/**
 * @param {Memory} memory
 * @param {number} ageMs of the last outcome
 * @returns {Stage}
 */
export function stageOf({ view, earlier }, ageMs) {
  const { presented, last } = view;
  // A hit and a question about a document were true before the reader went away, and the attendant still has to act on them.
  const asks = last !== undefined && (last.outcome === 'listed' || last.outcome === 'look at the document');
  if (view.noReader && !(asks && ageMs < FADE_MS[last.outcome])) return 'out';
  if (isReading(view, earlier)) return 'reading';
  if (!last) return 'waiting';
  // A question stays for as long as its document lies there; a green only for its time, or the attendant would get used to a green screen.
  const open = presented && asks;
  if (ageMs >= FADE_MS[last.outcome] && !open) return 'past';
  return presented ? 'live' : 'finished';
}

/**
 * What the screen says. Without facts or memory there is no connection, and then it says nothing of any visitor.
 * @param {LaneFacts | undefined} facts
 * @param {Memory | undefined} memory
 * @param {number} nowMs
 * @param {Language} language
 * @returns {Screen}
 */
export function describe(facts, memory, nowMs, language) {
  /** @param {keyof typeof words} key */
  const say = (key) => words[key][language];
  const blank = { lines: [], chips: [], tag: '', alarm: '', foot: '' };
  if (!facts || !memory) {
    const lines = /** @type {Line[]} */ ([{ style: 'big', text: say('lostHint') }]);
    return { ...blank, tone: 'lost', symbol: 'lost', stage: 'lost', title: say('lost'), lines };
  }
  const { last, away, ticket } = memory.view;
  const ageMs = nowMs - memory.outcomeMs;
  const stage = stageOf(memory, ageMs);
  const sign = facts.compares ? (facts.sign ?? '') : '';
  const silent = away.length > 0 ? `${say('away')}${colon(language)}${away.join(', ')}${say('awayHint')}` : '';
  const notKept = facts.notKept ? say('notKept') : '';
  const alarm = [notKept, silent].filter((text) => text !== '').join(' · ');
  const chips = ticket === undefined ? [] : [`${say('ticket')} ${ticket}`];
  if (stage === 'out') {
    /** @type {Line[]} */
    const lines = [
      { style: 'big', text: say('noReaderHint') },
      { style: 'note', text: `${say('away')}${colon(language)}${away.join(', ')}` },
    ];
    return { ...blank, tone: 'out', symbol: 'out', stage, title: say('noReader'), lines, chips, alarm: notKept };
  }
  if (last && (stage === 'live' || stage === 'finished')) {
    return {
      tone: TONES[last.outcome],
      symbol: TONES[last.outcome],
      stage,
      alarm,
      foot: sign,
      title: outcomes[last.outcome][language],
      lines: linesOf(facts, last, ageMs, language),
      chips: [...documentOf(last, ageMs, language), ...chips, clockTime(last.at)],
      tag: stage === 'finished' ? say('finished') : '',
    };
  }
  const key = stage === 'reading' ? 'reading' : 'ready';
  // A reader of passports sees the document pass, not leave: the words fit both.
  const hint = stage === 'reading' ? 'readingHint' : memory.view.presented ? 'takeBackHint' : 'readyHint';
  const past =
    last && stage === 'past' ? [`${say('last')} ${clockTime(last.at)} ${outcomes[last.outcome][language]}`] : [];
  /** @type {Line[]} */
  const lines = [{ style: 'big', text: say(hint) }];
  if (sign) lines.push({ style: 'sign', text: sign });
  return { ...blank, tone: 'neutral', symbol: key, stage, title: say(key), lines, chips: [...chips, ...past], alarm };
}

/**
 * @param {Last} last
 * @param {number} ageMs
 * @param {Language} language
 */
function documentOf(last, ageMs, language) {
  const kind = last.document ? [documents[last.document][language]] : [];
  const number =
    last.lastFour !== undefined && ageMs < LAST_FOUR_MS ? [`${words.number[language]} ${last.lastFour}`] : [];
  return [...kind, ...number];
}

/** @param {Language} language */
function colon(language) {
  return language === 'zh' ? '：' : ': ';
}

/**
 * The lines below the outcome, most urgent first.
 * @param {LaneFacts} facts
 * @param {Last} last
 * @param {number} ageMs
 * @param {Language} language
 * @returns {Line[]}
 */
function linesOf(facts, last, ageMs, language) {
  /** @type {Line[]} */
  const lines = [];
  if (last.category !== undefined) lines.push({ style: 'big', text: last.category });
  if (last.instruction !== undefined) lines.push({ style: 'act', text: last.instruction });
  if (last.outcome === 'no list') lines.push({ style: 'big', text: words.noList[language] });
  for (const reason of last.reasons) {
    const { what, act } = reasons[reason];
    lines.push({ style: 'big', text: `${what[language]}${colon(language)}${act[language]}` });
  }
  const under = facts.compares && last.document !== undefined && ageMs < COMPARING_MS;
  // A lane that does not compare has nothing to say about it at each visitor.
  const { comparison } = last;
  const isShown = comparison && (facts.compares || comparison.outcome !== 'not compared');
  // A tick where nothing was looked up would say that the visitor was checked.
  const good = last.outcome === 'no list' ? 'note' : 'good';
  if (isShown) lines.push(compared(comparison, ['same', 'different', 'notCompared'], language, good));
  else if (under && !comparison) lines.push({ style: 'note', text: words.comparing[language] });
  if (last.entryComparison) {
    lines.push(compared(last.entryComparison, ['entrySame', 'entryDifferent', 'entryNotCompared'], language, good));
  }
  // Face and photo differ although nothing else asks for a look: a listed document, whose outcome stays what it is.
  if (comparison?.outcome === 'different' && !last.reasons.includes('borrowed')) {
    lines.push({ style: 'big', text: words.compareYourself[language] });
  }
  return lines;
}

/**
 * @param {Comparison} comparison
 * @param {readonly [same: keyof typeof words, different: keyof typeof words, none: keyof typeof words]} keys
 * @param {Language} language
 * @param {'good' | 'note'} good of faces that agree
 * @returns {Line}
 */
function compared(comparison, [same, different, none], language, good) {
  if (comparison.outcome === 'not compared') {
    return { style: 'note', text: `${words[none][language]}${colon(language)}${whys[comparison.why][language]}` };
  }
  return comparison.outcome === 'same'
    ? { style: good, text: words[same][language] }
    : { style: 'warn', text: words[different][language] };
}

/**
 * The text above everything else while a call for help is open; empty where none is.
 * @param {readonly ShownSos[]} calls newest first
 * @param {Language} language
 */
export function describeSos(calls, language) {
  const first = calls[0];
  if (!first) return '';
  /** @param {keyof typeof words} key */
  const say = (key) => words[key][language];
  const { place, doubtful } = first;
  const where = place
    ? [place.name, `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`, howKnown(place, language)]
    : [say('sosNowhere')];
  if (doubtful) where.push(`${say('sosOr')} ${doubtful.lat.toFixed(5)}, ${doubtful.lon.toFixed(5)}`);
  const more = calls.length > 1 ? [say('sosMore').replace('{n}', String(calls.length - 1))] : [];
  const unseen = first.acknowledged === undefined;
  const seen = say(unseen ? 'sosTell' : first.acknowledged === 'room' ? 'sosSeenRoom' : 'sosSeenBox');
  return [`${say('sos')} ${clockTime(first.at)}`, ...where.filter((part) => part !== undefined), seen, ...more].join(
    ' · ',
  );
}

/**
 * Whose place it is, and how old.
 * @param {NonNullable<ShownSos['place']>} place
 * @param {Language} language
 */
function howKnown({ origin, ageS }, language) {
  if (origin === undefined || ageS === undefined) return undefined;
  const whose = words[origin === 'own' ? 'sosOwn' : 'sosLastKnown'][language];
  const [count, unit] = ageS < 120 ? [ageS, words.seconds] : [Math.round(ageS / 60), words.minutes];
  return `${whose} (${count} ${unit[language]})`;
}

/** @param {number} at milliseconds since the epoch */
function clockTime(at) {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false });
}
