/**
 * Alerts the crew to hits, by role and distance: while a hit is unreviewed, where one person has confirmed it and the policy asks for no more,
 * and when it is confirmed. Who was alerted is on disk before anything is sent, so that the end of an alert finds everyone.
 */
import { newId } from '../clock/clock.ts';
import type { Id, Log } from '../contracts/base.ts';
import type { AlertStage, CrewDevice } from '../contracts/crew.ts';
import { kindOf } from '../contracts/errors.ts';
import type { Hit } from '../contracts/hit.ts';
import type { Problem } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { markAlertsDelivered, markAlertsSent, pendingAlerts, recordAlert } from '../store/alerts.ts';
import { getHit } from '../store/hits.ts';
import { alertMessage, isRecipient, type AlertRules } from './alert-message.ts';
import type { DeviceConnections } from './device-connections.ts';
import { InFlight } from './in-flight.ts';
import type { Modes } from './modes.ts';
import type { Positions } from './positions.ts';
import type { Registry } from './registry.ts';
import type { CrewRooms } from './rooms.ts';

interface AlertParts extends Pick<CrewRooms, 'db' | 'clock'> {
  readonly log: Log;
  readonly registry: Pick<Registry, 'all'>;
  readonly positions: Pick<Positions, 'all'>;
  readonly modes: Pick<Modes, 'unconfirmed'>;
  readonly connections: Pick<DeviceConnections, 'send' | 'equipmentOf'>;
  readonly rules: AlertRules;
}

interface UnrecordedAlert {
  readonly hit: Hit;
  readonly stage: AlertStage;
  readonly mono: number;
}

/** For a device that connects later the vehicle is gone, and the command room gives orders. */
const WAITS_MS = 600_000;
/** For one device. The oldest give way. */
const MAX_WAITING = 8;
/** Alerts that wait for the store; the oldest give way. */
const MAX_UNRECORDED = 64;

export class Alerts {
  readonly #parts: AlertParts;
  readonly #inFlight = new InFlight();
  #unrecorded: readonly UnrecordedAlert[] = [];

  constructor(parts: AlertParts) {
    this.#parts = parts;
  }

  /**
   * Alerts the devices that a hit concerns. None where they were alerted in this stage before, where the camera sent its read late, or where the
   * hit is unreviewed and of none of the categories that the mode names. What the store refuses is tried again for ten minutes.
   */
  alert(hit: Hit, stage: AlertStage): void {
    // The vehicle is long gone: an alert would send officers to stop another one. What is to be done, the room orders.
    if ('late' in hit && hit.late) return;
    if (stage === 'unreviewed' && !this.#parts.modes.unconfirmed().includes(hit.category)) return;
    this.#attempt({ hit, stage, mono: this.#parts.clock.mono() });
  }

  /** Called each second. Throws what the store throws. */
  turn(): void {
    const waiting = this.#unrecorded;
    this.#unrecorded = [];
    for (const alert of waiting) if (this.#parts.clock.mono() - alert.mono < WAITS_MS) this.#attempt(alert);
    this.#inFlight.writeReceipts((receipts) => markAlertsDelivered(this.#parts.db, receipts));
  }

  /** What a device that has connected missed in the last ten minutes, newest first. Throws what the store throws. */
  sendTo(device: CrewDevice): void {
    const { db, clock } = this.#parts;
    const pending = pendingAlerts(db, device.id, clock.now() - WAITS_MS, MAX_WAITING);
    const waiting = pending.filter(({ id }) => !this.#inFlight.has(device.id, id));
    if (waiting.length === 0) return;
    markAlertsSent(
      db,
      device.id,
      waiting.map(({ hit }) => hit),
      clock.now(),
    );
    for (const { id, hit, stage } of waiting) {
      const stored = getHit(db, hit);
      if (stored) this.#send(device, id, stored, stage);
    }
  }

  acknowledged(device: string, message: Id): void {
    this.#inFlight.acknowledged(device, message, this.#parts.clock.now());
  }

  /** The connection of the device has ended, or another one has begun: what was in flight over it is sent again. */
  connectionChanged(device: string): void {
    this.#inFlight.connectionChanged(device);
  }

  problems(): Problem[] {
    const alerts = this.#unrecorded.length;
    return alerts === 0 ? [] : [problem('crew:alerts', 'alerts-unrecorded', { alerts })];
  }

  #attempt(alert: UnrecordedAlert): void {
    try {
      this.#recordAndSend(alert);
    } catch (error) {
      const { log } = this.#parts;
      if (this.#unrecorded.length === 0)
        log.error(
          { hit: alert.hit.id, cause: kindOf(error) },
          'the store refuses an alert: the crew is not alerted yet',
        );
      this.#unrecorded = [...this.#unrecorded, alert].slice(-MAX_UNRECORDED);
    }
  }

  #recordAndSend({ hit, stage }: UnrecordedAlert): void {
    const { db, clock, registry, positions, connections, rules } = this.#parts;
    const now = clock.now();
    const states = new Map(positions.all().map((state) => [state.device, state]));
    const recipients = registry.all().filter((device) => isRecipient(device, states.get(device.id), rules, now));
    if (recipients.length === 0) return;
    const id = newId(now);
    const devices = recipients.map((d) => ({ device: d.id, connected: connections.equipmentOf(d.id) !== undefined }));
    if (!recordAlert(db, { hit: hit.id, id, stage, at: now }, devices)) return;
    for (const device of recipients) this.#send(device, id, hit, stage);
  }

  #send(device: CrewDevice, id: Id, hit: Hit, stage: AlertStage): void {
    const { connections, rules } = this.#parts;
    if (connections.send(device, alertMessage(id, hit, stage, rules.place))) this.#inFlight.sent(device.id, id, hit.id);
  }
}
