/** A Hikvision camera that reads plates by itself and pushes them here. */
import { z } from 'zod';
import { ConfigError } from '../../../gateway/contracts/errors.ts';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { OpenSource } from '../../../gateway/contracts/source.ts';
import { passwordHasUser } from '../address.ts';
import { openAllow } from '../../shared/allow.ts';
import { LIMITS } from '../push/answer.ts';
import { confidenceScaleKey, pushKeys, readingOf } from '../push/config.ts';
import { openDigest, sameText } from '../push/digest.ts';
import { openRepeats } from '../push/repeats.ts';
import { runPush } from '../push/server.ts';
import { openHikvision } from './codec.ts';

const hikvisionConfig = z
  .strictObject({
    ...pushKeys,
    /** A secret reference (`file:` or `env:`) to the path that the camera pushes to. */
    path: z.string().min(1).optional(),
    confidenceScale: confidenceScaleKey.default(100),
  })
  .refine(...passwordHasUser)
  .refine((c) => c.user === undefined || c.password !== undefined, {
    path: ['password'],
    message: 'expected a password, since there is a user',
  })
  .refine((c) => c.path !== undefined || c.user !== undefined, {
    path: ['path'],
    message: 'expected a secret path, or user and password: otherwise anything at an allowed address could push reads',
  });

/** What integrations take these words to mean; how the camera hangs may turn them round. */
const DIRECTIONS = { forward: 'approaching', reverse: 'leaving' } as const;

/** Checks the configuration; `run` listens. Emits `heartbeat` and `pushed`. */
export const openHikvisionCamera: OpenSource = (value, context) => {
  const config = context.check(hikvisionConfig, value);
  const path = config.path === undefined ? undefined : secretPath(config.path, context);
  const { user, password } = config;
  const login = user === undefined ? undefined : { user, password: context.secret(password ?? '', 'password') };
  const reading = readingOf(config, DIRECTIONS);
  const job = {
    ...config,
    camera: context.id,
    log: context.log,
    allows: openAllow(config.allow),
    digest: login && openDigest(login),
    repeats: openRepeats(),
    logins: context.logins,
    limits: LIMITS,
    dialect: {
      knows: (given: string) => path === undefined || sameText(given, path),
      collector: (_: string, contentType: string) => openHikvision(contentType, reading),
      success: { type: 'text/plain', body: 'OK\n' },
    },
  };
  return { pushes: true, run: (emit, signal) => runPush(job, emit, signal) };
};

function secretPath(reference: string, context: Context): string {
  const path = context.secret(reference, 'path');
  // Empty: it could not be read, which is already known.
  if (path !== '' && !/^\/[\w.~/-]{16,200}$/.test(path)) {
    const message = 'expected a path of / and 16 to 200 letters, digits or . _ ~ / - behind it';
    throw new ConfigError([{ path: ['path'], message, hint: 'nobody must be able to guess it' }]);
  }
  return path;
}
