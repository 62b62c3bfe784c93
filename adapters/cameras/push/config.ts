/** The keys that all cameras that push have in common. */
import { z } from 'zod';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Direction } from '../../../gateway/contracts/plate.ts';
import { loginKeys } from '../address.ts';
import { allowListKey, openAllowList } from '../../shared/allow.ts';
import { listenKey } from '../../shared/listen.ts';
import { PUSH_LIMITS } from './answer.ts';
import type { FieldMapping } from './codec.ts';
import { openDeduplicator } from './deduplicator.ts';
import { openTimeReader } from './time.codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const direction = z.enum(['approaching', 'leaving', 'unknown']);

export const pushKeys = {
  ...loginKeys,
  listen: listenKey,
  allow: allowListKey,
  /** Nothing from the camera for this long is a loss; 0: never. */
  silentAfterS: z.int().min(0).max(86_400).default(0),
  crossCheck: z.boolean().default(false),
  /** Of times without a zone. */
  timeZone: z.string().refine(isTimeZone, english('config-time-zone')).default('Asia/Shanghai'),
  /** The camera's own words for directions, where the built-in ones do not fit how it hangs. */
  directions: z.record(z.string(), direction).default({}),
};

export const confidenceScaleKey = z.literal([100, 255]);

interface MappingKeys {
  readonly confidenceScale: FieldMapping['confidenceScale'];
  readonly timeZone: string;
  readonly directions: Readonly<Record<string, Direction>>;
}

/** `builtIn`: what the maker's words for directions usually mean. */
export function fieldMappingOf(config: MappingKeys, builtIn: Readonly<Record<string, Direction>>): FieldMapping {
  const words = [...Object.entries(builtIn), ...Object.entries(config.directions)];
  return {
    confidenceScale: config.confidenceScale,
    time: openTimeReader(config.timeZone),
    directions: new Map(words.map(([word, meaning]) => [word.toLowerCase(), meaning])),
  };
}

/** What the server of a camera takes from its configuration and from the box. */
export const serverOptionsOf = <C extends { readonly allow: readonly string[] }>(
  config: C,
  { id, log, logins }: Context,
) => ({
  ...config,
  camera: id,
  log,
  logins,
  allows: openAllowList(config.allow),
  deduplicator: openDeduplicator(),
  limits: PUSH_LIMITS,
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
