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

export function clockCommand(): Command {
  return new Command('clock')
    .description('the time by which lists end')
    .addCommand(
      new Command('show')
        .description('the clock of this box, and the time that it believes')
        .requiredOption('--config <file>', 'the configuration of the box')
        .action(guarded(({ config }: { config: string }) => withStore(config, show))),
    )
    .addCommand(
      new Command('set-trusted')
        .description('say which time it is, where the box believes another one; it may be the earlier one')
        .argument('[time]', 'such as 2026-11-30T12:00:00Z; default: what the clock shows now')
        .requiredOption('--config <file>', 'the configuration of the box')
        .requiredOption('--by <name>', 'who says it, for the audit log', person)
        .option('--yes', 'do not ask', false)
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
  console.log(`the clock of this box shows   ${iso(wall)}`);
  if (believed === undefined) return console.log('the box has believed no time yet: it will believe this clock');
  console.log(`the box last believed         ${iso(believed)}  (written down every 10 s while it runs)`);
  const aheadMs = wall - believed;
  if (Math.abs(aheadMs) > MAX_STEP_MS) {
    console.log(`the clock stands ${spanWords(aheadMs).en} ${aheadMs > 0 ? 'AHEAD of' : 'BEHIND'} the believed time`);
  }
  console.log(`NTP: ${ntpText(wall)}`);
  const setting = getTimeSetting(db);
  if (setting) console.log(`last set by ${setting.by} to ${iso(setting.time)}`);
}

function ntpText(wall: Instant): string {
  const mark = ntpMark();
  if (mark === undefined) return 'systemd-timesyncd has not set this clock since the system started';
  return `${inStep(mark, wall) ? 'in step' : 'NOT in step'}: systemd-timesyncd last set the clock at ${iso(mark)}`;
}

async function setTrusted(db: Db, config: Config, text: string | undefined, options: SetOptions): Promise<void> {
  const wall = Date.now();
  const time = text === undefined ? wall : timeOf(text);
  const before = timeKeeper(db).load();
  const signed = signedAt(db, config, wall);
  if (signed !== undefined && time < signed) {
    throw new Stop(
      `REFUSED: ${iso(time)} lies before ${iso(signed)}, when the list office signed what this box holds: that time has certainly passed. Nothing was changed.`,
    );
  }
  console.log(`believed until now   ${before === undefined ? 'none' : iso(before)}`);
  console.log(`believed from now on ${iso(time)}`);
  if (before !== undefined && time < before) {
    console.log(`That is ${spanWords(before - time).en} EARLIER: lists that ended in between are in force again.`);
  }
  if (Math.abs(wall - time) > MAX_STEP_MS) {
    console.log(`The clock of this box shows ${iso(wall)}: set it too. While it stands ahead, lists end by it.`);
  }
  if (!options.yes && !(await confirmed('Is this the time? [y/N] '))) throw new Stop('Nothing was changed.');
  const { by } = options;
  atomically(db, () => {
    setTrustedTime(db, { id: newId(wall), time, by });
    const detail = { from: before === undefined ? null : iso(before), to: iso(time), clock: iso(wall) };
    appendAudit(db, { at: time, who: by, what: 'trusted time set', detail });
  });
  console.log('done; a running box follows within a second');
}

function timeOf(text: string): Instant {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return time;
  throw new Stop('the time must be written like 2026-11-30T12:00:00Z or 2026-11-30T20:00:00+08:00', EXIT_USAGE);
}

/** The newest time that signed lists of this box prove to have passed. */
function signedAt(db: Db, config: Config, now: Instant): Instant | undefined {
  const { site, timeZone, lists, limits } = config;
  const bounds = { maxBytes: limits.listBytes, maxEntries: limits.listEntries };
  return openLists({ db, site, trustFile: lists.trust, timeZone, limits: bounds }, now).issued();
}
