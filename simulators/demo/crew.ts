/** The crew of the demo: three officers with body-cams, a patrol car and a drone. After the first hit an officer calls for help, and the nearest is sent. */
import type { DeviceCommand } from '../../adapters/crew/bodycam/codec.ts';
import type { GeoLocation } from '../../gateway/contracts/crew.ts';
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import { startFleet, type DeviceEvent, type Fleet } from '../devices/crew/fleet.ts';
import { registerDevices } from '../product/register-devices.ts';
import type { Say } from './gate.ts';
import type { GatewayProcess } from '../product/gateway.ts';
import type { StoredEvent } from '../command-room/store.ts';
import type { Site } from '../product/site.ts';

const BROKER = 'body-cams';
const AIRCRAFT = 'aircraft';
/** The checkpoint, in words and degrees. */
const HERE: GeoLocation = { lat: 30.2741, lon: 120.1551, name: 'east gate' };
const CALLER = 'officer-1';
const DEVICES = [
  ...[CALLER, 'officer-2', 'officer-3'].map((id) => ({
    ...({ id, kind: 'bodycam', protocol: 'bodycam' } as const),
    serials: [],
  })),
  { id: 'car-1', kind: 'vehicle', protocol: 'bodycam', serials: [] },
  { id: 'drone-1', kind: 'drone', protocol: 'mavlink', serials: ['7'] },
] as const;
const ORDER = {
  id: 'demo-order',
  by: 'duty officer (simulated)',
  text: 'an officer calls for help: go there, say what you see',
};

export type DemoContext = [site: Site, say: Say, undo: (() => unknown)[], signal: AbortSignal];

export interface DemoCrew {
  /** The block `crew` of the configuration. */
  readonly config: object;
  /** Registers the devices at the box, which runs already, and lets them come. Their end is left to `undo`. */
  join(gateway: GatewayProcess, ...around: DemoContext): Promise<Fleet>;
  /** What the command room, which has these events, tells the box now: an order to the nearest, once somebody has called. */
  order(events: readonly StoredEvent[]): RoomMessage | undefined;
}

export function openDemoCrew(): DemoCrew {
  const listen = { host: '127.0.0.1', port: 0 };
  let ordered = false;
  return {
    config: {
      equipment: [
        { id: BROKER, kind: 'broker', listen },
        { id: AIRCRAFT, kind: 'mavlink', listen, allow: ['127.0.0.1'] },
      ],
      place: HERE,
      relayIntervalS: 60,
      modes: { normal: { alertUnconfirmed: ['stolen', 'sought'] } },
    },
    async join(gateway, site, say, undo, signal) {
      const credentials = await registerDevices(
        site.configFile,
        DEVICES.map((device) => ({ ...device, role: 'officer' })),
      );
      const [broker, mavlink] = [await portOf(gateway, BROKER), await portOf(gateway, AIRCRAFT)];
      signal.throwIfAborted();
      const fleet = await startFleet({
        seed: 11,
        intervalS: 5,
        base: HERE,
        devices: DEVICES.map((device) => ({ ...device, credential: credentials.get(device.id) ?? '' })),
        broker: { url: `mqtt://127.0.0.1:${broker}` },
        mavlink: { host: '127.0.0.1', port: mavlink },
      });
      undo.push(() => fleet.close());
      for (const device of fleet.devices) device.follow((event) => retell(device.spec.id, event, say));
      await Promise.all(fleet.devices.map((device) => device.event((e) => e.what === 'connected')));
      say('crew', `${DEVICES.length} devices are registered and connected: ${DEVICES.map((d) => d.id).join(', ')}`);
      return fleet;
    },
    order(events) {
      const call = events.find((e) => e.type === 'io.sitebox.sos.v1');
      const { place } = (call?.data ?? {}) as { readonly place?: GeoLocation };
      if (ordered || !place) return undefined;
      ordered = true;
      const { id, by, text } = ORDER;
      const { lat, lon } = place;
      return { id, by, at: Date.now(), kind: 'order', order: { text, place: { lat, lon }, to: { nearest: 1 } } };
    },
  };
}

/** The officer who calls for help in the demo does so now. */
export function callForHelp(fleet: Fleet): void {
  fleet.device(CALLER).sos();
}

/** Where a part of the crew's equipment listens. */
export async function portOf(gateway: GatewayProcess, equipment: string): Promise<number> {
  const line = await gateway.line((l) => l.msg === 'listening' && l['equipment'] === equipment);
  return (line['listen'] as { readonly port: number }).port;
}

/** What the device shows. */
function wordsOf({ cancelled, confirmed, oneOpinion, instruction }: NonNullable<DeviceCommand['alert']>): string {
  if (cancelled) return 'hears that the alert has ended (解除预警)';
  if (oneOpinion) return `is alerted, one opinion, not reviewed (单人研判，未复核): ${instruction}`;
  return `is alerted${confirmed ? '' : ', nobody has confirmed it yet'}: ${instruction}`;
}

/** What happens to a device and belongs to the story, in words. */
function retell(who: string, event: DeviceEvent, say: Say): void {
  switch (event.what) {
    case 'called':
      return say(who, 'CALLS FOR HELP');
    case 'acknowledged':
      return say(who, 'knows that the box has the call on disk');
    case 'answered':
      return say(who, event.state === 'read' ? 'reads the order' : `says of the order: ${event.state}`);
    case 'command': {
      const { sos, order, alert } = event.command;
      if (sos) say(who, `hears that ${sos.device} calls for help at ${sos.lat?.toFixed(5)}, ${sos.lon?.toFixed(5)}`);
      if (order) say(who, `gets an order: ${order.text}`);
      if (alert) say(who, wordsOf(alert));
      return;
    }
    case 'connected':
    case 'refused':
    case 'disconnected':
      return;
  }
}
