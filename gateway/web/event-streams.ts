/**
 * Live updates for people's screens, as server-sent events. Each stream reads the changes in the store from where it is, so that nothing waits in memory
 * for a slow reader, a restart loses nothing, and what the command line changed beside the box is there too.
 */
import type { ServerResponse } from 'node:http';
import type { Instant } from '../contracts/base.ts';
import type { Problem } from '../contracts/status.ts';
import type { Session } from '../people/sessions.ts';
import { changesAfter, MAX_CHANGES, newestChange, placeOf, seqAt, type Change } from '../store/changes.ts';
import type { Db } from '../store/db.ts';
import {
  alarmEnded,
  alarmEvent,
  alarmsEvent,
  currentEvents,
  eventOf,
  linesOf,
  screenOf,
  waitingEvent,
  type StreamScreen,
  type StreamEvent,
} from './api/event-messages.ts';
import { startStream } from './sse.ts';

export const TURN_MS = 500;
/** Against proxies that end a connection on which nothing comes. */
const BEAT_TURNS = 15_000 / TURN_MS;
/** A reader that takes nothing for this long is disconnected; it connects again and gets what it missed. */
const SLOW_TURNS = 15_000 / TURN_MS;
export const MAX_STREAMS = 64;
/** Windows of one browser. */
export const MAX_STREAMS_PER_SESSION = 4;
/** In one turn of one stream; the rest goes in the next. */
const MAX_BATCHES = 10;

export interface EventRooms {
  readonly db: Db;
  readonly now: () => Instant;
  readonly problems: () => readonly Problem[];
}

export interface Follower {
  /** What the client saw last (`Last-Event-ID`). */
  readonly place: string | undefined;
  /** Undefined: it has ended. */
  readonly session: () => Session | undefined;
  readonly response: ServerResponse;
}

interface Stream extends Follower {
  readonly id: string;
  readonly screen: StreamScreen;
  /** Of the last change that was sent; undefined until the stream has begun. */
  seq: number | undefined;
  /** The same for the client. */
  sent: string;
  /** Alarms up to here come from the store; later ones from `problems`, which also knows those that a full disk keeps out of the store. */
  replaysTo: number;
  /** Keys of the alarms that were sent; undefined until the replay is over. */
  alarms: ReadonlySet<string> | undefined;
  isIdle: boolean;
  slowTurns: number;
  turns: number;
}

export class EventStreams {
  readonly #rooms: EventRooms;
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;
  #problems: readonly Problem[] = [];
  #turns = 0;

  constructor(rooms: EventRooms) {
    this.#rooms = rooms;
  }

  hasRoom(session: string): boolean {
    const own = [...this.#streams].filter(({ id }) => id === session);
    return this.#streams.size < MAX_STREAMS && own.length < MAX_STREAMS_PER_SESSION;
  }

  /** Sends to `response` until its session ends or the client leaves. */
  open(follower: Follower, session: Session): void {
    const { response } = follower;
    const stream: Stream = {
      ...follower,
      id: session.id,
      screen: screenOf(session),
      seq: undefined,
      sent: '',
      replaysTo: 0,
      alarms: undefined,
      isIdle: false,
      slowTurns: 0,
      turns: 0,
    };
    startStream(response);
    this.#streams.add(stream);
    response.once('close', () => this.#leave(stream));
    this.#timer ??= setInterval(() => this.#turn(), TURN_MS);
    this.#problems = this.#rooms.problems();
    this.#serve(stream);
  }

  #leave(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #turn(): void {
    // Asked for once a second, like everywhere.
    if (this.#turns++ % 2 === 0) this.#problems = this.#rooms.problems();
    for (const stream of this.#streams) this.#serve(stream);
  }

  #serve(stream: Stream): void {
    const { response } = stream;
    const session = stream.session();
    if (!session) return void response.end();
    if (response.writableNeedDrain) {
      stream.slowTurns++;
      if (stream.slowTurns >= SLOW_TURNS) response.destroy();
      return;
    }
    stream.slowTurns = 0;
    if (stream.turns++ % BEAT_TURNS === BEAT_TURNS - 1) response.write(`: alive\n${stream.sent}\n`);
    // Nothing is shown until the PIN or the password was typed.
    if (session.isIdle && !stream.isIdle) response.write('event: session-idle\ndata: {}\n\n');
    stream.isIdle = session.isIdle;
    if (session.isIdle) return;
    try {
      if (stream.seq === undefined) this.#begin(stream);
      else this.#sendChanges(stream, stream.seq);
    } catch {
      // The store's own status says what is wrong with it; alarms come from memory.
      stream.replaysTo = 0;
    }
    this.#sendAlarms(stream);
  }

  /** Goes on where the client was, or sends what is open now. */
  #begin(stream: Stream): void {
    const { db, now } = this.#rooms;
    const { place, response, screen } = stream;
    // Looked up first: what changes meanwhile is sent twice, never not at all.
    const newest = newestChange(db);
    stream.replaysTo = newest?.seq ?? 0;
    const seq = place === undefined ? undefined : seqAt(db, place);
    if (seq !== undefined) {
      stream.seq = seq;
      return this.#sendChanges(stream, seq);
    }
    const current = currentEvents(db, screen, now());
    if (place !== undefined) response.write('event: resync\ndata: {}\n\n');
    for (const event of current) this.#send(stream, event);
    stream.seq = stream.replaysTo;
    if (newest) this.#moveTo(stream, newest);
  }

  #sendChanges(stream: Stream, from: number): void {
    let seq = from;
    for (let batch = 0; batch < MAX_BATCHES && !stream.response.writableNeedDrain; batch++) {
      const changes = changesAfter(this.#rooms.db, seq);
      const newest = changes.at(-1);
      if (!newest) return;
      this.#sendBatch(stream, changes);
      this.#moveTo(stream, newest);
      seq = newest.seq;
      if (changes.length < MAX_CHANGES) return;
    }
  }

  #sendBatch(stream: Stream, changes: readonly Change[]): void {
    const { db } = this.#rooms;
    const last = new Map(changes.map((change) => [`${change.kind} ${change.about}`, change]));
    for (const change of changes) {
      if (last.get(`${change.kind} ${change.about}`) !== change) continue;
      if (change.kind === 'alarm' && change.seq > stream.replaysTo) continue;
      const event = eventOf(db, change);
      if (event) this.#send(stream, event, change);
    }
    if (stream.screen === 'duty' && changes.some(({ kind }) => kind === 'hit')) this.#send(stream, waitingEvent(db));
  }

  #sendAlarms(stream: Stream): void {
    const { alarms: known, seq } = stream;
    const problems = this.#problems;
    if (!known) {
      // Behind the replay, which may say the end of an alarm that was raised again.
      if (seq !== undefined && seq < stream.replaysTo) return;
      this.#send(stream, alarmsEvent(problems));
    } else {
      const now = new Set(problems.map(({ key }) => key));
      for (const problem of problems) if (!known.has(problem.key)) this.#send(stream, alarmEvent(problem));
      for (const key of known) if (!now.has(key)) this.#send(stream, alarmEnded(key));
    }
    stream.alarms = new Set(problems.map(({ key }) => key));
  }

  #send({ response, screen }: Stream, event: StreamEvent, change?: Change): void {
    const lines = linesOf(screen, event);
    if (lines !== undefined) response.write(`${change ? `id: ${placeOf(change)}\n` : ''}${lines}\n`);
  }

  /** A client keeps the id of a message without data too, which says that it has all before. */
  #moveTo(stream: Stream, change: Change): void {
    stream.seq = change.seq;
    stream.sent = `id: ${placeOf(change)}\n`;
    stream.response.write(`${stream.sent}\n`);
  }
}
