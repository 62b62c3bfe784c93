/** The command line: one file per verb. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { printable } from '../contracts/text.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { clockCommand } from './clock.ts';
import { compareFacesCommand } from './compare-faces.ts';
import { deviceCommand } from './crew/device.ts';
import type { Program } from '../contracts/program.ts';
import { listCommand } from './list/list.ts';
import { portraitsBy } from './list/photos.ts';
import { modeCommand } from './crew/mode.ts';
import { modelsCommand } from './models.ts';
import { orderCommand } from './crew/order.ts';
import { outboxCommand } from './outbox.ts';
import { readPlatesCommand } from './read-plates.ts';
import { safeModeCommand } from './safe-mode.ts';
import { restoreCommand } from './restore.ts';
import { sosCommand } from './crew/sos.ts';
import { startCommand } from './start.ts';
import { verifyStoreCommand } from './verify-store.ts';

export async function main(argv: readonly string[], given: Program): Promise<void> {
  const { adapters, models } = given;
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('sitebox')
    .description('the computer at a checkpoint')
    // An option after a verb belongs to the verb: `list sign --version 3` is not the version of the program.
    .enablePositionalOptions()
    .version(version)
    .addCommand(startCommand(given))
    .addCommand(checkCommand(adapters))
    .addCommand(listCommand(portraitsBy(models.worker)))
    .addCommand(clockCommand())
    .addCommand(auditCommand())
    .addCommand(verifyStoreCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(deviceCommand())
    .addCommand(orderCommand())
    .addCommand(sosCommand())
    .addCommand(modeCommand())
    .addCommand(safeModeCommand())
    .addCommand(outboxCommand())
    .addCommand(readPlatesCommand(models.worker))
    .addCommand(compareFacesCommand(models.worker))
    .addCommand(modelsCommand(models))
    .showSuggestionAfterError();
  for (const command of withVerbs(program)) command.configureOutput(PLAINLY);
  await program.parseAsync([...argv]);
}

/** A mistake in how a verb is used is said with the words of whoever typed it, or of the script that did. */
const PLAINLY = {
  writeOut: (text: string): void => void process.stdout.write(printable(text)),
  writeErr: (text: string): void => void process.stderr.write(printable(text)),
};

function withVerbs(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withVerbs)];
}
