/**
 * The crew of the box: joins equipment, registry, positions, calls for help, orders, alerts and mode. What must not be lost is on disk
 * before these calls return; what is meant for a device that is away waits, here or on disk, until it connects.
 */
import { newId, type Clock } from '../clock/clock.ts';
import type { CrewConfig } from '../config/crew.ts';
import type { Id, Log } from '../contracts/base.ts';
import type {
  AlertEnd,
  AlertStage,
  CrewDevice,
  CrewMessage,
  DeviceReport,
  Equipment,
  EquipmentHost,
  OrderAnswer,
} from '../contracts/crew.ts';
import type { CrewForPeople } from '../contracts/crew-view.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Hit } from '../contracts/hit.ts';
import type { InstructionHandlers } from '../contracts/instruction.ts';
import type { EquipmentPart } from '../contracts/parts.ts';
import { together, type Status } from '../contracts/status.ts';
import type { Supervisor } from '../supervise.ts';
import { Alerts } from './alerts.ts';
import { openCredentialWatch, type CredentialWatch } from './credential-watch.ts';
import { DeviceConnections } from './device-connections.ts';
import { openDeviceFaults, type DeviceFaults } from './device-faults.ts';
import { openDeviceHealth, type DeviceHealth } from './device-health.ts';
import { crewForPeople } from './for-people.ts';
import { crewInstructions } from './instructions.ts';
import { openLoginWatch, type LoginWatch } from './login-watch.ts';
import { openModes, type Modes } from './modes.ts';
import { OrderDelivery } from './order-delivery.ts';
import { openOrders, type Orders } from './orders.ts';
import { openPositionFeed, type PositionFeed } from './position-feed.ts';
import { dispatchCandidates, isStale, openPositions, type Positions } from './positions.ts';
import { openRefusals, type Refusals } from './refusals.ts';
import { openRegistry, type Registry } from './registry.ts';
import { maySend, type DeviceMessage } from './roles.ts';
import type { CrewRooms } from './rooms.ts';
import { runEquipment } from './run.ts';
import { runAll } from './run-all.ts';
import { SosCalls } from './sos-calls.ts';
import { openSosRecords, type SosRecords } from './sos-records.ts';
import { StandDown } from './stand-down.ts';

interface CrewParts extends CrewRooms {
  readonly clock: Clock;
  readonly config: CrewConfig;
  readonly equipment: readonly EquipmentPart[];
  readonly log: Log;
}

/** Calls for help and withdrawals, newest first, that a device is sent when it connects. */
const MAX_CALLS_ON_CONNECT = 50;
/** Of positions in the outbox: last. */
const USUAL_PRIORITY = 5;

export class CrewService {
  readonly status: Status;
  readonly instructions: InstructionHandlers;
  readonly forPeople: CrewForPeople;
  /** Calls for help: also the feed of the lane displays. */
  readonly sos: SosCalls;
  readonly #clock: CrewRooms['clock'];
  readonly #log: Log;
  readonly #parts: readonly EquipmentPart[];
  readonly #registry: Registry;
  readonly #connections: DeviceConnections;
  readonly #modes: Modes;
  readonly #positions: Positions;
  readonly #records: SosRecords;
  readonly #orders: Orders;
  readonly #orderDelivery: OrderDelivery;
  readonly #alerts: Alerts;
  readonly #standDown: StandDown;
  readonly #positionFeed: PositionFeed;
  readonly #health: DeviceHealth;
  readonly #faults: DeviceFaults;
  readonly #refusals: Refusals;
  readonly #logins: LoginWatch;
  readonly #misuse: CredentialWatch;
  #reports = 0;

  constructor({ db, outbox, clock, config, equipment, log }: CrewParts) {
    this.#clock = clock;
    this.#log = log;
    this.#parts = equipment;
    const registry = openRegistry({ db, log });
    const connections = new DeviceConnections(registry);
    const faults = openDeviceFaults({ db, clock });
    const refusals = openRefusals({ clock, log, faults, registry });
    const { keepTracksH } = config;
    const positions = openPositions({ db, clock, keepTracksH, intervalS: () => this.#modes.reportS() });
    const records = openSosRecords({ db, outbox, clock });
    const orders = openOrders({ db, outbox, registry });
    this.#registry = registry;
    this.#connections = connections;
    this.#faults = faults;
    this.#refusals = refusals;
    this.#positions = positions;
    this.#records = records;
    this.sos = new SosCalls({ db, clock, log, records, positions, connections, refusals });
    this.#orders = orders;
    this.#orderDelivery = new OrderDelivery({ orders, connections, registry });
    this.#modes = openModes({ db, outbox, clock }, config);
    const joined = { db, outbox, clock, log, registry, connections };
    this.#alerts = new Alerts({ ...joined, positions, modes: this.#modes, rules: config });
    this.#standDown = new StandDown(joined);
    this.#positionFeed = openPositionFeed({ db, outbox, clock, everyS: config.relayIntervalS });
    this.#health = openDeviceHealth({ db, outbox, clock, batteryLowPercent: config.batteryLowPercent });
    this.#logins = openLoginWatch({ clock, log, refusals, registry, store: db.health });
    this.#misuse = openCredentialWatch({ db, outbox, clock, log });
    this.status = together(this.#logins, this.#alerts, this.#misuse.status, this.#standDown.status);
    const ordering = {
      orders,
      // Callers are not sent anywhere, least of all to the place of their own call.
      candidates: () => dispatchCandidates(positions.all(), this.sos.callers(), clock.now()),
      onOrder: (device: string) => this.#orderDelivery.sendToId(device),
    };
    const onMode = (): void => this.#announceInterval();
    const onSosAcknowledged = (): void => this.sos.notifyDisplays();
    this.instructions = crewInstructions({ db, outbox, clock, records, ...ordering, onMode, onSosAcknowledged });
    this.forPeople = crewForPeople({ ...joined, positions, sos: this.sos, ...ordering });
  }

  async run(supervisor: Supervisor, signal: AbortSignal): Promise<void> {
    const run = (part: EquipmentPart): Promise<void> =>
      runEquipment(part, this.hostFor(part.equipment), supervisor, signal);
    await Promise.all(this.#parts.map(run));
  }

  /** Called once a second. Throws what the store throws; the next turn tries again. */
  turn(): void {
    const states = (): Parameters<DeviceHealth['turn']> => [this.#registry.all(), this.#positions.all()];
    // What fails (a full disk, mostly) must not keep the rest from being done.
    runAll([
      // Equipment looks up `device` for each message, and disconnects those that are gone.
      () => this.#registry.refresh().forEach((id) => this.#faults.forget(id)),
      () => this.#faults.turn(),
      () => this.sos.turn(),
      () => this.#standDown.turn(),
      () => this.#alerts.turn(),
      () => this.#orderDelivery.turn(),
      () => this.#announceInterval(),
      () => this.#positions.turn(),
      () => this.#health.turn(...states()),
      () => this.#misuse.turn(),
      () => this.#positionFeed.turn(...states(), this.#modes.priority() ?? USUAL_PRIORITY),
    ]);
  }

  /** A hit is on disk, and so is what people said of it. Alerts the devices that it concerns. */
  alert(hit: Hit, stage: AlertStage): void {
    this.#alerts.alert(hit, stage);
  }

  /** Each device that was alerted to the hit hears that the alert has ended; the second time nothing happens. Throws what the store throws. */
  standDown(hit: Id, why: AlertEnd): void {
    this.#standDown.end(hit, why);
  }

  /** The figures of the crew for /health and /metrics: no position. */
  view() {
    const { mode, until } = this.#modes.current();
    const now = this.#clock.now();
    return {
      devices: {
        registered: this.#registry.all().length,
        online: this.#connections.devices().length,
        stale: this.#positions.all().filter((state) => isStale(state, now)).length,
      },
      sosOpen: this.#records.open().length,
      mode: { mode, until },
      reports: this.#reports,
      refused: this.#refusals.counts(),
      faults: this.#faults.newest(),
    };
  }

  /** Writes what is only in memory and shall outlive a restart. */
  close(): void {
    try {
      this.#positions.close();
    } catch (error) {
      this.#log.warn({ cause: causeOf(error) }, 'the last seconds of the tracks are lost: the store refuses');
    }
  }

  /** What a part of `crew.equipment` is run with. */
  hostFor(equipment: Equipment): EquipmentHost {
    return {
      device: (id) => this.#registry.device(id),
      bySerial: (protocol, serial) => this.#registry.bySerial(protocol, serial),
      login: (user, secret) => this.#registry.login(user, secret),
      authCode: (id) => this.#registry.authCode(id),
      report: (report) => this.#onReport(report),
      sos: (report) => {
        const device = this.#sender(report.device, 'sos');
        if (!device) throw new Error(`device ${report.device} may not call for help here`);
        this.sos.onSos(report, device);
      },
      orderAnswer: (answer) => this.#onOrderAnswer(answer),
      delivered: (device, message) => this.#onDelivered(device, message),
      presence: (id, online, cleanDisconnect) => {
        this.#positions.presence(id, online, cleanDisconnect);
        this.#orderDelivery.connectionChanged(id);
        this.#standDown.connectionChanged(id);
        if (!online || this.#connections.equipmentOf(id) !== equipment) this.#alerts.connectionChanged(id);
        if (online) this.#onConnected(id, equipment);
        else this.#connections.remove(id, equipment);
      },
      sessionTakenOver: (device, addresses) => {
        this.#refusals.add('taken over', device);
        this.#misuse.add('two clients', device, addresses);
      },
      loginFailed: (name, address, protocol) => {
        const device = this.#registry.lookUp(name, protocol);
        const misuse = device?.isRevoked ? 'revoked device login' : 'wrong password';
        if (device) this.#misuse.add(misuse, device.id, [address]);
      },
      loginError: (error, name) => this.#logins.loginError(error, name),
      refused: (why, device, field) => this.#refusals.add(why, device, field),
    };
  }

  /** Undefined, and counted, where the device is unknown or its role may not send this. */
  #sender(id: string, what: DeviceMessage): CrewDevice | undefined {
    const device = this.#registry.device(id);
    if (device && maySend(device.role, what)) return device;
    this.#refusals.add(device ? 'not allowed' : 'unknown device', id);
    return undefined;
  }

  #onReport(report: DeviceReport): void {
    this.#reports++;
    if (!this.#sender(report.device, 'report')) return;
    for (const field of report.invalidFields ?? []) this.#refusals.add('odd field', report.device, field);
    this.#faults.checkClock(report);
    this.#positions.report(report);
    if (report.position) this.sos.follow(report.device);
  }

  #onOrderAnswer(answer: OrderAnswer): void {
    if (!this.#sender(answer.device, 'answer')) return;
    const outcome = this.#storeOrRefuse(answer.device, () => this.#orders.recordAnswer(answer));
    if (outcome === 'unknown' || outcome === 'contradicts') this.#refusals.add('not allowed', answer.device);
  }

  #onDelivered(device: string, message: Id): void {
    this.#standDown.acknowledged(device, message);
    this.#alerts.acknowledged(device, message);
    if (!this.#orderDelivery.isInFlight(device, message)) return;
    this.#storeOrRefuse(device, () => this.#orderDelivery.acknowledged(device, message));
  }

  #storeOrRefuse<T>(device: string, commit: () => T): T {
    try {
      return commit();
    } catch (error) {
      this.#refusals.add('not stored', device);
      throw error;
    }
  }

  #onConnected(id: string, equipment: Equipment): void {
    const device = this.#registry.device(id);
    // It was connected already and only has room again: the rest was sent when it connected.
    const hasRoomAgain = this.#connections.equipmentOf(id) === equipment;
    this.#connections.add(id, equipment);
    if (!device) return;
    try {
      // First of all: until it hears the end, its carrier may stop somebody.
      this.#standDown.sendTo(device);
      this.#orderDelivery.sendTo(device);
      if (!hasRoomAgain) this.#sendMissed(device);
      this.#alerts.sendTo(device);
    } catch {
      // What the store does not hand out now is sent at a later turn.
      this.#refusals.add('not stored', id);
    }
  }

  #sendMissed(device: CrewDevice): void {
    const calls = this.#records.messages().filter((call) => call.device !== device.id);
    for (const { message } of calls.slice(0, MAX_CALLS_ON_CONNECT)) this.#connections.send(device, message);
    this.#connections.send(device, this.#interval());
  }

  #interval(): CrewMessage {
    return { kind: 'interval', id: newId(this.#clock.now()), seconds: this.#modes.reportS() };
  }

  #announceInterval(): void {
    if (this.#modes.turn()) this.#connections.broadcast(this.#interval());
  }
}
