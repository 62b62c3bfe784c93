/** Who gives an opinion at a terminal, and by which rules it counts. */
import type { Judge } from '../../contracts/people.ts';
import { Reviews } from '../../hits/reviews.ts';
import { PolicyFile } from '../../lists/in-force/policy-file.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { granted, peopleOf } from '../people/common.ts';
import type { Terminal } from '../terminal.ts';

/** Asks the person with this service number for the password. Ends the command where it is refused. */
export type JudgeLogin = (box: Box, serviceNumber: string, terminal: Terminal) => Promise<Judge>;

export const loginAtTerminal: JudgeLogin = async (box, number, terminal) => {
  const password = await terminal.secret(say('person-password-of', { number }));
  return granted(await peopleOf(box).accounts.judge(number, password));
};

export function reviewsOf(box: Box): Reviews {
  const { config, db, clock, outbox } = box;
  const policy = new PolicyFile({ db, site: config.site, path: config.lists.policy, now: () => clock.trusted() });
  const { accounts } = peopleOf(box);
  return new Reviews({ db, outbox, clock, policy: () => policy.inForce(), accounts });
}
