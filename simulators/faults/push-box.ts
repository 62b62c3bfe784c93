/** A box with one plate camera that pushes, for faults of the store: quick to start, and each read is answered by what became of it. */
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { openPushClient, type PushClient } from '../devices/plate-camera/client.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { freePort } from '../product/free-port.ts';
import { giveList, laySite, type Site } from '../product/site.ts';

const PATH = '/8f2c0123456789abcdef01';

export interface PushBox {
  readonly site: Site;
  /** Listed, with the entry ids E-1, E-2, … */
  readonly plates: readonly string[];
  start(): GatewayProcess;
  /** Sends one read and gives the status of its answer; 0 where the connection broke or nobody listens. */
  push(plate: string, at?: Date): Promise<number>;
  close(): void;
}

export interface PushBoxOptions {
  readonly folder: string;
  readonly plates: readonly string[];
  readonly upstream?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export async function layPushBox({ folder, plates, upstream = {}, env, more }: PushBoxOptions): Promise<PushBox> {
  const port = await freePort();
  const listen = { host: '127.0.0.1', port };
  const camera = { kind: 'hikvision', listen, allow: ['127.0.0.1'], path: 'env:PUSH_PATH' };
  const settings = { hits: { windowS: 1 }, inference: { threads: 1 }, ...more };
  const site = await laySite({ folder, port: 0, cameras: { plates: camera }, upstream, more: settings });
  const wanted = plates.map((plate) => ({ plate, category: 'stolen', instruction: 'stop the vehicle' }));
  await giveList(site, 1, wanted);
  let client: PushClient | undefined;
  return {
    site,
    plates,
    start: () => spawnGateway(site.configFile, { env: { PUSH_PATH: PATH, ...env } }),
    async push(plate, at = new Date()) {
      client ??= openPushClient({ port });
      const push = hikvisionPush({ plate, at, confidence: 98, colour: 'blue' }, { path: PATH, bare: true });
      try {
        return (await client.send(push)).status;
      } catch {
        client.close();
        client = undefined;
        return 0;
      }
    },
    close: () => client?.close(),
  };
}
