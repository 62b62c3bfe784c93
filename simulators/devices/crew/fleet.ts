/**
 * Fleets of crew equipment that speak to a box for real: each device with a connection, a way and a battery of its own, out of one seed, and
 * with faults that can be switched. README.md has examples.
 */
import type { LatLon } from '../../../gateway/contracts/crew.ts';
import type { Random } from '../../scene/random.ts';
import { seeded } from '../../scene/random.ts';
import { openBodycam } from './bodycam.ts';
import { NO_COUNTS, SimulatedDevice } from './device.ts';
import { openDji } from './dji.ts';
import { openTerminal, type HostAndPort } from './jt808.ts';
import { openAutopilot } from './mavlink.ts';
import type { BrokerAddress } from './mqtt-link.ts';
import { openReceiver } from './nmea.ts';
import type { DeviceCounts, DeviceSpec, LinkEvents, FleetBehaviour, DeviceLink } from './types.ts';

export type { SimulatedDevice as FleetDevice } from './device.ts';
export { FAULTS, type DeviceEvent, type DeviceSpec, type SimulatedFault as Fault } from './types.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly devices: readonly DeviceSpec[];
  /** For body-cams, patrol vehicles and DJI. */
  readonly broker?: BrokerAddress;
  readonly jt808?: HostAndPort;
  readonly mavlink?: HostAndPort;
  /** Between two reports, until the box asks for another; 10 s if absent. */
  readonly intervalS?: number;
  /** Between two calls for the same help; 5 s if absent. */
  readonly repeatS?: number;
  /** Reports per second of a device that floods: ten times what the broker lets through if absent. */
  readonly floodPerS?: number;
  /** They connect one after the other within this time; at once if absent. */
  readonly startWithinS?: number;
  /** Around which they move; a town that does not matter. */
  readonly base?: LatLon;
  readonly orders?: Partial<FleetBehaviour['orders']>;
}

export type Fleet = Awaited<ReturnType<typeof startFleet>>;

const BASE = { lat: 30.2741, lon: 120.1551 };
const ORDERS = { readAfterS: 2, doneAfterS: 8, refuseShare: 0 };

/** Resolves once all devices are ready; `event` of each tells when it is connected. Rejects for a device that lacks what it needs. */
export async function startFleet(options: FleetOptions) {
  const { seed, devices: specs, intervalS = 10, repeatS = 5, floodPerS = 3_000, startWithinS = 0 } = options;
  const behaviour = {
    intervalS,
    repeatS,
    floodPerS,
    base: options.base ?? BASE,
    orders: { ...ORDERS, ...options.orders },
  };
  // Each has random numbers of its own, so that what one does changes nothing for the others.
  const randomOf = (i: number): Random => seeded(seed * 65_537 + i);
  const devices: SimulatedDevice[] = [];
  const close = async (): Promise<void> => {
    starts.forEach(clearTimeout);
    await Promise.all(devices.map((device) => device.close()));
  };
  const starts: NodeJS.Timeout[] = [];
  try {
    for (const [i, spec] of specs.entries())
      devices.push(await SimulatedDevice.open(spec, behaviour, randomOf(i), (events) => openLink(events, options)));
  } catch (error) {
    await close();
    throw error;
  }
  for (const [i, device] of devices.entries()) {
    if (startWithinS === 0) device.connect();
    else starts.push(setTimeout(() => device.connect(), (i / devices.length) * startWithinS * 1000));
  }
  return {
    devices,
    /** Throws where there is none. */
    device(id: string): SimulatedDevice {
      const found = devices.find((d) => d.spec.id === id);
      if (!found) throw new Error(`the fleet has no device ${id}`);
      return found;
    },
    /** Of all devices together. */
    counts(): DeviceCounts & { readonly online: number } {
      const sum = { ...NO_COUNTS, online: devices.filter((d) => d.isConnected()).length };
      for (const counts of devices.map((d) => d.counts()))
        for (const name of Object.keys(counts) as (keyof DeviceCounts)[]) sum[name] += counts[name];
      return sum;
    },
    /** All disconnect without announcing it. */
    close,
  };
}

function openLink(events: LinkEvents, { broker, jt808, mavlink }: FleetOptions): DeviceLink | Promise<DeviceLink> {
  const { id, protocol } = events.spec;
  const needed = <T>(address: T | undefined, name: string): T => {
    if (address === undefined) throw new Error(`${id}: the fleet has no ${name} to speak to`);
    return address;
  };
  switch (protocol) {
    case 'bodycam':
      return openBodycam(events, needed(broker, 'broker'));
    case 'dji':
      return openDji(events, needed(broker, 'broker'));
    case 'jt808':
      return openTerminal(events, needed(jt808, 'jt808'));
    case 'mavlink':
      return openAutopilot(events, needed(mavlink, 'mavlink'));
    case 'nmea':
      return openReceiver(events);
  }
}
