/** Who may connect, and as whom. */
import type { EquipmentHost, CrewDevice } from '../../../gateway/contracts/crew.ts';
import { mayPublish, readTopic } from '../topics/codec.ts';

/** What CONNECT says. */
export interface ConnectRequest {
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Common name of the certificate shown. */
  readonly certificate: string | undefined;
  readonly will: Will | undefined;
}

export interface Will {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** Return codes of CONNACK (MQTT 3.1.1, table 3.1). */
export const CONNACK = { identifier: 2, unavailable: 3, login: 4, notAllowed: 5 } as const;
export type ConnackCode = (typeof CONNACK)[keyof typeof CONNACK];

/**
 * Resolves to the device, or to the code it is refused with: `login` for whatever is wrong with user and secret, alike for all causes;
 * `notAllowed` for no login at all, a certificate of no device and a will elsewhere than on its own status; `identifier` for a client id
 * that is not its own. DJI's equipment makes its client ids up. `onLoginFailed` is called with the name
 * that a refused client has claimed.
 */
export async function logIn(
  connect: ConnectRequest,
  host: EquipmentHost,
  onLoginFailed: (name: string) => void = () => undefined,
): Promise<CrewDevice | ConnackCode> {
  const device = await identify(connect, host);
  const name = connect.certificate ?? connect.user;
  if (typeof device === 'number' && name !== undefined) onLoginFailed(name);
  if (typeof device === 'number') return device;
  if (device.protocol !== 'dji' && connect.clientId !== device.id) return CONNACK.identifier;
  if (connect.will && !isOwnStatus(device, connect.will)) return CONNACK.notAllowed;
  return device;
}

async function identify(
  { user, password, certificate }: ConnectRequest,
  host: EquipmentHost,
): Promise<CrewDevice | ConnackCode> {
  if (certificate !== undefined) {
    const device = user === undefined || user === certificate ? host.device(certificate) : undefined;
    return device ?? CONNACK.notAllowed;
  }
  if (user === undefined || password === undefined) return CONNACK.notAllowed;
  return (await host.login(user, password)) ?? CONNACK.login;
}

function isOwnStatus(device: CrewDevice, { topic, qos, retain }: Will): boolean {
  return readTopic(topic)?.kind === 'status' && mayPublish(device, topic, qos, retain);
}

/**
 * Lets a few logins through at a time. The others wait here, where clients that have given up meanwhile cost nothing: after a power cut all
 * devices come at once, and each login takes a core for a while.
 */
export function limitConcurrency(
  atOnce: number,
): <T>(gone: () => boolean, work: () => Promise<T>) => Promise<T | undefined> {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (gone, work) => {
    if (free > 0) free--;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return gone() ? undefined : await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
