/** The keys with which every network camera is found and logged in to. */
import { z } from 'zod';
import { english } from '../../gateway/contracts/words/words.ts';

/** `protocol` is written as URL.protocol gives it, e.g. `rtsp:`. */
export function addressKey(protocols: readonly string[], example: string): z.ZodString {
  return z.string().superRefine((text, context) => {
    const message = problemOf(text, protocols, example);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** Says what is wrong with an address without repeating it: it may hold a password. */
function problemOf(text: string, protocols: readonly string[], example: string): string | undefined {
  // Credentials are looked for first and by eye, so that an address that does not parse is not waved through.
  if (/^[a-z]+:\/\/.*@/i.test(text)) {
    return english('address-with-login');
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname === '') return english('address-expected', { example });
  if (!protocols.includes(url.protocol)) return english('address-protocol', { example, protocol: url.protocol });
  // eslint-disable-next-line no-control-regex
  return /[\s'\\\x00-\x1f]/.test(text) ? english('address-characters', { example }) : undefined;
}

export const loginKeys = {
  user: z
    .string()
    .min(1)
    .refine((u) => !u.includes(':'), english('login-user-colon'))
    .optional(),
  /** A secret reference (`file:` or `env:`), never the password itself. */
  password: z.string().min(1).optional(),
};

type Login = { user?: string | undefined; password?: string | undefined };

/** For `.refine(...)` of a schema with `loginKeys`. */
export const passwordHasUser: [(c: Login) => boolean, { path: string[]; message: string }] = [
  (c) => c.password === undefined || c.user !== undefined,
  { path: ['user'], message: english('login-user-missing') },
];

/** Width or height of emitted frames, pixels; even, because video is. */
export const pixels = (most: number): z.ZodNumber =>
  z.number().int().min(64).max(most).multipleOf(2, english('pixels-even'));
