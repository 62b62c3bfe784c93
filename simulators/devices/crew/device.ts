/** One device of a fleet, whatever it speaks: where it is, what it reports how often, how it calls for help, and what it does about orders. */
import { randomUUID } from 'node:crypto';
import type { Recording } from '../../../gateway/contracts/crew.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';
import { pick, type Random } from '../../scene/random.ts';
import type { Call, DeviceEvent, DeviceSpec, Ears, Fault, FleetDevice, Habits, Link, Reading } from './types.ts';
import { openWalk, type Fix } from './walk.ts';

const CLOCK_OFF_MS = 8 * 3_600_000;
const DRAIN_PERCENT_PER_H = 9;
const FLOOD_TICK_MS = 10;
const MAX_EVENTS = 1_000;
const GAITS = { bodycam: 'walk', vehicle: 'drive', drone: 'fly' } as const;
const REASONS = ['the road is cut', 'busy with another order', 'cannot leave the post'];

/** `open` gives the link; the device comes when `come` is called. */
export async function openDevice(
  spec: DeviceSpec,
  habits: Habits,
  random: Random,
  open: (ears: Ears) => Promise<Link> | Link,
): Promise<FleetDevice> {
  const faults = new Set<Fault>(spec.faults);
  const events = openEvents();
  const readings = openReadings(spec, habits, random, faults);
  const timers = openTimers();
  let everyS = habits.intervalS;
  let connected = false;
  let call: (Call & { acknowledged: boolean }) | undefined;

  const report = (): void => {
    if (!connected || faults.has('dead')) return;
    const reading = readings.next(everyS);
    for (let n = faults.has('repeats') ? 2 : 1; n > 0; n--) {
      link.report(reading);
      events.reported();
    }
  };
  const keepReporting = (): void => timers.set('report', everyS, () => (report(), keepReporting()));
  const keepCalling = (): void => {
    if (!call || call.acknowledged) return timers.clear('call');
    if (connected && !faults.has('dead')) {
      link.call?.(call, readings.next(everyS));
      events.add({ what: 'called', sos: call.sos, state: call.state });
    }
    timers.set('call', habits.repeatS, keepCalling);
  };
  const flood = (): void => {
    timers.clear('flood');
    if (!faults.has('flood')) return;
    for (let n = 0; n < (habits.floodPerS * FLOOD_TICK_MS) / 1000; n++) report();
    timers.set('flood', FLOOD_TICK_MS / 1000, flood);
  };
  const follow = (order: string): void => {
    const { readAfterS, doneAfterS, refuseShare } = { ...habits.orders, ...spec.orders };
    const refuses = random() < refuseShare;
    const say = (state: 'read' | 'done' | 'refused'): void => {
      link.answer?.(order, state, readings.clock(), state === 'refused' ? pick(random, REASONS) : undefined);
      events.add({ what: 'answered', order, state });
    };
    timers.set(`read ${order}`, readAfterS, () => {
      say('read');
      timers.set(`done ${order}`, doneAfterS, () => say(refuses ? 'refused' : 'done'));
    });
  };
  const told = new Set<string>();
  const link = await open({
    spec,
    has: (fault) => faults.has(fault),
    connected() {
      connected = true;
      events.add({ what: 'connected' });
      report();
      keepReporting();
      keepCalling();
    },
    refused: (why) => events.add({ what: 'refused', why }),
    disconnected() {
      if (connected) events.add({ what: 'disconnected' });
      connected = false;
    },
    command(command) {
      if (told.has(command.id)) return;
      told.add(command.id);
      events.add({ what: 'command', command });
      if (command.order) follow(command.id);
      if (command.interval === undefined || command.interval === everyS) return;
      everyS = command.interval;
      if (connected) keepReporting();
    },
    acknowledged(sos) {
      if (faults.has('lost acknowledgements') || call?.sos !== sos || call.acknowledged) return;
      call.acknowledged = true;
      events.add({ what: 'acknowledged', sos });
    },
  });
  const begin = (next: Call): void => {
    if (!link.call) throw new Error(`${spec.id}: ${spec.protocol} has no call for help`);
    call = { ...next, acknowledged: false };
    keepCalling();
  };
  const leave = async (goodbye: boolean): Promise<void> => {
    timers.clear('report');
    await link.leave(goodbye);
  };
  flood();
  return {
    spec,
    address: link.address,
    event: (wanted) => events.wait(wanted),
    follow: (take) => events.follow(take),
    received: () => events.all().flatMap((e) => (e.what === 'command' ? [e.command] : [])),
    counts: events.counts,
    position: () => readings.fix(),
    isConnected: () => connected,
    sos() {
      const sos = randomUUID();
      begin({ sos, state: 'raised' });
      return sos;
    },
    cancel() {
      if (!call) throw new Error(`${spec.id} has not called for help`);
      begin({ sos: call.sos, state: 'cancelled' });
    },
    set: (state) => readings.set(state),
    fault(fault, on) {
      if (on === faults.has(fault)) return;
      if (on) faults.add(fault);
      else faults.delete(fault);
      if (fault === 'flood') flood();
      if (fault === 'dead' && on) link.freeze?.();
      else if (fault === 'dead' || fault === 'wrong credential') void link.leave(false).then(() => link.come());
    },
    leave: () => leave(true),
    come: () => link.come(),
    async close() {
      timers.close();
      await link.leave(false);
    },
  };
}

function openReadings(spec: DeviceSpec, habits: Habits, random: Random, faults: ReadonlySet<Fault>) {
  const walk = openWalk(spec.gait ?? GAITS[spec.kind ?? 'bodycam'], spec.base ?? habits.base, random);
  const startedAt = performance.now();
  let wentAt = startedAt;
  let sequence = 0;
  let recording: Recording = 'on';
  let charge = { percent: 60 + 40 * random(), at: startedAt };
  const fix = (): Fix => {
    const now = performance.now();
    const seconds = (now - wentAt) / 1000;
    wentAt = now;
    return walk.go(seconds);
  };
  const battery = (): number => {
    const hours = (performance.now() - charge.at) / 3_600_000;
    return Math.max(0, Math.round(charge.percent - DRAIN_PERCENT_PER_H * hours));
  };
  const clock = (): Instant => Date.now() + (faults.has('clock off') ? CLOCK_OFF_MS : 0);
  return {
    fix,
    clock,
    next(everyS: number): Reading {
      sequence++;
      const here = fix();
      const isAway = faults.has('jumps') && sequence % 3 === 0;
      const where = isAway ? { lat: Math.max(-80, here.lat - 2 - 3 * random()), lon: here.lon + 2 * random() } : {};
      return {
        at: clock(),
        sequence,
        everyS,
        batteryPercent: battery(),
        fix: { ...here, ...where },
        recording: faults.has('recording') ? 'fault' : recording,
      };
    },
    set(state: { readonly batteryPercent?: number; readonly recording?: Recording }) {
      recording = state.recording ?? recording;
      if (state.batteryPercent !== undefined) charge = { percent: state.batteryPercent, at: performance.now() };
    },
  };
}

function openEvents() {
  const happened: DeviceEvent[] = [];
  const waiting = new Set<(event: DeviceEvent) => void>();
  const counts = {
    connected: 0,
    refused: 0,
    disconnected: 0,
    command: 0,
    called: 0,
    acknowledged: 0,
    answered: 0,
    reports: 0,
  };
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
