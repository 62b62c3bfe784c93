/**
 * The mode of the site (平时, 战时, 应急): how often devices are asked to report, which unconfirmed hits alert the crew, and how soon positions
 * go upstream. Nothing else. A named person sets it with a reason and an end.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { iso } from '../contracts/time.ts';
import type { CrewConfig } from '../config/crew.ts';
import { appendAudit } from '../store/audit.ts';
import { setMeta, type Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import { readableMeta } from '../store/damage/readable-meta.ts';
import type { Instant } from '../contracts/base.ts';
import { english } from '../contracts/words/words.ts';
import type { CrewRooms } from './rooms.ts';

export const MAX_MODE_MS = 72 * 3_600_000;
const MAX_CHARACTERS = 200;
const KEY = 'mode';
/** Until a mode is set. */
const INITIAL_MODE: ModeState = {
  mode: 'normal',
  by: 'box',
  reason: english('mode-as-installed'),
  origin: 'box',
  since: 0,
};
/** As relays count it: beside orders and changes of devices instead of last. */
const EMERGENCY_PRIORITY = 2;

const stored = z.object({
  mode: z.enum(['normal', 'heightened', 'emergency']),
  /** Who answers for it, 1 to 200 characters. */
  by: z.string(),
  /** 1 to 200 characters. */
  reason: z.string(),
  /** When it ends, at most 72 h ahead; `normal` has no end and passes it over. */
  until: z.number().exactOptional(),
  origin: z.enum(['room', 'box']),
  since: z.number(),
});

export type ModeState = z.infer<typeof stored>;
export type NewMode = Omit<ModeState, 'since'>;

/** What is wrong with it, in words, or undefined. */
export function modeProblem({ mode, by, reason, until }: NewMode, now: Instant): string | undefined {
  const text = (value: string): boolean => value.trim().length > 0 && value.length <= MAX_CHARACTERS;
  if (!text(by)) return english('mode-needs-by', { most: MAX_CHARACTERS });
  if (!text(reason)) return english('mode-needs-reason', { most: MAX_CHARACTERS });
  if (mode === 'normal') return undefined;
  const ahead = (until ?? NaN) - now;
  if (ahead > 0 && ahead <= MAX_MODE_MS) return undefined;
  return english('mode-needs-end', { mode, hours: MAX_MODE_MS / 3_600_000 });
}

/** One transaction: the mode, its audit row, its event. Throws the words of `modeProblem`, and what the store throws; nothing is kept then. */
export function setMode(db: Db, { mode, by, reason, until, origin }: NewMode, outbox: OutboxWriter): ModeState {
  const since = outbox.now();
  const state = { mode, by, reason, origin, since, ...(mode === 'normal' || until === undefined ? {} : { until }) };
  const problem = modeProblem(state, since);
  if (problem) throw new Error(problem);
  db.write(() => change(db, state, 'mode set', outbox));
  return state;
}

/**
 * The mode that holds at `now`, by the wall clock: a box that starts with a clock that is behind must not forget an emergency. One that is
 * over counts as `normal` from its end on, whether or not that has been noted yet.
 */
export function currentMode(db: Db, now: Instant): ModeState {
  const state = read(db);
  return hasEnded(state, now) ? modeAfter(state) : state;
}

const hasEnded = (state: ModeState, now: Instant): state is ModeState & { until: Instant } =>
  state.until !== undefined && now >= state.until;
const modeAfter = ({ mode, until }: ModeState & { until: Instant }): ModeState => {
  const reason = english(mode === 'emergency' ? 'mode-over-emergency' : 'mode-over-heightened');
  return { mode: 'normal', by: 'box', reason, origin: 'box', since: until };
};

const isStored = (value: unknown): value is ModeState => stored.safeParse(value).success;

function read(db: Db): ModeState {
  const text = readableMeta(db, KEY);
  const state = text === undefined ? undefined : db.damage.read('meta', KEY, text, isStored);
  // Where the mode that was set is lost, the usual one holds, and the damage is reported.
  return state ?? INITIAL_MODE;
}

/** `since` of a mode that has expired is its end; the event and the audit row carry the present time. */
function change(db: Db, state: ModeState, what: 'mode set' | 'mode ended', outbox: OutboxWriter): void {
  const before = read(db);
  const { mode, by, reason, origin, since, until } = state;
  const times = { since: iso(since), ...(until === undefined ? {} : { until: iso(until) }) };
  const data = { mode, before: before.mode, by, reason, origin, ...times };
  setMeta(db, KEY, JSON.stringify(state));
  appendAudit(db, { at: outbox.now(), who: by, what, detail: data });
  outbox.enqueue({ type: 'io.sitebox.mode.v1', subject: 'mode', time: outbox.now(), data, stream: 'mode' });
}

export type Modes = ReturnType<typeof openModes>;

export function openModes({ db, outbox, clock }: CrewRooms, config: Pick<CrewConfig, 'modes'>) {
  let current = currentMode(db, clock.now());
  /** Reads again: another process may have set another mode meanwhile. */
  const noteEnd = db.transaction(() => {
    const state = read(db);
    if (hasEnded(state, clock.now())) change(db, modeAfter(state), 'mode ended', outbox);
  });
  return {
    /** This and the rest: as the last turn found it. */
    current: () => current,
    /** How often devices are asked to report, seconds. */
    reportS: () => config.modes[current.mode].reportIntervalS,
    /** Categories of which an unconfirmed hit alerts the crew. */
    unconfirmed: () => config.modes[current.mode].alertUnconfirmed,
    /** Of crew positions in the outbox; undefined = the usual one. */
    priority: () => (current.mode === 'emergency' ? EMERGENCY_PRIORITY : undefined),
    /**
     * Looks what holds now, and notes the end of a mode once; gives the mode if it is another than at the call before. Others may set it on
     * the same store: call this each second, and after `setMode`. Throws what the store throws.
     */
    turn() {
      if (hasEnded(read(db), clock.now())) noteEnd.immediate();
      const before = current;
      current = currentMode(db, clock.now());
      return isDeepStrictEqual(before, current) ? undefined : current;
    },
  };
}
