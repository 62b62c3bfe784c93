/** `sitebox clock show | set-trusted`: which time the box believes, and a named person who says which one it is. */
import { iso } from '../contracts/time.ts';
import { MAX_STEP_MS } from '../clock/believed-time.ts';
import { inStep, ntpMark } from '../clock/sources.ts';
import { spanWords } from '../clock/status.ts';
import { newId } from '../clock/clock.ts';
import { appendAudit } from '../store/audit.ts';
import { atomically } from '../store/lists.ts';
import { getTimeSetting, setTrustedTime, timeKeeper } from '../store/time.ts';
import type { Instant } from '../contracts/base.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say, inColumns } from './language.ts';
import { listsOf } from './list/box.ts';
import type { Box } from './on-box.ts';
import { agreed } from './options.ts';
import { BoxVerb, Verb } from './verb.ts';

export function clockCommand(): Verb {
  return new Verb('clock', 'help-clock')
    .addCommand(new BoxVerb('show', 'help-clock-show').onBox(show))
    .addCommand(
      new BoxVerb('set-trusted', 'help-clock-set')
        .argument('[time]', say('help-clock-set-time'))
        .by()
        .option('--yes', say('help-yes'), false)
        .onBox(setTrusted),
    );
}

function show({ db }: Box): void {
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

async function setTrusted(
  box: Box,
  text: string | undefined,
  { by, yes }: { readonly by: string; readonly yes: boolean },
): Promise<void> {
  const { db } = box;
  const wall = Date.now();
  const time = text === undefined ? wall : timeOf(text);
  const before = timeKeeper(db).load();
  // The newest time that signed lists of this box prove to have passed.
  const signed = listsOf(box, wall).issued();
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
  await agreed(yes, say('clock-is-this-the-time'));
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
