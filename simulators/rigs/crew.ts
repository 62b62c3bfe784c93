/** A box with a crew and no lane: laid out on disk, its devices registered under one secret (a thousand hashes take half a minute). */
import { hashSecret } from '../../gateway/crew/credentials.ts';
import type { CrewDevice } from '../../gateway/contracts/crew.ts';
import { openDb } from '../../gateway/store/db.ts';
import { addDevice } from '../../gateway/store/devices.ts';
import type { GatewayProcess } from '../product/gateway.ts';
import { laySite } from '../product/site.ts';

export interface CrewBoxOptions {
  readonly folder: string;
  /** So many body-cams: `cam-1`, `cam-2`, … */
  readonly devices: number;
  /** Of the broker, beside those that one computer with all devices on it needs. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Of the command room; its secret is taken from the environment as ROOM_SECRET. */
  readonly roomUrl?: string;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly crew?: Readonly<Record<string, unknown>>;
}

export type CrewBox = Awaited<ReturnType<typeof layCrewBox>>;

const SECRET = 'the same for all';

/** All devices come from one address here: the limit per address, which is right for a town, is lifted. */
export async function layCrewBox(options: CrewBoxOptions) {
  const { folder, devices, limits, roomUrl, more, crew } = options;
  const broker = {
    id: 'broker',
    kind: 'broker',
    listen: { host: '127.0.0.1', port: 0 },
    limits: { perAddress: devices + 100, connections: devices + 100, ...limits },
  };
  const site = await laySite({
    folder,
    port: 0,
    cameras: {},
    upstream: roomUrl === undefined ? {} : { room: { kind: 'https', url: roomUrl, secret: 'env:ROOM_SECRET' } },
    more: { lanes: [], crew: { equipment: [broker], ...crew }, ...more },
  });
  const logins = Array.from({ length: devices }, (_, i) => ({ id: `cam-${i + 1}`, secret: SECRET }));
  const hash = await hashSecret(SECRET);
  const db = openDb(site.storage);
  const register = db.transaction(() => {
    for (const { id } of logins) {
      const device: CrewDevice = { id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] };
      const refused = addDevice(db, { ...device, hash }, { by: 'simulator', now: Date.now() });
      if (refused) throw new Error(refused.problem);
    }
  });
  register.immediate();
  db.close();
  return { site, logins };
}

/** Where the broker of a gateway that has just been started listens. */
export async function brokerPort(gateway: GatewayProcess): Promise<number> {
  const line = await gateway.line((l) => l.msg === 'listening' && l['equipment'] === 'broker');
  return (line['listen'] as { readonly port: number }).port;
}
