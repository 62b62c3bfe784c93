/** The keys with which every network camera is found and logged in to. */
import { z } from 'zod';

/** `protocol` is written as URL.protocol gives it, e.g. `rtsp:`. */
export function addressKey(protocols: readonly string[], example: string): z.ZodString {
  return z.string().superRefine((text, context) => {
    const message = problemOf(text, protocols, `expected an address such as ${example}`);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** Says what is wrong with an address without repeating it: it may hold a password. */
function problemOf(text: string, protocols: readonly string[], expected: string): string | undefined {
  // Credentials are looked for first and by eye, so that an address that does not parse is not waved through.
  if (/^[a-z]+:\/\/.*@/i.test(text)) {
    return 'the address holds a user or password: put them in `user` and `password` (a file: or env: reference); an @ of the path is written %40';
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname === '') return expected;
  if (!protocols.includes(url.protocol)) return `${expected}, not ${url.protocol}//`;
  // eslint-disable-next-line no-control-regex
  return /[\s'\\\x00-\x1f]/.test(text) ? `${expected}, without spaces, quotes or backslashes` : undefined;
}

export const loginKeys = {
  user: z
    .string()
    .min(1)
    .refine((u) => !u.includes(':'), 'expected a name without a colon')
    .optional(),
  /** A secret reference (`file:` or `env:`), never the password itself. */
  password: z.string().min(1).optional(),
};

type Login = { user?: string | undefined; password?: string | undefined };

/** For `.refine(...)` of a schema with `loginKeys`. */
export const passwordHasUser: [(c: Login) => boolean, { path: string[]; message: string }] = [
  (c) => c.password === undefined || c.user !== undefined,
  { path: ['user'], message: 'expected a user, since there is a password' },
];

/** Width or height of emitted frames, pixels; even, because video is. */
export const pixels = (most: number): z.ZodNumber =>
  z.number().int().min(64).max(most).multipleOf(2, 'expected an even number of pixels');
