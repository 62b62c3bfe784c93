/** The port on which the box listens for equipment. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { whyNotListening } from '../../gateway/contracts/network-errors.ts';
import { english } from '../../gateway/contracts/words/words.ts';

export const listenKey = z.strictObject({
  host: z.string().refine((host) => isIP(host) !== 0, english('listen-host-expected')),
  /** 0 takes a free port, which the log names. */
  port: z.int().min(0).max(65_535),
});

export type Listen = z.infer<typeof listenKey>;

/** An error that names the address and the key to change. */
export function notListening({ host, port }: Listen, error: unknown, key = 'listen'): Error {
  return new Error(english('listen-refused', { host, port, why: whyNotListening(error, key) }), { cause: error });
}
