/**
 * Ends alerts (解除预警): each device that may have shown one hears its end, as durably as an order. It is sent once over a connection, and again
 * over the next one until the device has it; devices that have not got it are named, so that a person calls them by radio.
 */
import type { Id, Log } from '../contracts/base.ts';
import type { AlertEnd, CrewDevice } from '../contracts/crew.ts';
import { single, type Problem, type Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { type Words } from '../contracts/words/area.ts';
import { joined, words } from '../contracts/words/words.ts';
import { unlessDamaged } from '../store/db.ts';
import {
  endAlert,
  forgetAlerts,
  markTold,
  reportEnds,
  untoldEnds,
  untoldEndsOf,
  type UntoldEnd,
} from '../store/alerts.ts';
import { getHit } from '../store/hits.ts';
import { endMessage } from './alert-message.ts';
import type { DeviceConnections } from './device-connections.ts';
import { InFlight } from './in-flight.ts';
import type { Registry } from './registry.ts';
import type { CrewRooms } from './rooms.ts';
import { runAll } from './run-all.ts';

interface StandDownParts extends CrewRooms {
  readonly log: Log;
  readonly registry: Pick<Registry, 'device'>;
  readonly connections: Pick<DeviceConnections, 'send' | 'equipmentOf'>;
}

/** A connected device acknowledges in far less. */
const MAX_UNTOLD_MS = 5_000;
/** Of one device over one connection; the others follow when it has acknowledged these. */
const MAX_SENT = 50;
/** Read each second. */
const MAX_READ = 1_000;
/** In one alarm, and alarms at one time. */
const MAX_NAMED = 20;
/** Devices served in one go; the event loop is free between two. */
const BATCH = 50;
const FORGET_EVERY_MS = 60_000;

export class StandDown {
  readonly #parts: StandDownParts;
  readonly #inFlight = new InFlight();
  #untold: readonly UntoldEnd[] = [];
  #forgotAt = -Infinity;

  constructor(parts: StandDownParts) {
    this.#parts = parts;
    this.#untold = unlessDamaged(() => untoldEnds(parts.db, MAX_READ), []);
  }

  /** Ends the alert of a hit; the second time it does nothing. Throws what the store throws: then nothing has ended. */
  end(hit: Id, why: AlertEnd): void {
    const { db, outbox, log } = this.#parts;
    const devices = endAlert(db, hit, why, outbox);
    if (devices.length === 0) return;
    log.info({ hit, why, devices: devices.length }, 'alert ended');
    this.#untold = untoldEnds(db, MAX_READ);
    this.#sendInBatches(devices);
  }

  /** Throws what the store throws; what was not sent waits there. */
  sendTo(device: CrewDevice): void {
    const { db, connections } = this.#parts;
    for (const { id, hit, ended } of untoldEndsOf(db, device.id, MAX_SENT + this.#inFlight.count(device.id))) {
      if (this.#inFlight.has(device.id, id)) continue;
      if (connections.send(device, endMessage(id, hit, ended, getHit(db, hit))))
        this.#inFlight.sent(device.id, id, hit);
    }
  }

  /** Called each second: sends what could not be sent before, and reports who has heard. Throws what the store throws. */
  turn(): void {
    const { db, outbox, clock } = this.#parts;
    runAll([
      () => this.#inFlight.writeReceipts((receipts) => markTold(db, receipts)),
      () => {
        this.#untold = untoldEnds(db, MAX_READ);
        this.#sendInBatches([...new Set(this.#untold.map(({ device }) => device))]);
      },
      () => reportEnds(db, outbox),
      () => {
        if (clock.mono() - this.#forgotAt < FORGET_EVERY_MS) return;
        this.#forgotAt = clock.mono();
        forgetAlerts(db, clock.now());
      },
    ]);
  }

  acknowledged(device: string, message: Id): void {
    this.#inFlight.acknowledged(device, message, this.#parts.clock.now());
  }

  /** The connection of the device has ended, or another one has begun: what was in flight over it is sent again. */
  connectionChanged(device: string): void {
    this.#inFlight.connectionChanged(device);
  }

  readonly status: Status = {
    problems: () => [...this.#overdue()].slice(0, MAX_NAMED).map(([hit, devices]) => untoldProblem(hit, devices)),
    readings: () => [
      single(
        'sitebox_crew_stand_downs_untold',
        'gauge',
        'Ends of alerts that devices have not got and no one has told by radio',
        () => this.#waiting().length,
      ),
    ],
  };

  /** Those that no person has told by radio either. */
  #waiting(): readonly UntoldEnd[] {
    return this.#untold.filter((end) => end.radio === undefined && !this.#inFlight.isAcknowledged(end.device, end.id));
  }

  /** By hit, the devices that have not heard its end for too long. */
  #overdue(): ReadonlyMap<Id, readonly string[]> {
    const now = this.#parts.clock.now();
    // Where the clock was set back, how long it waits is not known: it is named.
    const overdue = this.#waiting().filter(({ ended }) => Math.abs(now - ended) >= MAX_UNTOLD_MS);
    return new Map(
      [...Map.groupBy(overdue, ({ hit }) => hit)].map(([hit, ends]) => [hit, ends.map(({ device }) => device)]),
    );
  }

  /** In batches: a thousand devices must not hold up everything else. */
  #sendInBatches(devices: readonly string[]): void {
    const { registry, connections } = this.#parts;
    try {
      for (const id of devices.slice(0, BATCH)) {
        const device = registry.device(id);
        if (device && connections.equipmentOf(id)) this.sendTo(device);
      }
    } catch {
      // The store cannot be read now: the next turn sends.
      return;
    }
    if (devices.length > BATCH) setImmediate(() => this.#sendInBatches(devices.slice(BATCH)));
  }
}

function untoldProblem(hit: Id, devices: readonly string[]): Problem {
  return problem(`stand-down:${hit}`, 'stand-down-untold', { hit, devices: named(devices) });
}

function named(devices: readonly string[]): Words {
  const some = joined(devices.slice(0, MAX_NAMED));
  return devices.length > MAX_NAMED ? words('and-more', { some, more: devices.length - MAX_NAMED }) : some;
}
