/** `npx sitebox person setup` and `recover`: root at the console has the first accounts entered, or those of a box with too few people left. */
import type { NewPerson } from '../../people/accounts.ts';
import { isRefusal } from '../../people/refusal.ts';
import type { MissingPeople, SetUp } from '../../people/setup-code.ts';
import { named } from '../../contracts/words/names.ts';
import { chosen } from '../choice.ts';
import { Stop } from '../exit.ts';
import { say, spoken } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import type { Terminal } from '../terminal.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { originOf } from './display.ts';
import { atTerminal, KINDS, newPassword, peopleOf, ROLES, type PersonIo } from './common.ts';

interface Options {
  readonly config: string;
  readonly code?: boolean;
}

export function setupCommand(io: PersonIo): Verb {
  return new BoxVerb('setup', 'help-person-setup')
    .option('--code', say('help-person-code'))
    .action(({ config, code = false }: Options) =>
      onBox(config, (box) => enterAccounts(box, io, { code, recovers: false }), { creates: true }),
    );
}

export function recoverCommand(io: PersonIo): Verb {
  return new BoxVerb('recover', 'help-person-recover')
    .option('--code', say('help-person-code'))
    .onBox((box, { code = false }: Options) => enterAccounts(box, io, { code, recovers: true }));
}

async function enterAccounts(
  box: Box,
  io: PersonIo,
  { code, recovers }: { code: boolean; recovers: boolean },
): Promise<void> {
  const { accounts, setUp } = peopleOf(box, io);
  if (process.getuid?.() !== 0) throw new Stop(say('person-root'));
  if (accounts.isSetUp() !== recovers)
    throw new Stop(say(recovers ? 'recover-without-accounts' : 'setup-done-already'));
  console.log(say(recovers ? 'recover-how' : 'setup-how'));
  if (code) {
    console.log(say('setup-code', { code: setUp.makeCode(), page: `${originOf(box.config)}/setup` }));
    return;
  }
  await atTerminal(io, (terminal) => enterAtTerminal(terminal, setUp));
  console.log(say(recovers ? 'recover-done' : 'setup-done'));
}

async function enterAtTerminal(terminal: Terminal, setUp: SetUp): Promise<void> {
  const { token } = setUp.openOnConsole();
  for (let missing: MissingPeople = { officers: 2, others: 1 }; missing.officers + missing.others > 0;) {
    console.log(say('setup-missing', { officers: missing.officers, others: missing.others }));
    const person = await askPerson(terminal);
    const result = await setUp.enter(token, person, await newPassword(terminal, person.serviceNumber));
    if (!isRefusal(result)) {
      missing = result;
      continue;
    }
    const refused = say('refused', { why: result.refused });
    if (!terminal.isInteractive || result.refused.code === 'session-ended') throw new Stop(refused);
    console.error(refused);
  }
}

async function askPerson(terminal: Terminal): Promise<NewPerson> {
  const serviceNumber = await terminal.ask(say('ask-number'));
  const name = await terminal.ask(say('ask-name'));
  const kind = await choose(terminal, say('ask-kind'), 'kind', KINDS);
  const role = await choose(terminal, say('ask-role'), 'account-role', ROLES);
  return { serviceNumber, name, kind, roles: [role] };
}

/** One of `ids`, which stand in the question. */
function choose<T extends string>(
  terminal: Terminal,
  question: string,
  of: 'kind' | 'account-role',
  ids: readonly T[],
): Promise<T> {
  const list = ids.map((id, i) => `${i + 1} ${spoken(named(of, id))}`).join('  ');
  return chosen(terminal, `${question} (${list})`, of, ids);
}
