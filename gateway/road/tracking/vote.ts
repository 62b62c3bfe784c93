/**
 * The frames of one vehicle vote on its plate, character by character. Pure.
 *
 * Every read adds, at each position, weight × log-probability of each character: of its own character, of its alternatives, and for all
 * others of what is left. A character that all frames hold for second best can so beat one that few hold for best, and the text that
 * wins may be one that no single frame read. It always has the form (formOf) of the reads that voted for it: reads of another form vote
 * in another group, and the groups compete by how well each explains all reads.
 *
 * Frames of one vehicle are not independent: the blur that turns an 8 into a B is there in the next frame too. So the vote takes the
 * weighted mean over the reads, which no repetition makes surer, times a number of independent views: for n of them n / (1 + (n - 1) × ρ), the
 * effective sample size of Kish (Survey Sampling, 1965, design effect of clusters). A view begins only where the plate has moved or
 * grown (motion.ts): a thousand frames of a standing vehicle are one view, and no vehicle has more than 1 / ρ.
 */
import { formOf, type PlateForm } from '../../contracts/plate-text.ts';
import type { Band, CharChoice, PlateRead } from '../../contracts/plate.ts';

export interface VoteOptions {
  /** ρ, correlation between two views of one vehicle, 0..1. At 0.5 a vehicle seen for ever counts as two independent reads. */
  readonly correlation: number;
  /** The vote may be this much less probable than the best accepted read of its text and still be accepted: a frame of doubt among good ones. */
  readonly acceptMargin: number;
  /** Without any accepted read: so many frames that agree on every character, and a vote at least so probable, are accepted. */
  readonly agreeingFrames: number;
  readonly agreedProbability: number;
  /** Wide enough for every character to be told (the reader's strip is about as wide): from here on more pixels weigh no more. */
  readonly clearWidthPx: number;
  /** Narrower plates are misread with confidence: no read of one is sure. */
  readonly sureWidthPx: number;
}

/** The plate that the frames agree on. */
export interface VoteResult {
  /** Text, probability, characters, alternatives and band of the vote; all else of the clearest read of the same form. */
  readonly read: PlateRead;
  /** Frames that read exactly this text, of any band. */
  readonly votes: number;
  /** Of the widest plate read so, in pixels. */
  readonly width: number;
  /** Highest probability among accepted reads of this text that are wide enough to be sure; 0 if there is none. */
  readonly surest: number;
}

export interface Vote {
  readonly groups: readonly FormVote[];
  /** Texts that were read, in the order in which they were last read. */
  readonly texts: ReadonlyMap<string, TextTally>;
  /** Sum over all reads. */
  readonly weight: number;
}

/** Reads of one form. Sums are over reads, each times its weight. */
interface FormVote {
  readonly form: PlateForm;
  /** Sum of what a read costs a text of another form. */
  readonly against: number;
  readonly positions: readonly PositionVote[];
  readonly clearest: PlateRead;
  readonly clearness: number;
}

interface PositionVote {
  /** Sum of the log-probability of any character that was never named here. */
  readonly others: number;
  /** What each named character has beyond that. */
  readonly named: ReadonlyMap<string, number>;
}

interface TextTally {
  readonly votes: number;
  readonly width: number;
  /** Highest probability among reads of the accept band, and among those of them that were wide enough; 0 if there is none. */
  readonly accepted: number;
  readonly surest: number;
}

export const NO_VOTE: Vote = { groups: [], texts: new Map(), weight: 0 };

/** A far vehicle is misread in many ways; beyond this the text read least often is forgotten. */
const MAX_TEXTS = 12;
/** Forms that one vehicle is read as; beyond this the one with the least clear read is forgotten. */
const MAX_GROUPS = 4;
/** Probabilities of reads are clamped to these. */
const SUREST = 0.9999;
const MIN_PROBABILITY = 0.001;
/** That a wrong read takes just one given text of another form: the form alone is wrong in about one of a hundred. */
const OTHER_FORM = 0.01;
/** Alternatives of the vote below this are noise. */
const MIN_ALTERNATIVE = 0.005;

/** Adds one read of a plate `width` pixels wide. It weighs by its pixels and its sharpness, because far plates are misread, the province above all. */
export function addVote(vote: Vote, read: PlateRead, width: number, options: VoteOptions): Vote {
  const weight = weightOf(read, width, options);
  const form = formOf(read.text) ?? unknownForm(read.text);
  const group = vote.groups.find((g) => sameForm(g.form, form)) ?? emptyGroup(form, read);
  const probability = clamp(read.probability, MIN_PROBABILITY, SUREST);
  const own = ownProbabilities(read, form, probability);
  const clearness = weight * probability;
  const added: FormVote = {
    form,
    against: group.against + weight * Math.log((1 - probability) * OTHER_FORM),
    positions: group.positions.map((p, i) => addPosition(p, form[i]!, i, read, own[i]!, weight)),
    clearest: clearness > group.clearness ? read : group.clearest,
    clearness: Math.max(clearness, group.clearness),
  };
  const groups = vote.groups.filter((g) => g !== group);
  return {
    groups: bounded(groups, added),
    texts: addText(vote.texts, read, width, options),
    weight: vote.weight + weight,
  };
}

/** What so many `independentViews` of the vehicle say together; at least one read must have voted. */
export function voteResult(vote: Vote, independentViews: number, options: VoteOptions): VoteResult {
  const heat = independentViews / (1 + (independentViews - 1) * options.correlation) / vote.weight;
  const against = vote.groups.reduce((sum, g) => sum + g.against, 0);
  const fits = vote.groups.map((g) => heat * (fitOf(g) + against - g.against));
  const lead = fits.indexOf(Math.max(...fits));
  const group = vote.groups[lead]!;
  const rivals = fits.reduce((sum, fit) => sum + Math.exp(fit - fits[lead]!), 0);

  const characters: number[] = [];
  const alternatives: CharChoice[] = [];
  let text = '';
  let probability = 1 / rivals;
  for (const [position, { named }] of group.positions.entries()) {
    const ranked = [...named].sort((a, b) => b[1] - a[1]);
    const top = ranked[0]![1];
    const unnamed = (group.form[position]!.length - named.size) * Math.exp(-heat * top);
    const total = ranked.reduce((sum, [, more]) => sum + Math.exp(heat * (more - top)), unnamed);
    for (const [i, [character, more]] of ranked.entries()) {
      const share = Math.exp(heat * (more - top)) / total;
      if (i === 0) {
        text += character;
        characters.push(share);
        probability *= share;
      } else if (share >= MIN_ALTERNATIVE) alternatives.push({ position, character, probability: share });
    }
  }
  const seen = vote.texts.get(text) ?? { votes: 0, width: 0, accepted: 0, surest: 0 };
  const band = bandOf(seen, probability, options);
  return {
    read: { ...group.clearest, text, probability, characters, alternatives, band },
    votes: seen.votes,
    width: seen.width,
    surest: seen.surest,
  };
}

/** Accepted where a frame's own accepted read carries it, or several frames do that agree; otherwise a person compares. */
function bandOf(seen: TextTally, probability: number, options: VoteOptions): Band {
  const carried = seen.accepted > 0 && probability >= seen.accepted - options.acceptMargin;
  const agreed = seen.votes >= options.agreeingFrames && probability >= options.agreedProbability;
  return carried || agreed ? 'accept' : 'check';
}

/** 0..1: the area of the plate for that of a clear one, and its sharpness, which never takes more than three quarters. */
function weightOf(read: PlateRead, width: number, options: VoteOptions): number {
  const size = clamp(width / options.clearWidthPx, 0.1, 1);
  return size * size * (0.25 + 0.75 * clamp(read.sharpness, 0, 1));
}

/**
 * Probabilities of the read's own characters whose product is the probability of the whole plate: that is the calibrated figure, and it
 * knows of doubts (colour, windows that disagree) that no single character shows. Places where the form allows only one have no say.
 */
function ownProbabilities(read: PlateRead, form: PlateForm, probability: number): number[] {
  const named = form.map((allowed, i) => {
    const alternatives = read.alternatives.reduce((sum, r) => sum + (r.position === i ? r.probability : 0), 0);
    return allowed.length === 1 ? 1 : clamp(read.characters[i] ?? 1 - alternatives, MIN_PROBABILITY, SUREST);
  });
  const product = named.reduce((sum, p) => sum + Math.log(p), 0);
  return product === 0 ? named : named.map((p) => p ** (Math.log(probability) / product));
}

function addPosition(
  { others, named }: PositionVote,
  allowed: string,
  position: number,
  read: PlateRead,
  own: number,
  weight: number,
): PositionVote {
  const character = [...read.text][position]!;
  if (allowed.length === 1) return { others, named: named.size ? named : new Map([[character, 0]]) };
  const choices = read.alternatives.filter(
    (r) => r.position === position && r.character !== character && allowed.includes(r.character) && r.probability > 0,
  );
  // Where the read as a whole is surer than its characters, its alternatives share what is left.
  const claimed = choices.reduce((sum, r) => sum + r.probability, 0);
  const shrink = claimed > 0 ? Math.min(1, (0.9 * (1 - own)) / claimed) : 0;
  const left = Math.max(1 - own - claimed * shrink, 1e-7);
  const rest = Math.log(left / Math.max(1, allowed.length - 1 - choices.length));
  const next = new Map(named);
  const add = (c: string, probability: number) => {
    next.set(c, (next.get(c) ?? 0) + weight * (Math.log(probability) - rest));
  };
  add(character, own);
  for (const r of choices) add(r.character, r.probability * shrink);
  return { others: others + weight * rest, named: next };
}

/** How well the best text of a group explains the reads of the group. */
function fitOf(group: FormVote): number {
  return group.positions.reduce((sum, { others, named }) => sum + others + Math.max(...named.values()), 0);
}

function addText(
  texts: ReadonlyMap<string, TextTally>,
  read: PlateRead,
  width: number,
  options: VoteOptions,
): ReadonlyMap<string, TextTally> {
  const before = texts.get(read.text) ?? { votes: 0, width: 0, accepted: 0, surest: 0 };
  const accepted = read.band === 'accept' ? read.probability : 0;
  const next = new Map(texts);
  next.delete(read.text);
  if (next.size >= MAX_TEXTS) next.delete([...next].reduce((a, b) => (b[1].votes < a[1].votes ? b : a))[0]);
  return next.set(read.text, {
    votes: before.votes + 1,
    width: Math.max(before.width, width),
    accepted: Math.max(before.accepted, accepted),
    surest: width >= options.sureWidthPx ? Math.max(before.surest, accepted) : before.surest,
  });
}

function emptyGroup(form: PlateForm, read: PlateRead): FormVote {
  const positions = form.map(() => ({ others: 0, named: new Map<string, number>() }));
  return { form, against: 0, positions, clearest: read, clearness: 0 };
}

function bounded(groups: readonly FormVote[], added: FormVote): readonly FormVote[] {
  if (groups.length < MAX_GROUPS) return [...groups, added];
  const lightest = groups.reduce((a, b) => (b.clearness < a.clearness ? b : a));
  return [...groups.filter((g) => g !== lightest), added];
}

/** Of a text whose form is not known nothing can be told but that each character may be another: it votes by itself. */
function unknownForm(text: string): PlateForm {
  return [...text].map((character) => `${character}?`);
}

function sameForm(a: PlateForm, b: PlateForm): boolean {
  return a === b || (a.length === b.length && a.every((allowed, i) => allowed === b[i]));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
