/** `npx sitebox mode …`: the mode of the site. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Argument, Command } from 'commander';
import { currentMode, LONGEST_MODE_MS, modeProblem, setMode, type ModeState, type NewMode } from '../../crew/modes.ts';
import type { Mode } from '../../contracts/instruction.ts';
import { group, person, shortText, when, withStore } from './common.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { wholeNumber } from '../list/common.ts';

const MODES: readonly Mode[] = ['normal', 'heightened', 'emergency'];
const HOUR_MS = 3_600_000;

export function modeCommand(): Command {
  const mode = new Command('mode').description('normal, heightened or emergency (平时, 战时, 应急)');
  return group(mode, [setCommand(), showCommand()]);
}

interface SetOptions {
  readonly config: string;
  readonly by: string;
  readonly reason: string;
  readonly hours?: number;
}

function setCommand(): Command {
  return new Command('set')
    .description('set the mode; it falls back to normal by itself')
    .addArgument(new Argument('<mode>').choices(MODES))
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who answers for it', person)
    .requiredOption('--reason <text>', 'why', shortText(200))
    .option('--hours <n>', 'for how long; not with normal', wholeNumber(1, LONGEST_MODE_MS / HOUR_MS))
    .action(guarded(set));
}

async function set(mode: Mode, { config, by, reason, hours }: SetOptions): Promise<void> {
  if (mode === 'normal' && hours !== undefined) throw new Stop('--hours does not go with normal.', EXIT_USAGE);
  if (mode !== 'normal' && hours === undefined) throw new Stop(`Say for how long: --hours, with ${mode}.`, EXIT_USAGE);
  await withStore(
    config,
    ({ db, outbox }) => {
      const now = outbox.now();
      const until = hours === undefined ? {} : { until: now + hours * HOUR_MS };
      const next: NewMode = { mode, by, reason, origin: 'box', ...until };
      const problem = modeProblem(next, now);
      if (problem !== undefined) throw new Stop(`REFUSED: ${problem}`);
      console.log(line(setMode(db, next, outbox)));
    },
    { creates: true },
  );
}

function showCommand(): Command {
  return new Command('show')
    .description('which mode holds, since when, until when, and who answers for it')
    .requiredOption('--config <file>', 'the configuration of the box')
    .action(
      guarded(({ config }: { config: string }) =>
        withStore(config, ({ db, clock }) => console.log(line(currentMode(db, clock.now())))),
      ),
    );
}

function line({ mode, since, until, by, origin, reason }: ModeState): string {
  const start = since === 0 ? '' : `  since ${when(since)}`;
  const end = until === undefined ? '' : `  until ${when(until)}`;
  return `${mode}${start}${end}  by ${by} (${origin}): ${reason}`;
}
