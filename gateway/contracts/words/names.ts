/** Words for the ids that people see: roles, modes, states, reasons. */
import type { Words } from './area.ts';
import { catalogue, words, type Code } from './words.ts';

/** What an id is of: the first part of its code. */
export type Named =
  | 'role'
  | 'deed'
  | 'kind'
  | 'account-role'
  | 'session-kind'
  | 'mode'
  | 'origin'
  | 'state'
  | 'why'
  | 'fault'
  | 'face'
  | 'key-role'
  | 'model-state'
  | 'needed'
  | 'sos-origin'
  | 'alert-stage'
  | 'alert-end'
  | 'alert-state'
  | 'read-fault'
  | 'cross-check'
  | 'review-state'
  | 'verdict'
  | 'reason'
  | 'outcome'
  | 'certainty'
  | 'device-problem';

/**
 * An id that the catalogue has no words for stands as it is: a store may hold one that only another version knows.
 * @example named('role', 'officer').zh // '民警'
 */
export function named(of: Named, id: string): Words {
  const code = `${of}-${id.replaceAll(' ', '-').toLowerCase()}`;
  return Object.hasOwn(catalogue, code) ? words(code as Code & 'role-officer') : { en: id, zh: id };
}
