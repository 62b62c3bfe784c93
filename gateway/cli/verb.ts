/** Verbs of the command line, and groups of them. */
import { Command } from 'commander';
import type { Code } from '../contracts/words/words.ts';
import { EXIT_USAGE, guarded } from './exit.ts';
import { say } from './language.ts';
import { onBox, type Box } from './on-box.ts';
import { person } from './options.ts';

/** Every mistake in how the program is used ends with the same exit code. */
export function exitsOnMisuse(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
}

/** A line of the help. */
export type HelpCode = Exclude<Code & `help-${string}`, 'help-notes'>;

/** What is known to go wrong in its action becomes one message and an exit code. */
export class Verb extends Command {
  constructor(name: string, help: HelpCode) {
    super(name);
    this.description(say(help));
    exitsOnMisuse(this);
  }

  override action<A extends unknown[]>(work: (...args: A) => void | Promise<void>): this {
    return super.action((...args) => guarded(() => work(...(args as A))));
  }

  /** `--by`: the person who answers for what is done. */
  by(help: HelpCode = 'help-by'): this {
    return this.requiredOption('--by <name>', say(help), person);
  }
}

/** A verb about the box that `--config` names. */
export class BoxVerb extends Verb {
  constructor(name: string, help: HelpCode) {
    super(name, help);
    this.requiredOption('--config <file>', say('help-config'));
  }

  /** The action of a verb that needs a store. `args` are the arguments and then the options, as in `action`. */
  onBox<A extends unknown[]>(work: (box: Box, ...args: A) => void | Promise<void>): this {
    return this.action((...args: A) => onBox(this.opts<{ config: string }>().config, (box) => work(box, ...args)));
  }
}

/** `otherwise` is the verb where none is named. */
export function group(name: string, help: HelpCode, verbs: readonly Verb[], otherwise?: Verb): Verb {
  const all = new Verb(name, help);
  for (const verb of verbs) all.addCommand(verb);
  if (otherwise) all.addCommand(otherwise, { isDefault: true });
  return all;
}
