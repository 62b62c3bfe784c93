/** `sitebox clock show | set-trusted`: which time the box believes, and a named person who says which one it is. */
import { Command } from 'commander';
import { MAX_STEP_MS } from '../clock/belief.ts';
import { inStep, ntpMark } from '../clock/sources.ts';
import { spanWords } from '../clock/status.ts';
import { newId } from '../clock/clock.ts';
import { loadConfig, type Config } from '../config/config.ts';
import { openLists } from '../lists/in-force/active.ts';
import { appendAudit } from '../store/audit.ts';
import type { Db } from '../store/db.ts';
import { atomically } from '../store/lists.ts';
import { getTimeSetting, setTrustedTime, timeKeeper } from '../store/time.ts';
import type { Instant } from '../contracts/base.ts';
import { openBoxStore } from './box-store.ts';
import { person } from './crew/common.ts';
import { EXIT_USAGE, guarded, Stop } from './exit.ts';
import { confirmed, iso } from './list/common.ts';
import { say, inColumns } from './language.ts';

export function clockCommand(): Command {
  return new Command('clock')
    .description(say('help-clock'))
    .addCommand(
      new Command('show')
        .description(say('help-clock-show'))
        .requiredOption('--config <file>', say('help-config'))
        .action(guarded(({ config }: { config: string }) => withStore(config, show))),
    )
    .addCommand(
      new Command('set-trusted')
        .description(say('help-clock-set'))
        .argument('[time]', say('help-clock-set-time'))
        .requiredOption('--config <file>', say('help-config'))
        .requiredOption('--by <name>', say('help-by'), person)
        .option('--yes', say('help-yes'), false)
        .action(
          guarded((time: string | undefined, options: SetOptions) =>
            withStore(options.config, (db, config) => setTrusted(db, config, time, options)),
          ),
        ),
    );
}

interface SetOptions {
  readonly config: string;
  readonly by: string;
  readonly yes: boolean;
}

async function withStore(file: string, work: (db: Db, config: Config) => void | Promise<void>): Promise<void> {
  const config = loadConfig(file);
  const db = openBoxStore(config, { creates: false });
  try {
    await work(db, config);
  } finally {
    db.close();
  }
}

function show(db: Db): void {
  const wall = Date.now();
  const believed = timeKeeper(db).load();
  const clock: [string, string] = [say('clock-shows'), iso(wall)];
  if (believed === undefined) {
    console.log(inColumns([clock], 3).join('\n'));
    return console.log(say('clock-none-believed'));
  }
  const last = `${iso(believed)}  ${say('clock-written-every')}`;
  console.log(inColumns([clock, [say('clock-last-believed'), last]], 3).join('\n'));
  const aheadMs = wall - believed;
  if (Math.abs(aheadMs) > MAX_STEP_MS) {
    console.log(say(aheadMs > 0 ? 'clock-is-ahead' : 'clock-is-behind', { span: spanWords(aheadMs) }));
  }
  console.log(ntpText(wall));
  const setting = getTimeSetting(db);
  if (setting) console.log(say('clock-last-set', { by: setting.by, time: iso(setting.time) }));
}

function ntpText(wall: Instant): string {
  const mark = ntpMark();
  if (mark === undefined) return say('clock-ntp-unset');
  return say(inStep(mark, wall) ? 'clock-ntp-in-step' : 'clock-ntp-out-of-step', { at: iso(mark) });
}

async function setTrusted(db: Db, config: Config, text: string | undefined, options: SetOptions): Promise<void> {
  const wall = Date.now();
  const time = text === undefined ? wall : timeOf(text);
  const before = timeKeeper(db).load();
  const signed = signedAt(db, config, wall);
  if (signed !== undefined && time < signed) {
    throw new Stop(say('clock-before-signing', { time: iso(time), signed: iso(signed) }));
  }
  const believed: [string, string][] = [
    [say('clock-believed-before'), before === undefined ? say('none-known') : iso(before)],
    [say('clock-believed-after'), iso(time)],
  ];
  console.log(inColumns(believed, 1).join('\n'));
  if (before !== undefined && time < before) {
    console.log(say('clock-is-earlier', { span: spanWords(before - time) }));
  }
  if (Math.abs(wall - time) > MAX_STEP_MS) {
    console.log(say('clock-set-it-too', { wall: iso(wall) }));
  }
  if (!options.yes && !(await confirmed(say('clock-is-this-the-time')))) throw new Stop(say('nothing-changed'));
  const { by } = options;
  atomically(db, () => {
    setTrustedTime(db, { id: newId(wall), time, by });
    const detail = { from: before === undefined ? null : iso(before), to: iso(time), clock: iso(wall) };
    appendAudit(db, { at: time, who: by, what: 'trusted time set', detail });
  });
  console.log(say('clock-done'));
}

function timeOf(text: string): Instant {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return time;
  throw new Stop(say('clock-time-form'), EXIT_USAGE);
}

/** The newest time that signed lists of this box prove to have passed. */
function signedAt(db: Db, config: Config, now: Instant): Instant | undefined {
  const { site, timeZone, lists, limits } = config;
  const bounds = { maxBytes: limits.listBytes, maxEntries: limits.listEntries };
  return openLists({ db, site, trustFile: lists.trust, timeZone, limits: bounds }, now).issued();
}
