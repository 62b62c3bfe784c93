/** One device of a fleet, whatever it speaks: where it is, what it reports how often, how it calls for help, and what it does about orders. */
import { randomUUID } from 'node:crypto';
import type { Recording } from '../../../gateway/contracts/crew.ts';
import { pick, type Random } from '../../scene/random.ts';
import type { DeviceCommand } from '../../../adapters/crew/bodycam/codec.ts';
import { openSensors, type Sensors } from './sensors.ts';
import type {
  DeviceCounts,
  DeviceEvent,
  DeviceLink,
  DeviceSpec,
  FleetBehaviour,
  LinkEvents,
  SimulatedFault,
  SosCall,
} from './types.ts';
import type { ReceiverFix } from './walk.ts';

const FLOOD_TICK_MS = 10;
const MAX_EVENTS = 1_000;
export const NO_COUNTS = {
  connected: 0,
  refused: 0,
  disconnected: 0,
  command: 0,
  called: 0,
  acknowledged: 0,
  answered: 0,
  reports: 0,
};
const REASONS = ['the road is cut', 'busy with another order', 'cannot leave the post'];

export class SimulatedDevice {
  readonly spec: DeviceSpec;
  readonly #behaviour: FleetBehaviour;
  readonly #random: Random;
  readonly #faults: Set<SimulatedFault>;
  readonly #events = openEvents();
  readonly #sensors: Sensors;
  readonly #timers = openTimers();
  /** Ids of the commands that have come. */
  readonly #commands = new Set<string>();
  /** By hit. */
  readonly #alerts = new Map<string, NonNullable<DeviceCommand['alert']>>();
  #link!: DeviceLink;
  #everyS: number;
  #isConnected = false;
  #call: (SosCall & { acknowledged: boolean }) | undefined;

  private constructor(spec: DeviceSpec, behaviour: FleetBehaviour, random: Random) {
    this.spec = spec;
    this.#behaviour = behaviour;
    this.#random = random;
    this.#faults = new Set(spec.faults);
    this.#sensors = openSensors(spec, behaviour, random, this.#faults);
    this.#everyS = behaviour.intervalS;
  }

  /** `open` gives the link; the device connects when `connect` is called. */
  static async open(
    spec: DeviceSpec,
    behaviour: FleetBehaviour,
    random: Random,
    open: (events: LinkEvents) => Promise<DeviceLink> | DeviceLink,
  ): Promise<SimulatedDevice> {
    const device = new SimulatedDevice(spec, behaviour, random);
    device.#link = await open({
      spec,
      has: (fault) => device.#faults.has(fault),
      connected: () => device.#onConnected(),
      refused: (why) => device.#events.add({ what: 'refused', why }),
      disconnected: () => device.#onDisconnected(),
      command: (command) => device.#onCommand(command),
      acknowledged: (sos) => device.#onAcknowledged(sos),
    });
    device.#flood();
    return device;
  }

  /** nmea: what the box opens. */
  get address(): string | undefined {
    return this.#link.address;
  }

  /** The first event, past or future, that `wanted` accepts. */
  event(wanted: (event: DeviceEvent) => boolean): Promise<DeviceEvent> {
    return this.#events.wait(wanted);
  }

  /** Each event from now on, until the device is closed. */
  follow(take: (event: DeviceEvent) => void): void {
    this.#events.follow(take);
  }

  /** The commands that it got, each once. */
  received(): readonly DeviceCommand[] {
    return this.#events.all().flatMap((event) => (event.what === 'command' ? [event.command] : []));
  }

  /** The alerts on its screen: of each hit the newest, which may say that it has ended. */
  alerts(): readonly NonNullable<DeviceCommand['alert']>[] {
    return [...this.#alerts.values()];
  }

  counts(): DeviceCounts {
    return this.#events.counts();
  }

  position(): ReceiverFix {
    return this.#sensors.fix();
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  /** Calls for help, again every `repeatS` until it is acknowledged. Gives the device's own name of the call. Throws where it cannot. */
  sos(): string {
    const sos = randomUUID();
    this.#begin({ sos, state: 'raised' });
    return sos;
  }

  /** Withdraws the last call. */
  cancel(): void {
    if (!this.#call) throw new Error(`${this.spec.id} has not called for help`);
    this.#begin({ sos: this.#call.sos, state: 'cancelled' });
  }

  set(state: { readonly batteryPercent?: number; readonly recording?: Recording }): void {
    this.#sensors.set(state);
  }

  fault(fault: SimulatedFault, on: boolean): void {
    if (on === this.#faults.has(fault)) return;
    if (on) this.#faults.add(fault);
    else this.#faults.delete(fault);
    if (fault === 'flood') this.#flood();
    if (fault === 'dead' && on) this.#link.freeze?.();
    else if (fault === 'dead' || fault === 'wrong credential')
      void this.#link.disconnect(false).then(() => this.#link.connect());
  }

  connect(): void {
    this.#link.connect();
  }

  /** Announces that it disconnects, and does; `connect` brings it back. */
  async disconnect(): Promise<void> {
    this.#timers.clear('report');
    await this.#link.disconnect(true);
  }

  async close(): Promise<void> {
    this.#timers.close();
    await this.#link.disconnect(false);
  }

  #onConnected(): void {
    this.#isConnected = true;
    this.#events.add({ what: 'connected' });
    this.#report();
    this.#keepReporting();
    this.#keepCalling();
  }

  #onDisconnected(): void {
    if (this.#isConnected) this.#events.add({ what: 'disconnected' });
    this.#isConnected = false;
  }

  #onCommand(command: DeviceCommand): void {
    if (this.#commands.has(command.id)) return;
    this.#commands.add(command.id);
    this.#events.add({ what: 'command', command });
    if (command.order) this.#obey(command.id);
    if (command.alert) this.#alerts.set(command.alert.hit, command.alert);
    if (command.interval === undefined || command.interval === this.#everyS) return;
    this.#everyS = command.interval;
    if (this.#isConnected) this.#keepReporting();
  }

  #onAcknowledged(sos: string): void {
    const call = this.#call;
    if (this.#faults.has('lost acknowledgements') || call?.sos !== sos || call.acknowledged) return;
    call.acknowledged = true;
    this.#events.add({ what: 'acknowledged', sos });
  }

  #report(): void {
    if (!this.#isConnected || this.#faults.has('dead')) return;
    const reading = this.#sensors.next(this.#everyS);
    for (let n = this.#faults.has('repeats') ? 2 : 1; n > 0; n--) {
      this.#link.report(reading);
      this.#events.reported();
    }
  }

  #keepReporting(): void {
    this.#timers.set('report', this.#everyS, () => (this.#report(), this.#keepReporting()));
  }

  #begin(call: SosCall): void {
    if (!this.#link.call) throw new Error(`${this.spec.id}: ${this.spec.protocol} has no call for help`);
    this.#call = { ...call, acknowledged: false };
    this.#keepCalling();
  }

  #keepCalling(): void {
    const call = this.#call;
    if (!call || call.acknowledged) return this.#timers.clear('call');
    if (this.#isConnected && !this.#faults.has('dead')) {
      this.#link.call?.(call, this.#sensors.next(this.#everyS));
      this.#events.add({ what: 'called', sos: call.sos, state: call.state });
    }
    this.#timers.set('call', this.#behaviour.repeatS, () => this.#keepCalling());
  }

  #flood(): void {
    this.#timers.clear('flood');
    if (!this.#faults.has('flood')) return;
    for (let n = 0; n < (this.#behaviour.floodPerS * FLOOD_TICK_MS) / 1000; n++) this.#report();
    this.#timers.set('flood', FLOOD_TICK_MS / 1000, () => this.#flood());
  }

  #obey(order: string): void {
    const { readAfterS, doneAfterS, refuseShare } = { ...this.#behaviour.orders, ...this.spec.orders };
    const refuses = this.#random() < refuseShare;
    const answer = (state: 'read' | 'done' | 'refused'): void => {
      const reason = state === 'refused' ? pick(this.#random, REASONS) : undefined;
      this.#link.answer?.(order, state, this.#sensors.clock(), reason);
      this.#events.add({ what: 'answered', order, state });
    };
    this.#timers.set(`read ${order}`, readAfterS, () => {
      answer('read');
      this.#timers.set(`done ${order}`, doneAfterS, () => answer(refuses ? 'refused' : 'done'));
    });
  }
}

function openEvents() {
  const happened: DeviceEvent[] = [];
  const waiting = new Set<(event: DeviceEvent) => void>();
  const counts = { ...NO_COUNTS };
  return {
    all: () => happened,
    counts: () => ({ ...counts }),
    reported: () => void counts.reports++,
    follow: (take: (event: DeviceEvent) => void) => void waiting.add(take),
    add(event: DeviceEvent) {
      counts[event.what]++;
      happened.push(event);
      if (happened.length > MAX_EVENTS) happened.shift();
      for (const look of [...waiting]) look(event);
    },
    wait(wanted: (event: DeviceEvent) => boolean): Promise<DeviceEvent> {
      const past = happened.find(wanted);
      if (past) return Promise.resolve(past);
      return new Promise((resolve) => {
        const look = (event: DeviceEvent): void => {
          if (!wanted(event)) return;
          waiting.delete(look);
          resolve(event);
        };
        waiting.add(look);
      });
    },
  };
}

/** By name: to set one again is to move it. */
function openTimers() {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;
  const clear = (name: string): void => {
    clearTimeout(timers.get(name));
    timers.delete(name);
  };
  return {
    clear,
    set(name: string, seconds: number, work: () => void) {
      clear(name);
      if (!closed)
        timers.set(
          name,
          setTimeout(() => (timers.delete(name), work()), seconds * 1000),
        );
    },
    close() {
      closed = true;
      for (const name of [...timers.keys()]) clear(name);
    },
  };
}
