/**
 * Checks the whole store in a process of its own: after the start, once a day, and when SQLite meets damage. A damaged table is named and
 * frozen: writes to it are refused, so that no row is acknowledged that a repair could lose. Everything else goes on.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isoOrNull, iso } from '../contracts/time.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Problem, Status } from '../contracts/status.ts';
import { acceptedAfter } from '../store/audit.ts';
import { damageText, isTable, type CheckReport, type DamageFinding } from '../store/damage/check.ts';
import type { CheckAnswer } from '../store/damage/check-process.ts';
import type { Db } from '../store/connection/connection.ts';
import { freezeTable } from '../store/damage/freeze-table.ts';
import type { Instant, Log } from '../contracts/base.ts';
import { problem } from '../contracts/words/problem.ts';
import { english } from '../contracts/words/words.ts';

export interface Integrity {
  readonly status: Status;
  /** Checks now, unless a check is running; resolves when it is done. Never rejects. */
  check(): Promise<void>;
  /** Starts no further check and kills a running one, which only reads. Resolves when its process has ended. */
  stop(): Promise<void>;
}

export interface IntegrityParts {
  readonly db: Db;
  /** Of the file. */
  readonly path: string;
  readonly log: Log;
  readonly now: () => Instant;
  readonly everyMs?: number;
  /** Between two checks that damage causes. */
  readonly pauseMs?: number;
}

const DAY_MS = 86_400_000;
/** SQLite may meet the same damage on every write. */
const MIN_PAUSE_MS = 60_000;
const WATCH_EVERY_MS = 1_000;
const PROGRAM = fileURLToPath(new URL('../store/damage/check-process.ts', import.meta.url));

export function openIntegrity(parts: IntegrityParts): Integrity {
  const { db, path, log, now, everyMs = DAY_MS, pauseMs = MIN_PAUSE_MS } = parts;
  let report: CheckReport | undefined;
  let unchecked: string | undefined;
  let checkedAt: Instant | undefined;
  let child: ChildProcess | undefined;
  let stopped = false;
  let lastStart = -Infinity;
  let refused = 0;
  let met = false;
  let accepted = openAccepted(db, undefined);

  const taken = (answer: CheckAnswer): void => {
    if ('problem' in answer) {
      unchecked = answer.problem;
      log.error({ cause: unchecked }, 'the store could not be checked');
      return;
    }
    unchecked = undefined;
    report = answer.report;
    checkedAt = now();
    accepted = openAccepted(db, report);
    const { damages, audit, tookMs } = report;
    if (damages.length > 0) log.error({ damaged: damageText(damages), tookMs }, 'the store is damaged');
    else log.info({ tookMs, auditRows: audit?.ok ? audit.rows : null }, 'the store is whole');
    freezeAll(db, damages, log);
  };
  let running: Promise<void> | undefined;
  const start = (): void => {
    if (running || stopped) return;
    lastStart = performance.now();
    met = false;
    running = ask(path, (started) => (child = started))
      .then(taken)
      .catch((error: unknown) => {
        if (!stopped) taken({ problem: causeOf(error) });
      })
      .finally(() => {
        child = undefined;
        running = undefined;
      })
      .catch((error: unknown) => log.error({ cause: causeOf(error) }, 'the check of the store could not be noted'));
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  /** Damage that a write met since the last check is checked soon, not tomorrow. */
  const watch = (): void => {
    const { refusal, refused: count } = db.health.state();
    met ||= count > refused && /malformed|not a database|corrupt/i.test(refusal?.why ?? '');
    refused = count;
    const due = met || (unchecked !== undefined && !running);
    if (due && performance.now() - lastStart > pauseMs) start();
    try {
      accepted.look();
    } catch {
      // A store that cannot be read has a problem of its own; this alarm stays.
    }
  };
  const watching = setInterval(watch, WATCH_EVERY_MS).unref();

  return {
    check() {
      start();
      return running ?? Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      clearInterval(watching);
      stopped = true;
      child?.kill('SIGKILL');
      await running;
    },
    status: {
      problems: () => problemsOf(report, unchecked, (seq) => accepted.has(seq)),
      readings: () => [
        {
          name: 'sitebox_store_damaged_parts',
          type: 'gauge',
          labels: [],
          help: 'Tables, indexes and rows found damaged at the last check of the store',
          read: () => [[[], report?.damages.length ?? 0]],
        },
        {
          name: 'sitebox_store_checked_timestamp_seconds',
          type: 'gauge',
          labels: [],
          help: 'When the store was checked last',
          read: () => [[[], (checkedAt ?? 0) / 1000]],
        },
      ],
      health: () => ({
        integrity: {
          checked: isoOrNull(checkedAt),
          checking: running !== undefined,
          tookMs: report?.tookMs ?? null,
          damaged: report?.damages ?? [],
          audit: report?.audit ?? null,
        },
      }),
    },
  };
}

/** Losses of `report` that a person has accepted since: their alarm ends now, not with tomorrow's check. */
function openAccepted(db: Db, report: CheckReport | undefined): { look(): void; has(seq: number): boolean } {
  const audit = report?.audit;
  const open = audit?.ok ? (audit.restarts ?? []).filter((r) => !r.accepted) : [];
  let last = audit?.ok ? audit.rows : 0;
  const found = new Set<number>();
  return {
    look() {
      if (open.every((r) => found.has(r.seq))) return;
      const { upTo, accepted } = acceptedAfter(db, last);
      last = upTo;
      for (const seq of accepted) found.add(seq);
    },
    has: (seq) => found.has(seq),
  };
}

/**
 * One check in a process of its own: SQLite cannot interrupt its one pass, and a thread forced to end there aborts the box (decision 003).
 * Rejects where the process cannot start or ends without an answer.
 */
function ask(path: string, started: (child: ChildProcess) => void): Promise<CheckAnswer> {
  return new Promise((resolve, reject) => {
    // Flags of a test runner are not for this process.
    const child = fork(PROGRAM, [path], { execArgv: [] });
    // It does not hold up the end of the box.
    child.unref();
    child.channel?.unref();
    started(child);
    child.once('message', (answer) => resolve(answer as CheckAnswer));
    child.on('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(english('check-process-ended', { code: String(code ?? signal) }))),
    );
  });
}

/** Where a part cannot be frozen, SQLite itself refuses its rows one by one. */
function freezeAll(db: Db, damages: readonly DamageFinding[], log: Log): void {
  for (const { part } of damages) {
    if (!isTable(part)) continue;
    try {
      freezeTable(db, part);
    } catch (error) {
      log.error({ table: part, cause: causeOf(error) }, 'a damaged table could not be closed for writing');
    }
  }
}

/** One alarm for each damaged part, in words that stay the same while it lasts. */
function problemsOf(
  report: CheckReport | undefined,
  unchecked: string | undefined,
  isAccepted: (seq: number) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  if (unchecked !== undefined) problems.push(problem('store:check', 'store-check-failed', { cause: unchecked }));
  const parts = new Set(report?.damages.map((d) => d.part));
  for (const part of parts) {
    const damages = report!.damages.filter((d) => d.part === part);
    problems.push(problem(`store:${part}`, 'store-part-damaged', { damage: damageText(damages) }));
  }
  const audit = report?.audit;
  if (audit && !audit.ok && !parts.has('audit'))
    problems.push(problem('store:audit log', 'audit-log-altered', { row: audit.seq, why: audit.why }));
  const noticed = audit?.ok ? (audit.restarts ?? []).filter((r) => !r.accepted && !isAccepted(r.seq)) : [];
  for (const { seq, at, why } of noticed) {
    const noticedAt = iso(at);
    problems.push(problem(`store:loss ${seq}`, 'store-rows-lost', { at: noticedAt, why, row: seq }));
  }
  return problems;
}
