/** The keys under a relay's `secret`. */
import type { Context } from '../../gateway/contracts/base.ts';
import { ConfigError } from '../../gateway/contracts/errors.ts';
import { english } from '../../gateway/contracts/words/words.ts';
import { areSigningKeys, areVerifyingKeys } from './webhook.codec.ts';

/** One or more keys out of the `file:` or `env:` reference `secret`. Throws a ConfigError where they are none for that use. */
export function keysOf(secret: string, context: Context, use: 'signing' | 'verifying'): string {
  const keys = context.secret(secret, 'secret').trim();
  if ((use === 'signing' ? areSigningKeys : areVerifyingKeys)(keys)) return keys;
  throw new ConfigError([
    { path: ['secret'], message: english(`secret-no-${use}-key`), hint: english('secret-expected') },
  ]);
}
