/** A Hikvision camera that reads plates by itself and pushes them here. */
import { z } from 'zod';
import { ConfigError } from '../../../gateway/contracts/errors.ts';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { OpenSource } from '../../../gateway/contracts/source.ts';
import { passwordHasUser } from '../address.ts';
import { confidenceScaleKey, pushKeys, fieldMappingOf, serverOptionsOf } from '../push/config.ts';
import { openDigestGuard, constantTimeEqual } from '../push/digest.ts';
import { runPush } from '../push/server.ts';
import { openHikvisionParser } from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

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
    message: english('login-password-missing'),
  })
  .refine((c) => c.path !== undefined || c.user !== undefined, {
    path: ['path'],
    message: english('push-path-or-login'),
  });

/** What integrations take these words to mean; how the camera hangs may turn them round. */
const DIRECTIONS = { forward: 'approaching', reverse: 'leaving' } as const;

/** Checks the configuration; `run` listens. Emits `heartbeat` and `pushed`. */
export const openHikvisionCamera: OpenSource = (value, context) => {
  const config = context.check(hikvisionConfig, value);
  const path = config.path === undefined ? undefined : secretPath(config.path, context);
  const { user, password } = config;
  const login = user === undefined ? undefined : { user, password: context.secret(password ?? '', 'password') };
  const reading = fieldMappingOf(config, DIRECTIONS);
  const options = {
    ...serverOptionsOf(config, context),
    digest: login && openDigestGuard(login),
    dialect: {
      handles: (given: string) => path === undefined || constantTimeEqual(given, path),
      openParser: (_: string, contentType: string) => openHikvisionParser(contentType, reading),
      success: { type: 'text/plain', body: 'OK\n' },
    },
  };
  return { pushes: true, run: (emit, signal) => runPush(options, emit, signal) };
};

function secretPath(reference: string, context: Context): string {
  const path = context.secret(reference, 'path');
  // Empty: it could not be read, which is already known.
  if (path !== '' && !/^\/[\w.~/-]{16,200}$/.test(path)) {
    const message = english('push-path-expected');
    throw new ConfigError([{ path: ['path'], message, hint: english('push-path-hint') }]);
  }
  return path;
}
