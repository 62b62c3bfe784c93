/** The port on which the box listens for equipment. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { whyNotListening } from '../../gateway/contracts/network-errors.ts';

export const listenKey = z.strictObject({
  host: z.string().refine((host) => isIP(host) !== 0, 'expected an address of this box, such as 192.168.1.2'),
  /** 0 takes a free port, which the log names. */
  port: z.int().min(0).max(65_535),
});

export type Listen = z.infer<typeof listenKey>;

/** An error that names the address and the key to change. */
export function notListening({ host, port }: Listen, error: unknown, key = 'listen'): Error {
  return new Error(`cannot listen on ${host} port ${port}: ${whyNotListening(error, key)}`, { cause: error });
}
