/** The configuration of the box's own broker, and every limit it has. The README gives the reason of each default. */
import { createSecureContext, type TlsOptions } from 'node:tls';
import { z } from 'zod';
import { ConfigError } from '../../../gateway/contracts/errors.ts';
import { isHostName } from '../../../gateway/contracts/hosts.ts';
import type { Context } from '../../../gateway/contracts/base.ts';
import { listenKey } from '../../shared/listen.ts';
import { readPem } from '../../shared/pem-file.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const limitsKey = z
  .strictObject({
    connections: z.int().min(1).max(20_000).default(1_200),
    perAddress: z.int().min(1).max(20_000).default(8),
    /** From the first byte to a whole CONNECT, handshakes included. */
    connectS: z.int().min(1).max(60).default(5),
    /** Of CONNECT. */
    loginBytes: z.int().min(256).max(65_536).default(4_096),
    /** Of any later packet. */
    packetBytes: z
      .int()
      .min(1_024)
      .max(1_048_576)
      .default(256 * 1_024),
    /** Of one device; as much again may come at once. What comes faster waits in the device. */
    packetsPerS: z.int().min(1).max(1_000_000).default(300),
    bytesPerS: z.int().min(1_024).max(1_073_741_824).default(1_048_576),
    /** A device that asks for longer, or for none, is treated as if it had asked for this. */
    keepaliveS: z.int().min(10).max(65_535).default(600),
  })
  .prefault({});

export type BrokerLimits = z.infer<typeof limitsKey>;

export const brokerConfig = z
  .strictObject({
    listen: listenKey.optional(),
    tls: listenKey
      .extend({
        /** PEM files. */
        key: z.string().min(1),
        cert: z.string().min(1),
        /** PEM file: who signs the certificates of devices. With it a certificate replaces a password. */
        clientAuthority: z.string().min(1).optional(),
        /** The exception for equipment that knows no TLS 1.3. */
        minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.3'),
      })
      .optional(),
    websocket: listenKey
      .extend({
        path: z.string().startsWith('/').max(128).default('/mqtt'),
        /** With the key and the certificate of `tls`. */
        tls: z.boolean().default(false),
        /** Names under which devices may ask, beside the address of the box. Where TLS is used the certificate names the box instead. */
        hosts: z
          .array(z.string().refine(isHostName, english('config-host')))
          .max(16)
          .default([]),
      })
      .optional(),
    limits: limitsKey,
  })
  .refine((c) => c.listen ?? c.tls ?? c.websocket, english('broker-listen-missing'))
  .refine((c) => !c.websocket?.tls || c.tls, {
    path: ['websocket', 'tls'],
    message: english('broker-tls-missing'),
  });

export type BrokerConfig = z.infer<typeof brokerConfig>;

/** Reads the PEM files; throws ConfigError where they cannot be read or do not belong together. */
export function tlsOptions(config: NonNullable<BrokerConfig['tls']>, context: Context): TlsOptions {
  const read = (key: 'key' | 'cert' | 'clientAuthority', file: string): string =>
    readPem(context.file(file), ['tls', key]);
  const { minVersion, clientAuthority } = config;
  const options = { key: read('key', config.key), cert: read('cert', config.cert), minVersion };
  try {
    createSecureContext(options);
  } catch {
    const message = english('broker-no-pair', { key: config.key, certificate: config.cert });
    throw new ConfigError([{ path: ['tls', 'key'], message, hint: english('pem-expected') }]);
  }
  if (clientAuthority === undefined) return options;
  const ca = read('clientAuthority', clientAuthority);
  // A client without a certificate may still log in with a password, so the handshake does not refuse; the listener does.
  return { ...options, ca, requestCert: true, rejectUnauthorized: false };
}
