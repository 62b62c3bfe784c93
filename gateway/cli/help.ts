/** Help and mistakes of use in the language of the command line: what commander writes by itself comes from the catalogue too. */
import { Help, type Command, type Option, type Argument } from 'commander';
import { printable } from '../contracts/text.ts';
import { displayWidth, say, spoken } from './language.ts';

/** A mistake in how a verb is used is said with the words of whoever typed it, or of the script that did. */
const OUTPUT = {
  writeOut: (text: string): void => void process.stdout.write(printable(text)),
  writeErr: (text: string): void => void process.stderr.write(printable(text)),
  outputError: (text: string, write: (text: string) => void): void => write(spoken(text)),
};

const TITLES = new Map([
  ['Usage', 'help-usage'],
  ['Arguments', 'help-arguments'],
  ['Options', 'help-options'],
  ['Commands', 'help-commands'],
] as const);

const PLAIN = new Help();

const HELP = {
  displayWidth,
  styleTitle: (title: string): string => {
    const code = TITLES.get(title.slice(0, -1) as 'Usage');
    return code ? say(code) : title;
  },
  optionDescription: (option: Option): string => withNotes(PLAIN.optionDescription(option)),
  argumentDescription: (argument: Argument): string => withNotes(PLAIN.argumentDescription(argument)),
  commandUsage: (command: Command): string => withPlaces(PLAIN.commandUsage(command)),
  subcommandTerm: (command: Command): string => withPlaces(PLAIN.subcommandTerm(command)),
  // A Chinese colon has its own blank.
  formatHelp: (command: Command, help: Help): string => PLAIN.formatHelp(command, help).replace(/^(.*：) /, '$1'),
};

/** `sitebox [options] [command]`. */
function withPlaces(term: string): string {
  return term.replace('[options]', say('help-any-options')).replace('[command]', say('help-any-command'));
}

/** `(choices: "a", "b", default: "a")` behind a description. That a switch is off unless it is given is not said. */
function withNotes(description: string): string {
  return description.replace(/ \(((?:choices|default): [^()]*)\)$/, (_, notes: string) => {
    const [, choices, otherwise] = /^(?:choices: (.*?))?(?:(?:^|, )default: (.*))?$/.exec(notes)!;
    const own = [
      ...(choices === undefined ? [] : [say('help-choices') + unquoted(choices)]),
      ...(otherwise === undefined || otherwise === 'false' ? [] : [say('help-default') + unquoted(otherwise)]),
    ];
    return own.length === 0 ? '' : say('help-notes', { notes: own.join(say('help-note-mark')) });
  });
}

/** `"a", "b"` as `a, b`. */
function unquoted(values: string): string {
  return values.replaceAll('"', '').replaceAll(', ', say('help-choice-mark'));
}

/** For the program and all its verbs. */
export function inOwnLanguage(program: Command): void {
  for (const command of withVerbs(program)) {
    command.configureOutput(OUTPUT).configureHelp(HELP).helpOption('-h, --help', say('help-help'));
    if (command.commands.length > 0) command.helpCommand('help [command]', say('help-help'));
  }
}

function withVerbs(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withVerbs)];
}
