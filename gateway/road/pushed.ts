/**
 * Reads that plate cameras push. One that is no plate is counted and dropped; any other is looked up in memory, before anything is written.
 * No match: forgotten at once. A match is answered when its hit is on disk, with the camera's pictures encoded anew.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { ReadBy } from '../hits/hit.ts';
import type { PicturePair, PushedFiles, PushedFilesResult } from '../inference/jobs.ts';
import { differences, normalisePlate } from '../contracts/plate-text.ts';
import type { PushedRead, PushRefusal } from '../contracts/push.ts';
import type { Instant, Log, Sha256 } from '../contracts/base.ts';
import type { Passage, PlateRead } from '../contracts/plate.ts';
import type { BadRows } from '../devices/bad-rows.ts';
import { openOffset, type Offset } from '../devices/clock-offset.ts';
import type { LookUps, Pictures } from './look-up.ts';
import { readOf } from './pushed-read.ts';
import type { Waiting } from '../inference/bounded-queue.ts';

export interface PushedParts {
  /** Of the road lanes, those that push nothing included. */
  readonly cameras: readonly { readonly id: string; readonly lane: string }[];
  readonly clock: Clock;
  readonly log: Log;
  models(): readonly Sha256[];
  /** A job for the pictures of a camera, on a thread that is free. */
  pictures(job: PushedFiles): Promise<PushedFilesResult>;
  readonly lookUps: LookUps;
  readonly rows: Pick<BadRows, 'bad' | 'good' | 'inARow'>;
  /** Where pictures of hits, and scenes to be read, wait for a thread. */
  readonly hitWork: Waiting;
  readonly checkWork: Waiting;
  /** Work that has to be done before the box stops. */
  track(work: Promise<unknown>): void;
}

export type CrossCheck = 'agreed' | 'disagreed' | 'not read';

export interface PushCounts {
  readonly plates: number;
  /** What is no plate of a form that this box reads. */
  readonly impossible: number;
  /** Answered with a refusal, by reason. */
  readonly refused: Readonly<Partial<Record<PushRefusal, number>>>;
  /** Pushes that could not be used since the last that could: refused for what is the camera's, or impossible. Heartbeats do not count. */
  readonly failing: number;
  /** Pictures that were not decoded. Those of reads that match nothing are not looked at, unless they are cross-checked. */
  readonly picturesRefused: number;
  /** Of plates and impossible ones, those that the camera had kept and sent late. */
  readonly late: number;
  readonly crossChecks: Readonly<Record<CrossCheck, number>>;
  /** The camera's clock less the box's; undefined while it has told no time. */
  readonly clockOffsetMs: number | undefined;
}

export interface Pushed {
  take(camera: string, read: PushedRead, settle: Settle): void;
  refused(camera: string, reason: PushRefusal, why: string): void;
  counts(camera: string): PushCounts;
  /** Takes no further read. */
  close(): void;
  /** Fails what still waits for the store; what else is under way is tracked. */
  fail(): void;
}

type Settle = (error?: Error) => void;

/** The camera waits for its answer: the box's own read, and then the pictures of a hit, are given up after this long. */
const CHECK_MS = 2_000;
const PICTURES_MS = 2_000;
/** A plate in the scene that differs in more characters is another vehicle's. */
const MAX_DIFFERENCES = 3;
/** Reads that wait for the store. Beyond it they are refused, and the camera sends them again. */
const MAX_UNSETTLED = 64;

/** Refusals that say nothing of the camera: it was somebody else, or it will send that again. */
const NOT_THE_CAMERAS: readonly PushRefusal[] = ['address', 'busy'];
/** Nothing was read: someone did not log in rightly, the camera or another at its address. */
const AT_THE_LOGIN: readonly PushRefusal[] = ['login', 'login throttled'];

interface State {
  readonly id: string;
  readonly lane: string;
  readonly clock: Offset;
  plates: number;
  impossible: number;
  late: number;
  readonly refused: Partial<Record<PushRefusal, number>>;
  picturesRefused: number;
  /** As they were last logged. */
  refusedWords: string;
  readonly crossChecks: Record<CrossCheck, number>;
}

export function openPushed(parts: PushedParts): Pushed {
  const states = new Map(parts.cameras.map(({ id, lane }) => [id, newState(id, lane, parts.log)]));
  const unsettled = new Set<Settle>();
  let closed = false;

  const stateOf = (id: string): State => {
    const state = states.get(id);
    if (!state) throw new Error(`no road camera ${id}`);
    return state;
  };

  /** Answers at once unless something is on its way to the disk. */
  const lookUp = (state: State, read: TimedRead, checked: Checked, settle: Settle): void => {
    const { id, lane } = state;
    const { best, also, by } = checked;
    const { wasAt, receivedAt } = read;
    const passage: Passage = {
      id: newId(parts.clock.now()),
      lane,
      camera: id,
      first: wasAt,
      last: wasAt,
      best,
      votes: 1,
      direction: read.direction,
    };
    const pending = parts.lookUps.lookUp({
      passage,
      again: false,
      ...by,
      ...(also ? { also } : {}),
      ...(receivedAt === undefined ? {} : { receivedAt }),
      models: by.crossCheck ? parts.models() : [],
      pictures: () => evidenceOf(parts, state, read, best.text),
    });
    parts.lookUps.count(passage, receivedAt);
    if (!pending) return settle();
    if (unsettled.size >= MAX_UNSETTLED) return settle(new Error('too many reads wait for the store'));
    unsettled.add(settle);
    const answer = (error?: Error): void => {
      if (unsettled.delete(settle)) settle(error);
    };
    pending.then(() => answer()).catch((error: unknown) => answer(asError(error)));
  };

  return {
    take(camera, pushed, settle) {
      const state = stateOf(camera);
      // The camera says it again: against no list at all a listed vehicle would pass.
      const why = closed ? 'the box stops' : parts.lookUps.listAwaited();
      if (why !== undefined) return settle(new Error(why));
      const lateFrom = state.clock.seen(pushed);
      if (lateFrom !== undefined) state.late++;
      const read = {
        ...pushed,
        wasAt: lateFrom ?? pushed.at,
        receivedAt: lateFrom === undefined ? undefined : pushed.at,
      };
      const normal = normalisePlate(read.text);
      if (!('plate' in normal)) {
        state.impossible++;
        parts.rows.bad('reads', state, `impossible: expected ${normal.expected}`);
        return settle();
      }
      state.plates++;
      parts.rows.good('reads', state);
      const own = readOf(normal.plate, read);
      if (!read.crossCheck) return lookUp(state, read, { best: own, also: undefined, by: { by: 'camera' } }, settle);
      const check = async (): Promise<void> => {
        const { reads, why } = await readScene(parts, state, read);
        const checked = crossChecked(own, reads);
        state.crossChecks[checked.outcome]++;
        if (checked.outcome === 'agreed') parts.rows.good('cross-checks', state);
        else parts.rows.bad('cross-checks', state, why ?? checked.outcome);
        lookUp(state, read, checked, settle);
      };
      parts.track(check().catch((error: unknown) => settle(asError(error))));
    },
    refused(camera, reason, why) {
      const state = stateOf(camera);
      state.refused[reason] = (state.refused[reason] ?? 0) + 1;
      if (NOT_THE_CAMERAS.includes(reason)) return;
      parts.rows.bad(AT_THE_LOGIN.includes(reason) ? 'logins' : 'reads', state, `${reason}: ${why}`);
    },
    counts(camera) {
      const state = stateOf(camera);
      const { plates, impossible, late, refused, picturesRefused, crossChecks, clock } = state;
      const failing = parts.rows.inARow('reads', state);
      return {
        plates,
        impossible,
        late,
        refused,
        failing,
        picturesRefused,
        crossChecks,
        clockOffsetMs: clock.offsetMs(),
      };
    },
    close() {
      closed = true;
    },
    fail() {
      for (const settle of unsettled) settle(new Error('the box stops before the store has taken the hit'));
      unsettled.clear();
    },
  };
}

function newState(id: string, lane: string, log: Log): State {
  const crossChecks = { agreed: 0, disagreed: 0, 'not read': 0 };
  return {
    id,
    lane,
    clock: openOffset(id, log),
    plates: 0,
    impossible: 0,
    late: 0,
    refused: {},
    picturesRefused: 0,
    refusedWords: '',
    crossChecks,
  };
}

/** When the vehicle was there: at its arrival, unless it was sent late. */
interface TimedRead extends PushedRead {
  readonly wasAt: Instant;
  /** Of a late one alone. */
  readonly receivedAt: Instant | undefined;
}

interface Checked {
  readonly best: PlateRead;
  readonly also: PlateRead | undefined;
  readonly by: ReadBy;
}

/** Nothing when no thread was free in time, or the scene cannot be read (`why`): the camera's read then goes alone. */
async function readScene(
  parts: PushedParts,
  state: State,
  { pictures: { scene } }: PushedRead,
): Promise<{ readonly reads: readonly PlateRead[]; readonly why?: string }> {
  if (!scene) return { reads: [], why: 'not read: no picture of the road came with the read' };
  const job = { pictures: { scene }, read: true };
  const result = await parts.checkWork.run(() => parts.pictures(job), CHECK_MS).catch(() => undefined);
  if (!result) return { reads: [], why: 'not read: no thread was free in time' };
  const why = noteRefused(parts, state, result.refused);
  return { reads: result.reads, ...(why === undefined ? {} : { why }) };
}

/** Counts and names what could not be decoded of what the camera sent; undefined where all could. */
function noteRefused({ log }: PushedParts, state: State, refused: PicturePair<string>): string | undefined {
  const named = Object.entries(refused).map(([which, why]) => `its ${which} picture ${why}`);
  if (named.length === 0) return undefined;
  state.picturesRefused += named.length;
  const words = named.join('; ');
  // A camera that does so does so each time.
  if (words !== state.refusedWords) log.warn({ camera: state.id, why: words }, 'a pushed picture is not used');
  state.refusedWords = words;
  return words;
}

/**
 * Two readers that agree are surer than either; of two that do not, nobody knows which is right, and a person has to look. Of the plates
 * in the scene the likest is taken for the vehicle's, if it is like at all, so that no neighbour's plate is kept with a hit.
 */
function crossChecked(own: PlateRead, reads: readonly PlateRead[]): Checked & { readonly outcome: CrossCheck } {
  const apart = (read: PlateRead): number => differences(read.text, own.text);
  const likest = [...reads].sort((a, b) => apart(a) - apart(b))[0];
  if (!likest || apart(likest) > MAX_DIFFERENCES) {
    return { outcome: 'not read', best: own, also: undefined, by: { by: 'camera', crossCheck: { text: null } } };
  }
  const { text, probability, band } = likest;
  const by: ReadBy = { by: 'camera', crossCheck: { text, probability } };
  if (text !== own.text) return { outcome: 'disagreed', best: { ...own, band: 'check' }, also: likest, by };
  return { outcome: 'agreed', best: band === 'accept' ? { ...own, band } : own, also: undefined, by };
}

/** The camera's pictures without anything but their pixels. */
async function evidenceOf(parts: PushedParts, state: State, { pictures }: PushedRead, text: string): Promise<Pictures> {
  if (!pictures.plate && !pictures.scene) return { evidence: [] };
  const job = { pictures, read: false, evidenceOf: text };
  const { evidence, refused } = await parts.hitWork.run(() => parts.pictures(job), PICTURES_MS);
  const missing = noteRefused(parts, state, refused);
  return { evidence, ...(missing === undefined ? {} : { missing }) };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
