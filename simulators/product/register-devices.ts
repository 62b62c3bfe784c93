/** Registers devices at a box through its own command line, as an operator does, and keeps the passwords that it prints once. */
import type { CrewDevice } from '../../gateway/contracts/crew.ts';
import { siteboxOrThrow } from './gateway.ts';

/** The password of each device that has one, by id. One after the other: each is a program of its own, some tenths of a second. */
export async function registerDevices(
  configFile: string,
  devices: readonly CrewDevice[],
  by = 'simulator',
): Promise<Map<string, string>> {
  const credentials = new Map<string, string>();
  for (const { id, kind, role, protocol, serials } of devices) {
    const what = ['--kind', kind, '--role', role, '--protocol', protocol];
    const named = serials.length > 0 ? ['--serial', ...serials] : [];
    const printed = await siteboxOrThrow('device', 'add', id, '--config', configFile, ...what, ...named, '--by', by);
    const password = /^ *password +(\S+)$/m.exec(printed)?.[1];
    if (password !== undefined) credentials.set(id, password);
  }
  return credentials;
}
