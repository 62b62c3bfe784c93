/** Who sees and judges hits at a terminal, and by which rules an opinion counts. */
import type { Judge } from '../../contracts/people.ts';
import { Reviews } from '../../hits/reviews.ts';
import { PolicyFile } from '../../lists/in-force/policy-file.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import { granted, peopleOf } from '../people/common.ts';
import type { Terminal } from '../terminal.ts';

/** Asks the person with this service number for the password. Ends the command where it is refused. */
export type HitLogin = (box: Box, serviceNumber: string, terminal: Terminal) => Promise<Judge>;

export interface HitLogins {
  /** An officer, also one whose account is too new to judge. */
  readonly viewer: HitLogin;
  readonly judge: HitLogin;
}

const typedPassword = (number: string, terminal: Terminal): Promise<string> =>
  terminal.secret(say('person-password-of', { number }));

export const LOGINS: HitLogins = {
  viewer: async (box, number, terminal) =>
    granted(await peopleOf(box).accounts.officer(number, await typedPassword(number, terminal))),
  judge: async (box, number, terminal) =>
    granted(await peopleOf(box).accounts.judge(number, await typedPassword(number, terminal))),
};

export function reviewsOf(box: Box): Reviews {
  const { config, db, clock, outbox } = box;
  const policy = new PolicyFile({ db, site: config.site, path: config.lists.policy, now: () => clock.trusted() });
  const { accounts } = peopleOf(box);
  return new Reviews({ db, outbox, clock, policy: () => policy.inForce(), accounts });
}
