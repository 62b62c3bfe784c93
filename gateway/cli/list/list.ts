/** `npx sitebox list …`: signed lists, from a table at the list office to matching on the box. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Command } from 'commander';
import { importCommand, trustCommand } from './box.ts';
import { EXIT_USAGE } from '../exit.ts';
import { newRootCommand, rotateRootCommand } from './root.ts';
import type { OpenPortraits } from './photos.ts';
import { diffCommand, showCommand, verifyCommand } from './read.ts';
import { signCommand } from './sign.ts';
import { say } from '../language.ts';

/** `portraits` judges the photos of document lists. */
export function listCommand(portraits: OpenPortraits): Command {
  const list = new Command('list').description(say('help-list'));
  const verbs = [
    ...[newRootCommand(), rotateRootCommand(), signCommand()],
    ...[verifyCommand(), showCommand(), diffCommand(), importCommand(portraits), trustCommand()],
  ];
  for (const verb of verbs) list.addCommand(verb);
  for (const command of [list, ...verbs]) {
    command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
  }
  return list;
}
