/** The port that equipment comes to. */
import { isIP } from 'node:net';
import { z } from 'zod';

export const listenKey = z.strictObject({
  host: z.string().refine((host) => isIP(host) !== 0, 'expected an address of this box, such as 192.168.1.2'),
  /** 0 takes a free one, which the log names. */
  port: z.int().min(0).max(65_535),
});

export type Listen = z.infer<typeof listenKey>;

/** In words that name the address and the key to change. */
export function notListening({ host, port }: Listen, error: NodeJS.ErrnoException, key = 'listen'): Error {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `something else listens there already: choose another \`${key}.port\``,
    EACCES: `this user may not listen there: choose a \`${key}.port\` from 1024 on`,
    EADDRNOTAVAIL: `this box has no such address: check \`${key}.host\``,
  };
  const cause = why[error.code ?? ''] ?? `it cannot be opened (${error.code ?? 'unknown cause'}): check \`${key}\``;
  return new Error(`cannot listen on ${host} port ${port}: ${cause}`, { cause: error });
}
