/** Delivery: the loop that takes due rows of one relay out of the outbox, sends them, and believes nothing but an acknowledgement. */
import type { Clock } from '../clock/clock.ts';
import type { Line } from './circuit-breaker.ts';
import { openLine } from './circuit-breaker.ts';
import { isDamage, type Db } from '../store/db.ts';
import type { Outcome, QueuedRow } from '../store/outbox/queue.ts';
import { openQueue } from '../store/outbox/queue.ts';
import { Busy, causeOf, Rejected, TurnedAway } from '../contracts/errors.ts';
import type { Log } from '../contracts/base.ts';
import type { Envelope, Relay } from '../contracts/relay.ts';
import { isRefusal } from '../store/connection/health.ts';
import { openBell } from './bell.ts';
import { sendWithin } from './deadline.ts';
import { openLedger } from './ledger.ts';
import { openSore, type Share, type Sore } from './sore.ts';
import { openWindow, type SendUnderWay } from './window.ts';

export interface DeliveryOptions {
  readonly db: Db;
  readonly relayName: string;
  readonly relay: Relay;
  /** `/sites/SITE/boxes/BOX`. */
  readonly source: string;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now' | 'mono'>;
  /** Sends under way at one time, never two of one stream; the window between follows the line (`upstream/window.ts`). */
  readonly window?: { readonly min: number; readonly max: number };
  /** For an event on an idle line; pictures that are under way add the time that a line of 32 kbit/s needs. */
  readonly deadlineMs?: number;
  readonly firstPauseMs?: number;
  readonly mostPauseMs?: number;
  /** The loop looks this often by itself: rows whose waiting time is over announce themselves to nobody. */
  readonly lookEveryMs?: number;
  readonly random?: () => number;
}

export interface Delivery {
  /**
   * Runs until `signal` aborts; what was under way then stays in the outbox. Rejects if the store cannot be read, or at a fault of our own, and
   * can be run again.
   */
  run(signal: AbortSignal): Promise<void>;
  /** A row was committed: look at once. */
  wake(): void;
  state(): DeliveryState;
}

export interface DeliveryState {
  /** Grows while the loop is alive, whether or not the store takes its results or the other side answers. For the watchdog. */
  readonly turns: number;
  readonly stored: number;
  readonly rejected: number;
  readonly failed: number;
  /** What went wrong last, until something is stored again. */
  readonly error: string | undefined;
  /** Sends that may be under way at one time now. */
  readonly window: number;
  /** Events that something else than the command room answers, again and again, and what came last. */
  readonly turnedAway: { readonly rows: number; readonly why: string | undefined };
}

const WINDOW = { min: 4, max: 64 };
/** More are forgotten at once, and tried in order again. */
const MOST_UNLUCKY = 1_000;
const DEADLINE_MS = 15_000;
const SLOWEST_BYTES_PER_MS = 4;
const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 60_000;
const LOOK_EVERY_MS = 500;
/** What is turned away is tried again up to so many times later than what fails: every ten minutes. */
const SLOWLY = 10;
/** A wall clock that moved this much against the monotonic one was stepped. */
const STEP_MS = 1_000;

/** A row that fails waits by itself (1 s, doubling to 60 s, ±20 %); the relay as a whole is judged by `circuit-breaker.ts`. Retries never end. */
export function openDelivery(options: DeliveryOptions): Delivery {
  const { db, relayName, clock } = options;
  const pauses = {
    firstMs: options.firstPauseMs ?? FIRST_PAUSE_MS,
    mostMs: options.mostPauseMs ?? MOST_PAUSE_MS,
    mono: () => clock.mono(),
    random: options.random ?? Math.random,
  };
  const line = openLine(pauses);
  const sore = openSore(pauses);
  const queue = openQueue(db, relayName, options.source);
  const window = openWindow({ ...(options.window ?? WINDOW), mono: () => clock.mono() });
  /** Rows that were sent and whose outcome is not on disk yet. */
  const underWay = new Map<number, QueuedRow>();
  const bell = openBell();
  const results = openResults(options, line, sore);
  const ledger = openLedger({
    ...{ queue, relayName, log: options.log, mono: () => clock.mono() },
    written: (seq) => void underWay.delete(seq),
  });
  let turns = 0;
  /** What went wrong beside the loop ends it, so that whoever runs it hears of it. */
  const faults: Error[] = [];
  let offset = clock.now() - clock.mono();
  let liveFrom = 0;
  /** Waiting times are being forgotten, some in each turn. */
  let releasing = false;

  /** Streams that failed since anything was stored: others go first, so that a bad row which is always due does not hold them up. */
  const unlucky = new Set<string>();
  const due = ({ rows, ...share }: Share, plain = false): QueuedRow[] => {
    if (rows <= 0) return [];
    const wanted = { ...share, now: clock.now(), liveFrom, limit: rows, plain };
    const busy = [...underWay.values()].map((row) => row.stream);
    const others = queue.due({ ...wanted, busyStreams: [...busy, ...unlucky] });
    if (others.length > 0 || unlucky.size === 0 || plain) return others;
    unlucky.clear();
    return queue.due({ ...wanted, busyStreams: busy });
  };
  const learn = (stream: string, outcome: Outcome): void => {
    if (outcome.kind !== 'kept' || unlucky.size >= MOST_UNLUCKY) unlucky.clear();
    else unlucky.add(stream);
  };

  /** A store that refuses does it at a later turn: rows that are due go meanwhile. */
  const release = (): void => {
    try {
      releasing = queue.release();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      releasing = true;
    }
  };

  const start = (row: QueuedRow, signal: AbortSignal): void => {
    underWay.set(row.seq, row);
    line.tried();
    sore.tried(row);
    const send = window.begin(row.pictureBytes);
    // A modem keeps what it was given in a row: what goes later waits for the pictures before it.
    const limitMs = Math.round((options.deadlineMs ?? DEADLINE_MS) + window.bytesUnderWay() / SLOWEST_BYTES_PER_MS);
    results
      .of(row, { ...send, limitMs }, signal)
      .then((outcome) => {
        if (outcome) {
          ledger.note(outcome);
          learn(row.stream, outcome);
        }
      })
      .finally(() => bell.ring())
      .catch((error: unknown) => {
        underWay.delete(row.seq);
        faults.push(error instanceof Error ? error : new Error(String(error)));
      });
  };

  const launch = (signal: AbortSignal): void => {
    const drift = clock.now() - clock.mono();
    if (releasing || Math.abs(drift - offset) > STEP_MS) release();
    offset = drift;
    if (line.takeMark()) {
      liveFrom = queue.newest();
      window.restart();
    }
    if (sore.takeMark()) liveFrom = queue.newest();
    const { rows, onlyLive } = line.allowance(window.underWay(), window.places());
    const sent = (priority: number) => [...underWay.values()].filter((row) => row.priority === priority).length;
    for (const share of sore.shares(rows, onlyLive, sent)) {
      const before = window.underWay();
      const room = (): number =>
        Math.min(share.rows - (window.underWay() - before), line.allowance(window.underWay(), window.places()).rows);
      let tooLarge = 0;
      for (const row of due({ ...share, rows: room() })) {
        if (window.fits(row.pictureBytes)) start(row, signal);
        else tooLarge++;
      }
      // Pictures that the line has no place for now hold up nothing that has none.
      if (tooLarge > 0) for (const row of due({ ...share, rows: room() }, true)) start(row, signal);
    }
  };

  const loop = async (signal: AbortSignal): Promise<void> => {
    faults.length = 0;
    while (!signal.aborted) {
      if (faults[0]) throw faults[0];
      // Of a store that refuses, what can be read is sent on all the same, once: what became of it is remembered.
      ledger.write();
      turns++;
      if (ledger.hasRoom()) launch(signal);
      // A store that refuses is asked at its own pace, not as fast as results come in.
      const refused = ledger.error() !== undefined;
      const lookInMs = options.lookEveryMs ?? LOOK_EVERY_MS;
      await bell.wait(refused ? lookInMs : Math.min(lookInMs, ledger.dueInMs() ?? lookInMs), !refused);
      // Results that come in together are looked at together.
      await new Promise((resolve) => setImmediate(resolve));
    }
    ledger.flush();
  };

  return {
    wake: () => bell.ring(),
    state: () => ({
      ...{ ...results.state(), turns, window: window.size(), turnedAway: sore.state((seq) => queue.waits(seq)) },
      error: ledger.error() ?? results.state().error,
    }),
    async run(signal) {
      release();
      liveFrom = queue.newest();
      const stop = (): void => bell.ring();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await loop(signal);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

interface Results {
  /** Sends one row; never rejects. Nothing came of it (undefined) when `signal` aborted meanwhile. */
  of(
    row: QueuedRow,
    send: SendUnderWay & { readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<Outcome | undefined>;
  state(): Pick<DeliveryState, 'stored' | 'rejected' | 'failed' | 'error'>;
}

/** Turns what a relay did into what becomes of the row, and says in the log when delivery stops and when it goes on. */
function openResults(options: DeliveryOptions, line: Line, sore: Sore): Results {
  const { relay, relayName, log, clock } = options;
  const count = { stored: 0, rejected: 0, failed: 0 };
  let error: string | undefined;
  const rejected = ({ seq, id }: QueuedRow, why: string, said: string): Outcome => {
    count.rejected++;
    log.error({ relay: relayName, event: id, why }, said);
    return { seq, kind: 'rejected', why };
  };
  /** `longer`: up to so many times the longest pause. */
  const kept = ({ seq, tries }: QueuedRow, why: string, longer = 1): Outcome => {
    if (error === undefined) log.warn({ relay: relayName, why }, 'cannot deliver; events wait in the outbox');
    error = why;
    count.failed++;
    return { seq, kind: 'kept', why, dueMs: Math.round(clock.now() + line.pauseMs(tries + 1, longer)) };
  };
  return {
    state: () => ({ ...count, error }),
    async of(row, send, signal) {
      const { seq } = row;
      let envelope: Envelope;
      try {
        ({ envelope } = row);
      } catch (e) {
        send.end('given up');
        if (e instanceof Rejected || isDamage(e))
          return rejected(row, causeOf(e), 'an event in the outbox cannot be read any more; it is kept and shown');
        // A disk or a lock in the way says nothing of the row, nor of the line.
        return kept(row, `the event could not be read from the store: ${causeOf(e)}`);
      }
      try {
        await sendWithin(relay, envelope, send.limitMs, signal);
        send.end('answered');
        line.answered();
        sore.settled(row);
        count.stored++;
        if (error !== undefined) log.info({ relay: relayName }, 'delivering again');
        error = undefined;
        return { seq, kind: 'stored' };
      } catch (e) {
        if (signal.aborted) {
          send.end('given up');
          return undefined;
        }
        const why = causeOf(e);
        if (e instanceof Rejected) {
          send.end('answered');
          line.answered();
          sore.settled(row);
          return rejected(row, why, 'the command room refused an event; it is kept and shown');
        }
        const away = e instanceof TurnedAway;
        send.end(away ? 'answered' : 'failed');
        if (away) sore.turnedAway(row, why);
        if (away) line.answered();
        else line.failed(e instanceof Busy ? Math.max(e.afterMs, line.pauseMs(1)) : 0);
        return kept(row, why, away ? SLOWLY : 1);
      }
    },
  };
}
