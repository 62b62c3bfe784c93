/** `npx sitebox mode …`: the mode of the site. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Argument } from 'commander';
import { currentMode, MAX_MODE_MS, modeProblem, setMode, type ModeState, type NewMode } from '../../crew/modes.ts';
import type { Mode } from '../../contracts/instruction.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, when } from '../language.ts';
import { onBox } from '../on-box.ts';
import { shortText, wholeNumber } from '../options.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words } from '../../contracts/words/words.ts';

const MODES: readonly Mode[] = ['normal', 'heightened', 'emergency'];
const HOUR_MS = 3_600_000;

export function modeCommand(): Verb {
  return group('mode', 'help-mode', [
    new BoxVerb('set', 'help-mode-set')
      .addArgument(new Argument('<mode>').choices(MODES))
      .by()
      .requiredOption('--reason <text>', say('help-mode-reason'), shortText(200))
      .option('--hours <n>', say('help-mode-hours'), wholeNumber(1, MAX_MODE_MS / HOUR_MS))
      .action(set),
    new BoxVerb('show', 'help-mode-show').onBox(({ db, clock }) => console.log(line(currentMode(db, clock.now())))),
  ]);
}

interface SetOptions {
  readonly config: string;
  readonly by: string;
  readonly reason: string;
  readonly hours?: number;
}

async function set(mode: Mode, { config, by, reason, hours }: SetOptions): Promise<void> {
  if (mode === 'normal' && hours !== undefined) throw new Stop(say('mode-hours-normal'), EXIT_USAGE);
  if (mode !== 'normal' && hours === undefined) throw new Stop(say('mode-hours-missing', { mode }), EXIT_USAGE);
  await onBox(
    config,
    ({ db, outbox }) => {
      const now = outbox.now();
      const until = hours === undefined ? {} : { until: now + hours * HOUR_MS };
      const next: NewMode = { mode, by, reason, origin: 'box', ...until };
      const problem = modeProblem(next, now);
      if (problem !== undefined) throw new Stop(say('refused', { why: problem }));
      console.log(line(setMode(db, next, outbox)));
    },
    { creates: true },
  );
}

function line({ mode, since, until, by, origin, reason }: ModeState): string {
  return say('mode-line', {
    mode: named('mode', mode),
    since: since === 0 ? '' : words('mode-since', { at: when(since) }),
    until: until === undefined ? '' : words('mode-until', { at: when(until) }),
    by,
    reason,
    origin: named('origin', origin),
  });
}
