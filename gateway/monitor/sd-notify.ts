/** Tells systemd that the gateway is ready, alive or stopping: the protocol of sd_notify(3), spoken by the program `systemd-notify`. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { causeOf } from '../contracts/errors.ts';
import { timerMs } from '../contracts/timers.ts';
import type { Log } from '../contracts/base.ts';

const run = promisify(execFile);

/** `systemd-notify` itself waits at most 5 s for systemd to take the message. */
const SEND_DEADLINE_MS = 10_000;
const LONG_START_USEC = 900_000_000;

/**
 * `env` is the environment systemd started us with; without NOTIFY_SOCKET in it every call does nothing. No call rejects: a
 * message that cannot be sent is logged, and systemd acts on its absence.
 *
 * Node has no unix datagram sockets, so a child sends the message: the unit needs `NotifyAccess=all`. The child is run without
 * `--no-block` on purpose: it then stays alive until systemd has read the message, for systemd cannot tell which unit a
 * process belonged to that is gone already, and would drop the message.
 */
export function openNotify(env: NodeJS.ProcessEnv, log: Log) {
  const socket = env.NOTIFY_SOCKET;
  const send = async (...fields: string[]): Promise<void> => {
    if (!socket) return;
    const childEnv = { PATH: env.PATH, NOTIFY_SOCKET: socket };
    try {
      await run('systemd-notify', fields, { env: childEnv, timeout: SEND_DEADLINE_MS, killSignal: 'SIGKILL' });
    } catch (error) {
      const missing = (error as { code?: unknown }).code === 'ENOENT';
      const hint = missing ? 'the program systemd-notify is missing: install the package systemd' : 'is systemd busy?';
      log.warn({ error: causeOf(error), hint }, 'systemd was not told that the gateway is alive');
    }
  };
  return {
    /** Time between two pings, a third of what systemd waits for one; undefined when nobody waits. */
    watchdogMs: socket ? watchdogMs(env) : undefined,
    /** Start-up is complete. `status` is the line that `systemctl status` shows; a line break in it would end the field and begin another one. */
    ready: (status: string) => send('READY=1', `STATUS=${status.replaceAll('\n', ' ')}`),
    watchdog: () => send('WATCHDOG=1'),
    /** The start may take a quarter of an hour, and not the minute that the unit says. */
    longStart: () => send(`EXTEND_TIMEOUT_USEC=${LONG_START_USEC}`),
    stopping: () => send('STOPPING=1'),
  };
}

/** A third of WATCHDOG_USEC, if systemd means this very process: sd_watchdog_enabled(3). */
function watchdogMs(env: NodeJS.ProcessEnv): number | undefined {
  if (env.WATCHDOG_PID !== undefined && env.WATCHDOG_PID !== String(process.pid)) return undefined;
  const usec = Number(env.WATCHDOG_USEC);
  return Number.isFinite(usec) && usec > 0 ? usec / 3000 : undefined;
}

export type Notify = ReturnType<typeof openNotify>;

/** How far a part of the gateway has come. */
export interface Progress {
  /** Grows with each piece of work that ended, well or badly: a failed try is progress, a hanging one is not. */
  readonly done: number;
  /** The part has nothing to do, or pauses before its next try. */
  readonly idle: boolean;
}

/** By name of the part: store, pool, delivery. */
export type ProgressByPart = Readonly<Record<string, Progress>>;

/** The parts that have work and finished none of it since `before`. A part that `before` does not name has just begun. */
export function stalledParts(before: ProgressByPart, now: ProgressByPart): string[] {
  return Object.entries(now)
    .filter(([name, part]) => !part.idle && part.done === before[name]?.done)
    .map(([name]) => name);
}

/**
 * Pings systemd for as long as every part progresses, until `signal` aborts. Each look compares with the counters of the last
 * ping, so a part that got work just before a look holds back one ping and no more; three looks fit into systemd's patience.
 * When `read` throws (the store does not answer) there is no ping either. Resolves at once when nobody waits for pings.
 */
export async function feedWatchdog(
  notify: Pick<Notify, 'watchdog' | 'watchdogMs'>,
  read: () => ProgressByPart,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const everyMs = notify.watchdogMs;
  if (everyMs === undefined) return;
  let pinged: ProgressByPart = {};
  let held = false;
  while (!signal.aborted) {
    const { now, stalled } = look(read, pinged);
    if (stalled.length === 0) {
      pinged = now;
      await notify.watchdog();
    } else if (!held) log.warn({ stalled }, 'no progress: the watchdog is not fed until there is some');
    held = stalled.length > 0;
    await sleep(timerMs(everyMs), undefined, { signal }).catch(() => undefined);
  }
}

function look(read: () => ProgressByPart, pinged: ProgressByPart): { now: ProgressByPart; stalled: string[] } {
  try {
    const now = read();
    return { now, stalled: stalledParts(pinged, now) };
  } catch (error) {
    return { now: pinged, stalled: [causeOf(error)] };
  }
}
