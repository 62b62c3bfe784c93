/**
 * Counts how often the box has ended unasked, and decides what safe mode switches off. Kept in `ends.json` beside the store, readable when the
 * store is not. A running box is marked in it: when a start finds the mark, the last run vanished (kill -9, an abort in native code, the
 * watchdog), unless the whole machine went down with it.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { causeOf, whatAndWhere } from '../contracts/errors.ts';
import { readRegular } from '../contracts/regular-file.ts';
import { replaceFile } from '../store/files/private-files.ts';
import { ENDS_FILE } from '../store/files/names.ts';
import type { Instant, Log } from '../contracts/base.ts';
import { english } from '../contracts/words/words.ts';

export const MAX_ENDS = 3;
export const WITHIN_S = 300;
export const SAFE_MODE_MS = 24 * 3_600_000;
/** Older ends in the file no longer count. */
const MAX_KEPT = 20;
const MAX_WHY = 200;
const TRY_AGAIN_S = 60;

/** What is switched off, in turn, when the part that ended the box is not known: native code first, then senders and devices. */
const ORDER: readonly string[] = ['inference', 'cameras', 'deliveries', 'readers'];
/** Names of ORDER that stand for many parts. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  cameras: /^(lane of )?camera:|^onvif:/,
  deliveries: /^(delivery|instructions):/,
  readers: /^(lane of )?reader:/,
};
/**
 * Equipment brings calls for help, and without the watchdog systemd would end the box again and again: an error in either restarts only that
 * part (last-resort.ts).
 */
export const NEVER_OFF = /^(lane of )?equipment:|^watchdog$/;

/** ms that a Date can hold. */
const instant = z.number().min(0).max(8e15);

const end = z.object({
  at: instant,
  boot: z.string(),
  uptimeS: z.number(),
  part: z.string().nullable(),
  why: z.string(),
});
const file = z.object({
  /** `work`: the number of stored hits and calls at its start. */
  running: z.object({ boot: z.string(), work: z.number().nullable() }).nullable(),
  ends: z.array(end),
  safeMode: z.object({ since: instant, off: z.array(z.string()), why: z.string() }).nullable(),
});
type EndsFile = z.infer<typeof file>;
export type End = z.infer<typeof end>;
export type SafeMode = NonNullable<EndsFile['safeMode']>;

export type Ends = ReturnType<typeof openEnds>;

export interface EndsOptions {
  readonly folder: string;
  readonly log: Log;
  /** Stored hits and calls for help; undefined where the store cannot be read. A run that stored one is not counted as vanished. */
  readonly work: () => number | undefined;
  readonly now?: () => Instant;
  readonly boot?: string;
  readonly uptimeS?: () => number;
}

/** Decides whether this run is in safe mode, and marks it as running. Never throws: without the file nothing is counted, which is an alarm. */
export function openEnds(options: EndsOptions) {
  const { folder, log, now = Date.now, boot = bootId(), uptimeS = uptime } = options;
  const previous = readEnds(folder, log);
  const work = workOf(options);
  const newEnd = (part: string | undefined, why: string): End => ({
    at: now(),
    boot,
    uptimeS: uptimeS(),
    part: part ?? null,
    why: why.slice(0, MAX_WHY),
  });
  const vanished = previous.running?.boot === boot && (work === null || previous.running.work === work);
  let ends = vanished ? [...previous.ends, newEnd(undefined, english('run-vanished'))] : previous.ends;
  let safeMode = previous.safeMode && stillOn(previous.safeMode, now());
  // Parts that are never switched off do not lead to safe mode.
  const recent = ends.filter(
    (e) => e.boot === boot && uptimeS() - e.uptimeS <= WITHIN_S && !(e.part !== null && NEVER_OFF.test(e.part)),
  );
  if (recent.length >= MAX_ENDS) {
    safeMode = { since: now(), off: nextOff(safeMode?.off ?? [], recent), why: recent.at(-1)!.why };
    // These are used up: three more ends switch more off.
    ends = ends.filter((e) => !recent.includes(e)).concat(recent.map((e) => ({ ...e, uptimeS: -WITHIN_S })));
  }
  let failed: { readonly change: Partial<EndsFile>; readonly why: string; readonly triedS: number } | undefined;
  const write = (change: Partial<EndsFile>): void => {
    const missed = failed;
    const whole = { ...missed?.change, ...change };
    try {
      // Read again: a person may have left safe mode meanwhile.
      const before = readEnds(folder, log);
      writeEnds(folder, { ...before, ...whole, ends: (whole.ends ?? before.ends).slice(-MAX_KEPT) });
      failed = undefined;
    } catch (error) {
      failed = { change: whole, why: causeOf(error), triedS: uptimeS() };
      if (!missed) log.error({ cause: failed.why }, 'the count of ends could not be written');
    }
  };
  write({ running: { boot, work }, ends, safeMode });
  if (safeMode)
    log.error({ ...safeMode }, 'SAFE MODE: the box has ended by itself again and again; parts of it are off');
  return {
    /** In force for this run. */
    safeMode: safeMode ?? undefined,
    /** Whether safe mode keeps this part from running. */
    off: (part: string): boolean =>
      safeMode !== null && !NEVER_OFF.test(part) && safeMode.off.some((o) => o === part || GROUPS[o]?.test(part)),
    /** The ends of the last hour. */
    recent: (): readonly End[] => ends.filter((e) => Math.abs(now() - e.at) < 3_600_000),
    /** The box is ending because of an error. Never throws. */
    ended: (part: string | undefined, error: unknown): void =>
      write({
        running: null,
        ends: [...(failed?.change.ends ?? readEnds(folder, log).ends), newEnd(part, whatAndWhere(error))],
      }),
    /** The box has stopped in order. Never throws. */
    stopped: (): void => write({ running: null }),
    /** Why the file cannot be written, in words, so that ends are not counted. Tries again once a minute. Never throws. */
    unwritten(): string | undefined {
      if (failed && uptimeS() - failed.triedS >= TRY_AGAIN_S) write(failed.change);
      return failed?.why;
    },
  };
}

/** Null once it is over. After the clock was set back it begins anew, so that it lasts a day at most from now. */
function stillOn(safeMode: SafeMode, now: Instant): SafeMode | null {
  return now - safeMode.since >= SAFE_MODE_MS ? null : { ...safeMode, since: Math.min(safeMode.since, now) };
}

/** The parts that the ends name; the next of ORDER where those cannot be switched off, or are off already. */
function nextOff(off: readonly string[], recent: readonly End[]): string[] {
  const named = recent.flatMap(({ part }) => (part === null ? [] : [part]));
  const fresh = [...new Set(named)].filter((part) => !off.includes(part));
  const next = ORDER.find((name) => !off.includes(name));
  return [...off, ...(fresh.length > 0 ? fresh : next === undefined ? [] : [next])];
}

function workOf({ work }: EndsOptions): number | null {
  try {
    return work() ?? null;
  } catch {
    return null;
  }
}

/** An unreadable file counts no ends; the log says so. */
export function readEnds(folder: string, log?: Log): EndsFile {
  try {
    return file.parse(JSON.parse(readRegular(join(folder, ENDS_FILE))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log?.error(
        { file: join(folder, ENDS_FILE), cause: whyUnread(error) },
        'the count of ends cannot be read; it begins anew',
      );
    return { running: null, ends: [], safeMode: null };
  }
}

function whyUnread(error: unknown): string {
  return error instanceof z.ZodError ? english('file-not-as-written') : causeOf(error);
}

/** Atomic. Throws where it cannot be written. */
function writeEnds(folder: string, content: EndsFile): void {
  replaceFile(join(folder, ENDS_FILE), JSON.stringify(content));
}

/** Ends safe mode and clears the count, from the next start on. Returns the safe mode that was; undefined where there was none. */
export function leaveSafeMode(folder: string): SafeMode | undefined {
  const before = readEnds(folder);
  if (before.safeMode) writeEnds(folder, { ...before, ends: [], safeMode: null });
  return before.safeMode ?? undefined;
}

/** Changes with each start of the machine. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
