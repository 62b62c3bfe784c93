/** What the verbs about the crew's equipment share: how a device is named, and which roles there are. */
import { InvalidArgumentError } from 'commander';
import type { CrewRole } from '../../contracts/crew.ts';
import { say } from '../language.ts';

export const ROLES: readonly CrewRole[] = ['officer', 'guard', 'volunteer'];

export function deviceId(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError(say('bad-device-id'));
}
