/** Delivery: the loop that takes due rows of one relay out of the outbox, sends them, and believes nothing but an acknowledgement. */
import { asError } from '../contracts/errors.ts';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../contracts/base.ts';
import type { Relay } from '../contracts/relay.ts';
import type { Db } from '../store/db.ts';
import { isRefusal } from '../store/connection/health.ts';
import { openQueue, type DeliveryOutcome, type Queue, type QueuedRow } from '../store/outbox/queue.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { OutcomeBuffer } from './outcome-buffer.ts';
import { PriorityBreakers, type Share } from './priority-breakers.ts';
import { RowSender } from './row-sender.ts';
import { WakeSignal } from './wake-signal.ts';
import { SendWindow } from './window.ts';

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
  readonly maxPauseMs?: number;
  /** How often the loop looks without being woken: the end of a row's waiting time wakes nothing. */
  readonly lookEveryMs?: number;
}

export type DeliveryState = Readonly<ReturnType<Delivery['state']>>;

const WINDOW = { min: 4, max: 64 };
/** Of more, all are forgotten, and tried in order again. */
const MAX_FAILED_STREAMS = 1_000;
const DEADLINE_MS = 15_000;
const MIN_BYTES_PER_MS = 4;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
const LOOK_EVERY_MS = 500;
/** A wall clock that moved this much against the monotonic one was stepped. */
const STEP_MS = 1_000;

/** A row that fails waits alone (1 s, doubling to 60 s, ±20 %); `circuit-breaker.ts` judges the relay as a whole. Retries never end. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #breaker: CircuitBreaker;
  readonly #priorities: PriorityBreakers;
  readonly #queue: Queue;
  readonly #window: SendWindow;
  readonly #sender: RowSender;
  readonly #outcomes: OutcomeBuffer;
  readonly #signal = new WakeSignal();
  /** Rows that were sent and whose outcome is not on disk yet. */
  readonly #underWay = new Map<number, QueuedRow>();
  /** Streams that failed since anything was stored: others go first, so that a bad row which is always due does not hold them up. */
  readonly #recentlyFailedStreams = new Set<string>();
  /** What went wrong beside the loop ends it, so that its supervisor learns of it. */
  #fault: Error | undefined;
  #turns = 0;
  #clockOffset: number;
  #liveFrom = 0;
  /** Waiting times are being forgotten, some in each turn. */
  #releasing = false;

  constructor(options: DeliveryOptions) {
    const { db, relayName, relay, log, clock } = options;
    const mono = (): number => clock.mono();
    const pauses = {
      firstMs: options.firstPauseMs ?? FIRST_PAUSE_MS,
      maxMs: options.maxPauseMs ?? MAX_PAUSE_MS,
      mono,
      random: Math.random,
    };
    this.#options = options;
    this.#breaker = new CircuitBreaker(pauses);
    this.#priorities = new PriorityBreakers(pauses);
    this.#queue = openQueue(db, relayName, options.source);
    this.#window = new SendWindow({ ...(options.window ?? WINDOW), mono });
    const judges = { breaker: this.#breaker, priorities: this.#priorities };
    this.#sender = new RowSender({ relayName, relay, log, clock, ...judges });
    const written = (seq: number): void => void this.#underWay.delete(seq);
    this.#outcomes = new OutcomeBuffer({ queue: this.#queue, relayName, log, mono, written });
    this.#clockOffset = clock.now() - clock.mono();
  }

  /** A row was committed: look at once. */
  wake(): void {
    this.#signal.notify();
  }

  state() {
    const { error, ...count } = this.#sender.state();
    return {
      ...count,
      /** Grows while the loop is alive, whether or not the store takes its results or the other side answers. For the watchdog. */
      turns: this.#turns,
      /** Sends that may be under way at one time now. */
      window: this.#window.size(),
      /** Events that something on the way answers in place of the command room, again and again, and what came last. */
      turnedAway: this.#priorities.state((seq) => this.#queue.waits(seq)),
      /** What went wrong last, until something is stored again. */
      error: this.#outcomes.error() ?? error,
    };
  }

  /**
   * Runs until `signal` aborts; what was under way then stays in the outbox. Rejects if the store cannot be read, or at a fault of our own, and
   * can be run again.
   */
  async run(signal: AbortSignal): Promise<void> {
    this.#fault = undefined;
    this.#release();
    this.#liveFrom = this.#queue.newest();
    const stop = (): void => this.wake();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#loop(signal);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#fault) throw this.#fault;
      // Of a store that refuses, what can be read is sent on all the same, once: its outcome is remembered.
      this.#outcomes.write();
      this.#turns++;
      if (this.#outcomes.hasRoom()) this.#launch(signal);
      // A store that refuses is tried at its own pace, not as fast as outcomes come in.
      const refused = this.#outcomes.error() !== undefined;
      const lookInMs = this.#options.lookEveryMs ?? LOOK_EVERY_MS;
      await this.#signal.wait(refused ? lookInMs : Math.min(lookInMs, this.#outcomes.dueInMs() ?? lookInMs), !refused);
      // Outcomes that come in together are looked at together.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#outcomes.flush();
  }

  /** Sends what may be sent now. */
  #launch(signal: AbortSignal): void {
    this.#followClock();
    if (this.#breaker.takePauseBegan()) {
      this.#liveFrom = this.#queue.newest();
      this.#window.restart();
    }
    if (this.#priorities.takePauseBegan()) this.#liveFrom = this.#queue.newest();
    const { rows, onlyLive } = this.#allowance();
    const sent = (priority: number) => [...this.#underWay.values()].filter((row) => row.priority === priority).length;
    for (const share of this.#priorities.shares(rows, onlyLive, sent)) this.#launchShare(share, signal);
  }

  #launchShare(share: Share, signal: AbortSignal): void {
    const before = this.#window.underWay();
    const room = (): number => Math.min(share.rows - (this.#window.underWay() - before), this.#allowance().rows);
    let tooLarge = 0;
    for (const row of this.#due({ ...share, rows: room() })) {
      if (this.#window.fits(row.pictureBytes)) this.#start(row, signal);
      else tooLarge++;
    }
    // Pictures that the line has no place for now hold up nothing that has none.
    if (tooLarge > 0) for (const row of this.#due({ ...share, rows: room() }, true)) this.#start(row, signal);
  }

  #allowance() {
    return this.#breaker.allowance(this.#window.underWay(), this.#window.places());
  }

  #due({ rows, ...share }: Share, plain = false): QueuedRow[] {
    if (rows <= 0) return [];
    const query = { ...share, now: this.#options.clock.now(), liveFrom: this.#liveFrom, limit: rows, plain };
    const busy = [...this.#underWay.values()].map((row) => row.stream);
    const failed = this.#recentlyFailedStreams;
    const others = this.#queue.due({ ...query, busyStreams: [...busy, ...failed] });
    if (others.length > 0 || failed.size === 0 || plain) return others;
    failed.clear();
    return this.#queue.due({ ...query, busyStreams: busy });
  }

  #start(row: QueuedRow, signal: AbortSignal): void {
    this.#underWay.set(row.seq, row);
    this.#breaker.tried();
    this.#priorities.tried(row);
    const send = this.#window.begin(row.pictureBytes);
    // A modem keeps what it was given in a row: what goes later waits for the pictures before it.
    const deadlineMs = this.#options.deadlineMs ?? DEADLINE_MS;
    const limitMs = Math.round(deadlineMs + this.#window.bytesUnderWay() / MIN_BYTES_PER_MS);
    this.#sender
      .send(row, { ...send, limitMs }, signal)
      .then((outcome) => outcome && this.#settle(row, outcome))
      .finally(() => this.wake())
      .catch((error: unknown) => {
        this.#underWay.delete(row.seq);
        this.#fault ??= asError(error);
      });
  }

  #settle({ stream }: QueuedRow, outcome: DeliveryOutcome): void {
    this.#outcomes.add(outcome);
    const failed = this.#recentlyFailedStreams;
    if (outcome.kind !== 'retry' || failed.size >= MAX_FAILED_STREAMS) failed.clear();
    else failed.add(stream);
  }

  /** Waiting times are wall times: after a step of the wall clock they mean nothing. */
  #followClock(): void {
    const { clock } = this.#options;
    const offset = clock.now() - clock.mono();
    if (this.#releasing || Math.abs(offset - this.#clockOffset) > STEP_MS) this.#release();
    this.#clockOffset = offset;
  }

  /** A store that refuses does it at a later turn: rows that are due go meanwhile. */
  #release(): void {
    try {
      this.#releasing = this.#queue.release();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#releasing = true;
    }
  }
}
