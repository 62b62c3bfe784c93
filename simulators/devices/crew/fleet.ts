/**
 * Fleets of crew equipment that speak to a box for real: each device with a connection, a way and a battery of its own, out of one seed, and
 * with faults that can be switched. README.md has examples.
 */
import type { LatLon } from '../../../gateway/contracts/crew.ts';
import type { Random } from '../../scene/random.ts';
import { seeded } from '../../scene/random.ts';
import { openBodycam } from './bodycam.ts';
import { openDevice } from './device.ts';
import { openDji } from './dji.ts';
import { openTerminal, type HostAndPort } from './jt808.ts';
import { openAutopilot } from './mavlink.ts';
import type { BrokerAddress } from './mqtt-link.ts';
import { openReceiver } from './nmea.ts';
import type { DeviceCounts, DeviceSpec, LinkEvents, FleetDevice, FleetBehaviour, DeviceLink } from './types.ts';

export { FAULTS, type DeviceEvent, type DeviceSpec, type SimulatedFault as Fault, type FleetDevice } from './types.ts';

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

export interface Fleet {
  readonly devices: readonly FleetDevice[];
  /** Throws where there is none. */
  device(id: string): FleetDevice;
  /** Of all devices together. */
  counts(): DeviceCounts & { readonly online: number };
  /** All disconnect without announcing it. */
  close(): Promise<void>;
}

const BASE = { lat: 30.2741, lon: 120.1551 };
const ORDERS = { readAfterS: 2, doneAfterS: 8, refuseShare: 0 };

/** Resolves once all devices are ready; `event` of each tells when it is connected. Rejects for a device that lacks what it needs. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
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
  const devices: FleetDevice[] = [];
  const close = async (): Promise<void> => {
    starts.forEach(clearTimeout);
    await Promise.all(devices.map((device) => device.close()));
  };
  const starts: NodeJS.Timeout[] = [];
  try {
    for (const [i, spec] of specs.entries())
      devices.push(await openDevice(spec, behaviour, randomOf(i), (events) => openLink(events, options)));
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
    device(id) {
      const found = devices.find((d) => d.spec.id === id);
      if (!found) throw new Error(`the fleet has no device ${id}`);
      return found;
    },
    counts() {
      const all = devices.map((d) => d.counts());
      const sum = (name: keyof DeviceCounts): number => all.reduce((n, counts) => n + counts[name], 0);
      return {
        online: devices.filter((d) => d.isConnected()).length,
        reports: sum('reports'),
        connected: sum('connected'),
        refused: sum('refused'),
        disconnected: sum('disconnected'),
        command: sum('command'),
        called: sum('called'),
        acknowledged: sum('acknowledged'),
        answered: sum('answered'),
      };
    },
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
