/** A box with one plate camera that pushes, for faults of the store: quick to start, and each read is answered by what became of it. */
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { openPushClient, type PushClient } from '../devices/plate-camera/client.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { freePort } from '../product/free-port.ts';
import { giveList, laySite, stolen } from '../product/site.ts';

/** To which cameras push. */
export const PATH = '/8f2c0123456789abcdef01';

export type PushBox = Awaited<ReturnType<typeof layPushBox>>;

interface PushBoxOptions {
  readonly folder: string;
  /** Listed, with the entry ids E-1, E-2, … */
  readonly plates: readonly string[];
  readonly upstream?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export async function layPushBox({ folder, plates, upstream = {}, env, more }: PushBoxOptions) {
  const port = await freePort();
  const listen = { host: '127.0.0.1', port };
  const camera = { kind: 'hikvision', listen, allow: ['127.0.0.1'], path: 'env:PUSH_PATH' };
  const settings = { hits: { windowS: 1 }, inference: { threads: 1 }, ...more };
  const site = await laySite({ folder, port: 0, cameras: { plates: camera }, upstream, more: settings });
  await giveList(site, 1, plates.map(stolen));
  let client: PushClient | undefined;
  return {
    site,
    /** To which the camera pushes. */
    port,
    start: (): GatewayProcess => spawnGateway(site.configFile, { env: { PUSH_PATH: PATH, ...env } }),
    /** Sends one read and gives the status of its answer; 0 where the connection broke or nobody listens. */
    async push(plate: string, at = new Date()): Promise<number> {
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
