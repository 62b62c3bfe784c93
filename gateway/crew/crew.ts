/**
 * The crew of the box: joins equipment, registry, positions, calls for help, orders, alerts and mode by plain calls. What must not be lost
 * is on disk before these calls return; what is told to a device that is away waits, here or on disk, until it comes.
 */
import { causeOf } from '../contracts/errors.ts';
import type { Status } from '../contracts/status.ts';
import { newId, type Clock } from '../clock/clock.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { EquipmentHost, CrewMessage, CrewDevice, Equipment, SosReport } from '../contracts/crew.ts';
import type { SosFeed } from '../contracts/display.ts';
import type { EquipmentPart } from '../contracts/parts.ts';
import type { Db } from '../store/db.ts';
import type { OutboxWriter } from '../store/outbox/outbox.ts';
import type { Supervisor } from '../supervise.ts';
import type { Log } from '../contracts/base.ts';
import type { Hit } from '../contracts/hit.ts';
import type { InstructionHandlers } from '../contracts/instruction.ts';
import { openAlerts } from './alerts.ts';
import { openCalls } from './calls.ts';
import { openCredentialWatch } from './credential-watch.ts';
import { openDeviceFaults } from './device-faults.ts';
import { doEach } from './each.ts';
import { openDeviceHealth } from './device-health.ts';
import { openLinks } from './device-connections.ts';
import { openLoginWatch } from './logins.ts';
import { crewInstructions } from './instructions.ts';
import { openModes } from './modes.ts';
import { openOrders } from './orders.ts';
import { isStale, openPositions } from './positions.ts';
import { runEquipment } from './run.ts';
import { openRefusals } from './refusals.ts';
import { openRegistry } from './registry.ts';
import { openCrewRelay } from './position-feed.ts';
import { maySend } from './roles.ts';
import { openSosDesk } from './sos.ts';
import type { CrewView } from './view.ts';

export interface CrewParts {
  readonly db: Db;
  readonly outbox: OutboxWriter;
  readonly clock: Clock;
  readonly config: CrewConfig;
  readonly equipment: readonly EquipmentPart[];
  readonly log: Log;
}

export interface Crew {
  /** For the lane displays. */
  readonly sos: SosFeed;
  /** What a part of `crew.equipment` is run with. */
  hostFor(equipment: Equipment): EquipmentHost;
  run(supervisor: Supervisor, signal: AbortSignal): Promise<void>;
  /** What is done by the clock, once a second. Throws what the store throws; the next turn tries again. */
  turn(): void;
  /** What it does with instructions of the command room. */
  readonly instructions: InstructionHandlers;
  /** Two people have confirmed a hit. */
  confirmed(hit: Hit): void;
  /** A new hit that is on disk, unconfirmed. */
  hit(hit: Hit): void;
  view(): CrewView;
  readonly status: Status;
  /** Writes what is only in memory and shall outlive a restart. */
  close(): void;
}

/** Calls for help and withdrawals, the newest ones, that a device hears of when it comes. */
const MAX_CALLS = 50;
/** Of positions in the outbox: last. */
const USUAL_PRIORITY = 5;

export function openCrew({ db, outbox, clock, config, equipment, log }: CrewParts): Crew {
  const registry = openRegistry({ db, log });
  const modes = openModes({ db, outbox, clock, config });
  const positions = openPositions({ db, clock, keepTracksH: config.keepTracksH, intervalS: () => modes.reportS() });
  const sosDesk = openSosDesk({ db, outbox, clock });
  const orders = openOrders({ db, outbox, registry });
  const alerts = openAlerts({ clock, rules: config.alerts, place: config.place });
  const relay = openCrewRelay({ db, outbox, clock, everyS: config.relayIntervalS });
  const health = openDeviceHealth({ db, outbox, clock, batteryLowPercent: config.batteryLowPercent });
  const faults = openDeviceFaults(db, clock);
  const refusals = openRefusals(clock, log, { of: faults, isRegistered: (id) => registry.device(id) !== undefined });
  const logins = openLoginWatch({ clock, log, refusals, registry, store: db.health });
  const misuse = openCredentialWatch({ db, outbox, clock, log });
  const links = openLinks();
  const followers = new Set<() => void>();
  /** Orders given to each device that has not said it has them. Over this connection they are not given again. */
  const underWay = new Map<string, Set<string>>();
  let reports = 0;

  const sosChanged = (): void => doEach(followers);
  const tellOthers = (message: CrewMessage, but: string | undefined): void =>
    links.tellOthers(message, but, (id) => registry.device(id));
  const interval = (): CrewMessage => ({ kind: 'interval', id: newId(clock.now()), seconds: modes.reportS() });
  const giveOrders = (device: CrewDevice): void => {
    const given = underWay.get(device.id) ?? new Set();
    underWay.set(device.id, given);
    for (const order of orders.pending(device.id, given)) {
      if (!links.tell(device, order)) continue;
      given.add(order.id);
      orders.sent(device.id, order.id);
    }
  };
  /** A device has come: it hears what it missed. */
  const welcome = (device: CrewDevice): void => {
    giveOrders(device);
    const others = sosDesk.messages().filter((call) => call.device !== device.id);
    for (const { message } of others.slice(0, MAX_CALLS)) links.tell(device, message);
    for (const alert of alerts.waiting(device)) links.tell(device, alert);
    links.tell(device, interval());
  };
  const known = (id: string, what: 'report' | 'sos' | 'answer'): CrewDevice | undefined => {
    const device = registry.device(id);
    if (!device) refusals.add('unknown device', id);
    else if (!maySend(device.role, what)) refusals.add('not allowed', id);
    else return device;
    return undefined;
  };
  const calls = openCalls({
    db,
    clock,
    log,
    sosDesk,
    positions,
    tell: (device, message) => links.tell(device, message),
    tellOthers,
    refused: (why, device) => refusals.add(why, device),
    changed: sosChanged,
  });
  const called = (given: SosReport): void => {
    const device = known(given.device, 'sos');
    if (!device) throw new Error(`device ${given.device} may not call for help here`);
    calls.report(given, device);
  };
  const kept = <T>(commit: () => T, device: string): T => {
    try {
      return commit();
    } catch (error) {
      refusals.add('not stored', device);
      throw error;
    }
  };
  const alert = (hit: Hit, confirmed: boolean): void => {
    const told = alerts.hit(hit, confirmed, registry.all(), positions.all(), modes.unconfirmed());
    for (const { device, message } of told) links.tell(device, message);
  };
  const modeChanged = (): void => {
    if (modes.turn()) tellOthers(interval(), undefined);
  };
  const turn = (): void => {
    // What fails (a full disk, mostly) must not keep the rest from being done.
    doEach([
      // Equipment asks `device` for each message, and sweeps those away that it no longer knows.
      () => registry.refresh().forEach((id) => faults.forget(id)),
      () => faults.turn(),
      () => calls.turn(),
      () => {
        for (const id of orders.turn()) if (links.of(id)) giveTo(id);
      },
      modeChanged,
      () => positions.turn(),
      () => health.turn(registry.all(), positions.all()),
      () => misuse.turn(),
      () => relay.turn(registry.all(), positions.all(), modes.priority() ?? USUAL_PRIORITY),
    ]);
  };
  const giveTo = (id: string): void => {
    const device = registry.device(id);
    if (device) giveOrders(device);
  };
  /** Whoever calls for help is not sent, least of all to the place of the own call. */
  const candidates = () => {
    const calling = calls.calling();
    return positions.all().flatMap(({ device, position, ...of }) => {
      if (!position || calling.has(device)) return [];
      const fresh = position.trusted && !isStale({ device, position, ...of }, clock.now());
      return [{ device, lat: position.lat, lon: position.lon, fresh }];
    });
  };

  const instructions = crewInstructions({
    db,
    outbox,
    clock,
    orders,
    sosDesk,
    candidates,
    done: {
      ordered: giveTo,
      mode: modeChanged,
      sosChanged,
    },
  });

  const hostFor = (part: Equipment): EquipmentHost => ({
    device: (id) => registry.device(id),
    bySerial: (protocol, serial) => registry.bySerial(protocol, serial),
    login: (user, secret) => registry.login(user, secret),
    authCode: (id) => registry.authCode(id),
    report(report) {
      reports++;
      if (!known(report.device, 'report')) return;
      for (const odd of report.invalidFields ?? []) refusals.add('odd field', report.device, odd);
      faults.clock(report);
      positions.report(report);
      if (report.position) calls.follow(report.device);
    },
    sos: called,
    orderAnswer(answer) {
      if (!known(answer.device, 'answer')) return;
      const outcome = kept(() => orders.answered(answer), answer.device);
      if (outcome === 'unknown' || outcome === 'contradicts') refusals.add('not allowed', answer.device);
    },
    delivered(device, message) {
      alerts.given(device, message);
      // A call for help has a thousand receipts, and no order is among them: the store need not be asked.
      if (!underWay.get(device)?.has(message)) return;
      kept(() => orders.delivered(device, message), device);
      underWay.get(device)?.delete(message);
    },
    presence(id, online, goodbye) {
      const device = registry.device(id);
      positions.presence(id, online, goodbye);
      // Another connection, or none: what was on its way over the one before has to be given again.
      underWay.delete(id);
      if (!online) return links.down(id, part);
      // It was there already, and has room again: what it heard when it came is not told anew.
      const again = links.of(id) === part;
      links.up(id, part);
      if (!device) return;
      try {
        if (again) giveOrders(device);
        else welcome(device);
      } catch {
        // The store refuses: what was not given waits there, and is given at a later turn.
        refusals.add('not stored', id);
      }
    },
    sessionTakenOver(device, addresses) {
      refusals.add('taken over', device);
      misuse.add('two clients', device, addresses);
    },
    loginFailed(name, address, protocol) {
      const whose = registry.whose(name, protocol);
      if (whose) misuse.add(whose.isRevoked ? 'revoked device login' : 'wrong password', whose.id, [address]);
    },
    loginError: (error, name) => logins.notJudged(error, name),
    refused: (why, device, odd) => refusals.add(why, device, odd),
  });

  return {
    sos: {
      open: () => calls.shown(),
      subscribe(changed) {
        followers.add(changed);
        return () => void followers.delete(changed);
      },
    },
    hostFor,
    status: { ...misuse.status, problems: () => [...logins.problems(), ...misuse.status.problems!()] },
    async run(supervisor, signal) {
      await Promise.all(equipment.map((part) => runEquipment(part, hostFor(part.equipment), supervisor, signal)));
    },
    turn,
    instructions,
    confirmed: (hit) => alert(hit, true),
    hit: (hit) => alert(hit, false),
    view() {
      const { mode, until } = modes.current();
      const all = positions.all();
      return {
        devices: {
          registered: registry.all().length,
          online: links.devices().length,
          stale: all.filter((k) => isStale(k, clock.now())).length,
        },
        sosOpen: sosDesk.open().length,
        mode: { mode, until },
        reports,
        refused: refusals.counts(),
        faults: faults.newest(),
      };
    },
    close() {
      try {
        positions.flush();
      } catch (error) {
        log.warn({ cause: causeOf(error) }, 'the last seconds of the tracks are lost: the store refuses');
      }
    },
  };
}
