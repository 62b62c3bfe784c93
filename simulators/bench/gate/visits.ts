/** Visitors who lay down their cards one after the other: how long the lane takes, from the card's last byte on, and whether it is right. */
import { isDeepStrictEqual } from 'node:util';
import type { DocumentType } from '../../../gateway/contracts/document.ts';
import type { Comparison } from '../../../gateway/contracts/comparison.ts';
import type { LaneCamera } from '../../devices/gate/camera.ts';
import type { Visitor } from '../../devices/gate/visitors.ts';
import type { Screen, LaneResult } from '../../rigs/gate.ts';
import type { CardKind } from '../../devices/reader/cards.ts';
import type { Reader } from '../../devices/reader/reader.ts';

/** One visitor. Times are milliseconds from the moment at which the reader sends the last byte of the card. */
export interface Visit {
  readonly visitor: Visitor;
  /** What the screen showed at once, and when it said no more. */
  readonly first: LaneResult;
  readonly last: LaneResult;
  readonly outcomeMs: number;
  readonly comparedMs: number;
  /**
   * When the camera sent its first picture after the card. The lane takes none from before, so until then it has to wait; the photo of
   * the card is decoded meanwhile. 0 without a camera.
   */
  readonly pictureMs: number;
}

/** Sees when the reader sends a card, and when the camera sends the first picture after that. */
export interface Marks {
  readonly cardAt: () => number;
  readonly pictureAt: () => number | undefined;
  reset(): void;
  readonly onAnswer: (code: string) => void;
  readonly onSent: () => void;
}

const READ = '3001';

export function openMarks(now = () => performance.now()): Marks {
  let card: number | undefined;
  let picture: number | undefined;
  return {
    cardAt: () => card ?? NaN,
    pictureAt: () => picture,
    reset: () => void (card = picture = undefined),
    // A card that goes on lying there is read again, and says nothing new.
    onAnswer: (code) => void (code === READ && (card ??= now())),
    onSent: () => void (card !== undefined && (picture ??= now())),
  };
}

export interface Lane {
  readonly screen: Screen;
  readonly reader: Reader;
  readonly camera: LaneCamera | undefined;
  readonly marks: Marks;
}

/** As fast as it goes: each comes when the card of the one before is seen to be gone. Throws when `limitMs` is over before all have come. */
export async function receive(
  { screen, reader, camera, marks }: Lane,
  visitors: Iterable<Visitor>,
  { limitMs, progress }: { readonly limitMs: number; readonly progress: (n: number) => void },
): Promise<Visit[]> {
  const startedAt = performance.now();
  const visits: Visit[] = [];
  let gone: Promise<unknown> = Promise.resolve();
  for (const visitor of visitors) {
    await Promise.all([camera?.show(visitor.shot, visitor.grain), gone]);
    marks.reset();
    visits.push(await present(screen, marks, visitor, () => reader.placeCard(visitor.card)));
    const from = screen.views.length;
    reader.removeCard();
    gone = screen.view((v) => !v.presented, from);
    if (performance.now() - startedAt > limitMs) throw new Error(`only ${visits.length} visitors came within the time`);
    progress(visits.length);
  }
  await gone;
  return visits;
}

async function present(screen: Screen, marks: Marks, visitor: Visitor, act: () => void): Promise<Visit> {
  const from = screen.views.length;
  const before = screen.views.at(-1)?.last?.at;
  act();
  const shown = await screen.view((v) => v.last !== undefined && v.last.at !== before, from);
  const outcomeAt = performance.now();
  const first = shown.last!;
  const isOver = (last: LaneResult | undefined): boolean =>
    last?.at === first.at && (last.comparison !== undefined || last.document === undefined);
  const { last } = await screen.view((v) => isOver(v.last), from);
  const comparedAt = performance.now();
  const cardAt = marks.cardAt();
  return {
    visitor,
    first,
    last: last!,
    outcomeMs: outcomeAt - cardAt,
    comparedMs: comparedAt - cardAt,
    pictureMs: (marks.pictureAt() ?? cardAt) - cardAt,
  };
}

const TYPES: Readonly<Record<CardKind, DocumentType>> = {
  resident: 'resident-card',
  J: 'residence-permit',
  I: 'permanent-resident-card',
  Y: 'permanent-resident-card',
};

export const WANTED = { category: 'sought (simulated)', instruction: 'call the officer on duty' };

/** What is wrong with what the screen showed, in words; undefined when nothing is. */
export function wrongIn({ visitor, first, last }: Visit, hasCamera: boolean): string | undefined {
  const { index, kind, card, expected } = visitor;
  const { outcome, reasons, comparison } = expected;
  // Of a borrowed card the lane knows only when it has seen the face.
  const [atOnce, why] = kind === 'borrowed' ? (['clear', []] as const) : [outcome, reasons];
  const listed = kind === 'listed' ? WANTED : { category: undefined, instruction: undefined };
  const document = { document: TYPES[card.kind], lastFour: card.number.slice(-4), ...listed };
  const right = {
    first: { outcome: atOnce, reasons: why, ...document },
    last: hasCamera
      ? { outcome, reasons, ...document, comparison: comparison === 'not compared' ? 'no face' : comparison }
      : { outcome: atOnce, reasons: why, ...document, comparison: 'no camera' },
  };
  const shown = { first: partsOf(first), last: { ...partsOf(last), comparison: nameOf(last.comparison) } };
  if (isDeepStrictEqual(shown, right)) return undefined;
  return `visitor ${index} (${kind}): expected ${JSON.stringify(right)}, shown ${JSON.stringify(shown)}`;
}

const partsOf = ({ outcome, reasons, document, lastFour, category, instruction }: LaneResult) => {
  return { outcome, reasons, document, lastFour, category, instruction };
};

const nameOf = (c: Comparison | undefined): string | undefined => (c?.outcome === 'not compared' ? c.why : c?.outcome);

/** Entries of which not exactly one hit came, and entries that nobody presented. `hits` are all events about hits. */
export function wrongHits(
  hits: readonly { readonly id: string; readonly entry: string }[],
  presented: readonly string[],
): string[] {
  const idsOf = new Map<string, Set<string>>(presented.map((entry) => [entry, new Set()]));
  const strangers = hits.filter(({ entry }) => !idsOf.has(entry));
  for (const { id, entry } of hits) idsOf.get(entry)?.add(id);
  return [
    ...[...idsOf].filter(([, ids]) => ids.size !== 1).map(([entry, ids]) => `${ids.size} hits of the entry ${entry}`),
    ...strangers.map(({ entry }) => `a hit of the entry ${entry}, whom nobody presented`),
  ];
}
