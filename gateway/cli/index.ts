/** The command line: one file per verb. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { auditCommand } from './audit/audit.ts';
import { backupCommand } from './backup.ts';
import { camerasCommand } from './cameras/cameras.ts';
import { checkCommand } from './check.ts';
import { clockCommand } from './clock.ts';
import { compareFacesCommand } from './compare-faces.ts';
import { alertCommand } from './crew/alert.ts';
import { deviceCommand } from './crew/device.ts';
import type { Program } from '../contracts/program.ts';
import { hitsCommand } from './hits/hits.ts';
import { LOGINS } from './hits/judge.ts';
import { listCommand } from './list/list.ts';
import { portraitsBy } from './list/photos.ts';
import { modeCommand } from './crew/mode.ts';
import { modelsCommand } from './models.ts';
import { newAuthorityCommand } from './new-authority.ts';
import { orderCommand } from './crew/order.ts';
import { outboxCommand } from './outbox.ts';
import { personCommand } from './people/person.ts';
import { readPlatesCommand } from './read-plates.ts';
import { rekeyCommand } from './rekey.ts';
import { safeModeCommand } from './safe-mode.ts';
import { restoreCommand } from './restore.ts';
import { sosCommand } from './crew/sos.ts';
import { handoverCommand } from './shift/handover.ts';
import { statusCommand } from './shift/status.ts';
import { startCommand } from './start.ts';
import { verifyStoreCommand } from './verify-store.ts';
import { languageOf, say, speak, takeLang } from './language.ts';
import { inOwnLanguage } from './help.ts';
import { EXIT_USAGE } from './exit.ts';
import { exitsOnMisuse } from './verb.ts';

export async function main(argv: readonly string[], given: Program): Promise<void> {
  const { adapters, models } = given;
  const { lang, rest } = takeLang(argv);
  speak(languageOf(process.env));
  if (lang !== undefined && lang !== 'en' && lang !== 'zh') {
    console.error(say('bad-language', { value: lang }));
    process.exit(EXIT_USAGE);
  }
  if (lang !== undefined) speak(lang);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('sitebox')
    .description(say('help-program'))
    // An option after a verb belongs to the verb: `list sign --version 3` is not the version of the program.
    .enablePositionalOptions()
    .version(version, '-V, --version', say('help-version'))
    // For the help only: `takeLang` has taken it out.
    .addOption(new Option('--lang <language>', say('help-lang')).choices(['en', 'zh']))
    .addCommand(startCommand(given))
    .addCommand(checkCommand(adapters))
    .addCommand(statusCommand())
    .addCommand(handoverCommand())
    .addCommand(listCommand(portraitsBy(models.worker)))
    .addCommand(hitsCommand(LOGINS))
    .addCommand(clockCommand())
    .addCommand(auditCommand())
    .addCommand(verifyStoreCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(rekeyCommand())
    .addCommand(newAuthorityCommand())
    .addCommand(personCommand())
    .addCommand(deviceCommand())
    .addCommand(orderCommand())
    .addCommand(sosCommand())
    .addCommand(alertCommand())
    .addCommand(modeCommand())
    .addCommand(safeModeCommand())
    .addCommand(outboxCommand())
    .addCommand(camerasCommand(adapters.onvif, models.worker))
    .addCommand(readPlatesCommand(models.worker))
    .addCommand(compareFacesCommand(models.worker))
    .addCommand(modelsCommand(models))
    .showSuggestionAfterError();
  exitsOnMisuse(program);
  inOwnLanguage(program);
  await program.parseAsync(rest);
}
