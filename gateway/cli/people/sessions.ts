/** `npx sitebox person sessions` and `revoke`: who and what is logged in, and the end of it. */
import type { ServiceNumber } from '../../contracts/people.ts';
import { named } from '../../contracts/words/names.ts';
import { CONSOLE } from '../../people/accounts.ts';
import { say, when } from '../language.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { atTerminal, peopleOf, refused, serviceNumber, type PersonIo } from './common.ts';

export function sessionsCommand(): Verb {
  return new BoxVerb('sessions', 'help-person-sessions').onBox((box) => {
    const open = peopleOf(box).sessions.list();
    for (const { id, kind, person, lane, created, isIdle } of open) {
      const holder = person?.serviceNumber ?? lane ?? '-';
      const state = isIdle ? say('session-state-idle') : '';
      console.log(say('session-row', { id, kind: named('session-kind', kind), holder, at: when(created), state }));
    }
    if (open.length === 0) console.log(say('session-none'));
  });
}

export function revokeCommand(io: PersonIo): Verb {
  const verb = new BoxVerb('revoke', 'help-person-revoke');
  verb
    .argument('<session>', say('help-person-session'))
    .requiredOption('--by <number>', say('help-person-one'), serviceNumber);
  return verb.onBox((box, id: string, { by }: { by: ServiceNumber }) =>
    atTerminal(io, async (terminal) => {
      const password = await terminal.secret(say('person-password-of', { number: by }));
      const refusal = await peopleOf(box, io).sessions.revokeBy(id, { serviceNumber: by, password }, CONSOLE);
      if (refusal) throw refused(refusal);
      console.log(say('session-revoked', { id }));
    }),
  );
}
