/** `npx sitebox person …`: who has an account on the box. Exit 0 done, 1 refused, 64 wrong use, 78 configuration, 130 interrupted. */
import { Option } from 'commander';
import type { Person, ServiceNumber } from '../../contracts/people.ts';
import { named } from '../../contracts/words/names.ts';
import { joined } from '../../contracts/words/words.ts';
import type { Accounts, NewPerson } from '../../people/accounts.ts';
import { say, when } from '../language.ts';
import type { Box } from '../on-box.ts';
import { several, shortText } from '../options.ts';
import { BoxVerb, group, type HelpCode, type Verb } from '../verb.ts';
import {
  atTerminal,
  backingBy,
  granted,
  KINDS,
  newPassword,
  peopleOf,
  ROLES,
  serviceNumber,
  type PersonIo,
} from './common.ts';
import { displayCommand } from './display.ts';
import { revokeCommand, sessionsCommand } from './sessions.ts';
import { recoverCommand, setupCommand } from './setup.ts';

const MAX_NAME_CHARS = 60;

/** `io`: for tests. */
export function personCommand(io: PersonIo = {}): Verb {
  return group('person', 'help-person', [
    addCommand(io),
    listCommand(),
    disableCommand(io),
    resetCommand(io),
    vouchCommand(io),
    sessionsCommand(),
    displayCommand(io),
    revokeCommand(io),
    setupCommand(io),
    recoverCommand(io),
  ]);
}

interface ByOptions {
  /** Those who answer for it, each by their password. */
  readonly by: readonly ServiceNumber[];
  readonly vouch?: boolean;
}

function verbOnAccount(name: string, help: HelpCode): BoxVerb {
  const verb = new BoxVerb(name, help);
  verb
    .argument('<number>', say('help-person-number'), serviceNumber)
    .requiredOption('--by <number...>', say('help-person-by'), several(serviceNumber));
  return verb;
}

function addCommand(io: PersonIo): Verb {
  const verb = verbOnAccount('add', 'help-person-add');
  verb
    .requiredOption('--name <name>', say('help-person-name'), shortText(MAX_NAME_CHARS))
    .addOption(new Option('--kind <kind>', say('help-person-kind')).choices(KINDS).makeOptionMandatory())
    .addOption(new Option('--role <role...>', say('help-person-role')).choices(ROLES).makeOptionMandatory())
    .option('--vouch', say('help-person-vouched'));
  return verb.onBox(
    (
      box: Box,
      number: ServiceNumber,
      options: ByOptions & Pick<NewPerson, 'name' | 'kind'> & { role: NewPerson['roles'] },
    ) =>
      atTerminal(io, async (terminal) => {
        const { by, name, kind, role: roles, vouch = false } = options;
        const { accounts } = peopleOf(box, io);
        const backing = await backingBy(terminal, by, vouch);
        const password = await newPassword(terminal, number);
        const person = granted(await accounts.add({ serviceNumber: number, name, kind, roles }, password, backing));
        console.log(say('person-added', { person: lineOf(person, accounts) }));
      }),
  );
}

function listCommand(): Verb {
  return new BoxVerb('list', 'help-person-list').onBox((box) => {
    const { accounts } = peopleOf(box);
    const people = accounts.list();
    for (const person of people) console.log(lineOf(person, accounts));
    if (people.length === 0) console.log(say('person-none'));
  });
}

function disableCommand(io: PersonIo): Verb {
  return verbOnAccount('disable', 'help-person-disable').onBox((box: Box, number: ServiceNumber, { by }: ByOptions) =>
    atTerminal(io, async (terminal) => {
      const { accounts } = peopleOf(box, io);
      const person = granted(await accounts.disable(number, await backingBy(terminal, by, false)));
      console.log(say('person-disabled', { person: lineOf(person, accounts) }));
      const left = accounts.list().filter((one) => one.disabled === undefined && one.roles.includes('officer'));
      if (left.length < 2) console.error(say('person-few-left', { n: left.length }));
    }),
  );
}

function resetCommand(io: PersonIo): Verb {
  const verb = verbOnAccount('reset', 'help-person-reset');
  verb.option('--vouch', say('help-person-vouched'));
  return verb.onBox((box: Box, number: ServiceNumber, { by, vouch = false }: ByOptions) =>
    atTerminal(io, async (terminal) => {
      const { accounts } = peopleOf(box, io);
      const backing = await backingBy(terminal, by, vouch);
      const person = granted(await accounts.reset(number, await newPassword(terminal, number), backing));
      console.log(say('person-reset', { person: lineOf(person, accounts) }));
    }),
  );
}

function vouchCommand(io: PersonIo): Verb {
  return verbOnAccount('vouch', 'help-person-vouch').onBox((box: Box, number: ServiceNumber, { by }: ByOptions) =>
    atTerminal(io, async (terminal) => {
      const { accounts } = peopleOf(box, io);
      const person = granted(await accounts.vouch(number, await backingBy(terminal, by, true)));
      console.log(say('person-vouched', { person: lineOf(person, accounts) }));
    }),
  );
}

function lineOf(person: Person, accounts: Accounts): string {
  const { serviceNumber: number, name, kind, roles, disabled, judgesFrom } = person;
  const may = accounts.mayJudge(number) === undefined;
  const waits = roles.includes('officer') && !may;
  const state =
    disabled !== undefined
      ? say('person-state-disabled', { at: when(disabled) })
      : waits
        ? say('person-state-waits', { at: when(judgesFrom) })
        : '';
  const role = joined(roles.map((one) => named('account-role', one)));
  return say('person-row', { number, name, kind: named('kind', kind), role, state });
}
