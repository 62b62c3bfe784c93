/**
 * Where the crew is, for the command room: each device at most once in the interval, the newest wins. While the line is down, what waits is
 * thinned: of each device the newest of every five minutes stays, so that a long outage costs little and the way that was gone is still seen.
 */
import { iso } from '../contracts/time.ts';
import type { CrewDevice, Position } from '../contracts/crew.ts';
import { CREW_STREAM, OutboxFull } from '../store/outbox/outbox.ts';
import { isWord, membersOf } from '../store/shapes.ts';
import { reprioritizeStream, compactStream } from '../store/outbox/compact.ts';
import type { Instant, Json } from '../contracts/base.ts';
import { isStale, type DeviceState } from './positions.ts';
import type { CrewRooms } from './rooms.ts';

/** Windows are aligned to the hour, and of each device the newest of a window stays. */
const WINDOW_MS = 300_000;
/** Of one event, so that it stays below 64 KiB. */
const MAX_DEVICES = 100;
/** Turns are a second apart only nearly: without it an interval of ten seconds would often be one of eleven. */
const EARLY_MS = 100;

/** One device in a batch (docs/upstream.md, "Positions of the crew"). */
type DeviceEntry = { readonly device: string } & { readonly [key: string]: Json };

export type PositionFeed = ReturnType<typeof openPositionFeed>;

export function openPositionFeed({ db, outbox, clock, everyS }: CrewRooms & { readonly everyS: number }) {
  let last = -Infinity;
  let lastPriority: number | undefined;
  /** Where rows that wait are still to get another priority, and behind which row: a long stream is done in several turns. */
  let reprioritizing = new Map<string, number>();
  /** What each device was like when it was last written. */
  let lastSent = new Map<string, string>();

  const write = db.transaction((entries: readonly DeviceEntry[], time: Instant, priority: number) => {
    const fresh = new Set(entries.map((l) => l.device));
    const from = time - (time % WINDOW_MS);
    for (const relay of outbox.relays) {
      compactStream(db, { relay, stream: CREW_STREAM, from }, (data) =>
        isBatch(data) ? withoutDevices(data, fresh) : data,
      );
    }
    for (let i = 0; i < entries.length; i += MAX_DEVICES) {
      const data: Batch = { devices: entries.slice(i, i + MAX_DEVICES) };
      outbox.enqueue({ type: 'io.sitebox.crew.v1', subject: 'crew', time, data, stream: CREW_STREAM, priority });
    }
  });
  const reprioritize = (priority: number): void => {
    for (const [relay, after] of reprioritizing) {
      const next = reprioritizeStream(db, { relay, stream: CREW_STREAM }, { priority, after });
      if (next === undefined) reprioritizing.delete(relay);
      else reprioritizing.set(relay, next);
    }
  };
  return {
    /**
     * Called each second; does something once in the interval. `priority`: of what is sent, and of what waits. Throws what the store throws;
     * where the outbox is full of what may not give way, nothing is written, and the next turn has newer positions.
     */
    turn(devices: readonly CrewDevice[], states: readonly DeviceState[], priority: number) {
      if (priority !== lastPriority) reprioritizing = new Map(outbox.relays.map((relay) => [relay, -1]));
      lastPriority = priority;
      reprioritize(priority);
      if (clock.mono() - last < everyS * 1000 - EARLY_MS) return;
      const now = outbox.now();
      const registered = new Map(devices.map((d) => [d.id, d]));
      const summaries = new Map(states.map((k) => [k.device, `${k.at} ${k.online} ${isStale(k, now)}`]));
      const news = states.filter((k) => registered.has(k.device) && lastSent.get(k.device) !== summaries.get(k.device));
      try {
        if (news.length > 0)
          write.expendable(
            news.map((k) => entryOf(registered.get(k.device)!, k, now)),
            now,
            priority,
          );
        lastSent = summaries;
      } catch (error) {
        if (!(error instanceof OutboxFull)) throw error;
      }
      last = clock.mono();
    },
  };
}

type Batch = { readonly devices: readonly DeviceEntry[] };

/** A damaged batch is left as it is, for the repair of the store. */
function isBatch(data: Json): data is Batch {
  const { devices } = membersOf(data);
  return Array.isArray(devices) && devices.every((line) => isWord(membersOf(line)['device']));
}

/** A batch less the devices of which there is something newer; undefined where nothing is left. */
function withoutDevices(batch: Batch, newer: ReadonlySet<string>): Batch | undefined {
  const devices = batch.devices.filter((l) => !newer.has(l.device));
  if (devices.length === batch.devices.length) return batch;
  return devices.length > 0 ? { devices } : undefined;
}

function entryOf({ id, kind, role }: CrewDevice, states: DeviceState, now: Instant): DeviceEntry {
  const { at, position, positionAt, batteryPercent, recording, signalDbm, online } = states;
  return {
    device: id,
    kind,
    role,
    at: iso(at),
    ageS: Math.max(0, Math.round((now - (positionAt ?? at)) / 1000)),
    ...(position ? { position: placeOf(position) } : {}),
    ...(batteryPercent === undefined ? {} : { batteryPercent: Math.round(batteryPercent) }),
    ...(recording === undefined ? {} : { recording }),
    link: { online, ...(signalDbm === undefined ? {} : { signalDbm }) },
    stale: isStale(states, now),
  };
}

/** Six decimals of a degree are a tenth of a metre. */
function placeOf({ lat, lon, accuracyM, altitudeM, speedKmh, courseDeg, trusted }: Position): Json {
  const figures = Object.entries({ accuracyM, altitudeM, speedKmh, courseDeg });
  const movement = figures.flatMap(([name, n]) => (n === undefined ? [] : [[name, Number(n.toFixed(1))]]));
  return {
    lat: Number(lat.toFixed(6)),
    lon: Number(lon.toFixed(6)),
    ...(Object.fromEntries(movement) as Record<string, number>),
    trusted,
  };
}
