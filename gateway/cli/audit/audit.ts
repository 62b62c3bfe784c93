/** `npx sitebox audit …`: the audit log of a box is shown, verified, exported and compared. Without a verb it is verified. */
import { group, type Verb } from '../verb.ts';
import { againstCommand } from './against.ts';
import { exportCommand } from './export.ts';
import { showCommand } from './show.ts';
import { verifyCommand } from './verify.ts';

export function auditCommand(): Verb {
  return group('audit', 'help-audit', [showCommand(), exportCommand(), againstCommand()], verifyCommand());
}
