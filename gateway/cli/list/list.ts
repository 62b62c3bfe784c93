/** `npx sitebox list …`: signed lists, from a table at the list office to matching on the box. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { importCommand, trustCommand } from './box.ts';
import { newRootCommand, rotateRootCommand } from './root.ts';
import type { OpenPortraits } from './photos.ts';
import { diffCommand, showCommand, verifyCommand } from './read.ts';
import { signCommand } from './sign.ts';
import { group, type Verb } from '../verb.ts';

/** `portraits` judges the photos of document lists. */
export function listCommand(portraits: OpenPortraits): Verb {
  return group('list', 'help-list', [
    ...[newRootCommand(), rotateRootCommand(), signCommand()],
    ...[verifyCommand(), showCommand(), diffCommand(), importCommand(portraits), trustCommand()],
  ]);
}
