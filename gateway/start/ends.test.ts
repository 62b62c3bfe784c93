/** Ends are counted where the store cannot be read; three in five minutes are safe mode, which a person or a day ends. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { ENDS_FILE, leaveSafeMode, openEnds, readEnds, SAFE_MODE_MS } from './ends.ts';
import { openLastResort } from './last-resort.ts';
import { safeModeStatus } from './safe-mode.ts';

let folder: string;
let now: number;
let boot: string;
let work: number;
let lines: string[];
const say = (about: object, what: string): void => void lines.push(`${what} ${inspect(about)}`);
const log = { debug: say, info: say, warn: say, error: say };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-ends-'));
  [now, boot, work, lines] = [1e12, 'boot-1', 0, []];
});
afterEach(() => rmSync(folder, { recursive: true }));
const start = () => openEnds({ folder, log, work: () => work, now: () => now, boot, uptimeS: () => now / 1000 });

it('three ends of one part within five minutes switch off that part alone', () => {
  for (let i = 0; i < 3; i++) {
    const run = start();
    expect(run.safeMode).toBeUndefined();
    run.ended('camera:north', new Error('planted'));
    now += 60_000;
  }
  const run = start();
  expect(run.safeMode).toMatchObject({ off: ['camera:north'] });
  expect([run.off('camera:north'), run.off('camera:south'), run.off('equipment:broker')]).toEqual([true, false, false]);
  expect(safeModeStatus(run).problems!().map((p) => p.key)).toEqual(['safe-mode', 'ended']);
  expect(statSync(join(folder, ENDS_FILE)).mode & 0o777).toBe(0o600);
  run.stopped();
  // It holds over a stop in order, until a day is over.
  expect(start().safeMode).toBeDefined();
  now += SAFE_MODE_MS;
  expect(start().safeMode).toBeUndefined();
});

it('ends that are further apart, and a machine that went down, are no safe mode', () => {
  for (let i = 0; i < 5; i++) {
    start().ended('camera:north', new Error('planted'));
    now += 160_000;
  }
  expect(start().safeMode).toBeUndefined();
  for (let i = 0; i < 5; i++) {
    boot = `boot-${i}`;
    expect(start().safeMode).toBeUndefined();
  }
});

it('runs that vanish switch off native code first, then the next; runs that stored something did not vanish in vain', () => {
  for (let i = 0; i < 10; i++) {
    work++;
    expect(start().safeMode).toBeUndefined();
  }
  start();
  start();
  start();
  expect(start().safeMode).toMatchObject({ off: ['inference'] });
  start();
  start();
  const run = start();
  expect(run.safeMode).toMatchObject({ off: ['inference', 'cameras'] });
  expect([run.off('inference'), run.off('camera:a'), run.off('lane of camera:a'), run.off('delivery:room')]).toEqual([
    ...[true, true, true, false],
  ]);
});

it('a person leaves it; a damaged file counts nothing and is said', () => {
  for (let i = 0; i < 3; i++) start().ended('duty:counts', new Error('planted'));
  expect(start().safeMode).toBeDefined();
  expect(leaveSafeMode(folder)).toMatchObject({ off: ['duty:counts'] });
  expect(leaveSafeMode(folder)).toBeUndefined();
  expect(start().safeMode).toBeUndefined();
  writeFileSync(join(folder, ENDS_FILE), readFileSync(join(folder, ENDS_FILE)).subarray(0, 20));
  expect(start().safeMode).toBeUndefined();
  expect(lines.join('\n')).toContain('cannot be read');
  expect(readEnds(folder).running).not.toBeNull();
});

it('an error that nobody caught is logged without what was read, stops the box in order, and ends the process with 70', async () => {
  const done: string[] = [];
  const box = {
    fatal: (_part: string | undefined, error: unknown) => {
      done.push(`fatal ${(error as Error).message}`);
      return true;
    },
    stop: async () => void done.push('stopped'),
  };
  const lastResort = openLastResort(
    log,
    () => box,
    (code) => void done.push(`exit ${code}`),
  );
  await lastResort(new Error('planted'));
  await lastResort(new Error('another, while it stops'));
  expect(done).toEqual(['fatal planted', 'stopped', 'exit 70']);
  let quoted: unknown;
  try {
    JSON.parse('{"number": 1101011');
  } catch (error) {
    quoted = error;
  }
  await openLastResort(
    log,
    () => undefined,
    () => undefined,
  )(quoted);
  expect(lines.join('\n')).not.toContain('1101011');
});

it.each([1e300, -1, 4e12])('a file that was altered starts the box all the same: safe mode since %s', (since) => {
  const altered = { running: null, ends: [], safeMode: { since, off: ['inference'], why: 'planted' } };
  writeFileSync(join(folder, ENDS_FILE), JSON.stringify(altered));
  const run = start();
  expect(safeModeStatus(run).problems!()).toHaveLength(run.safeMode ? 1 : 0);
  if (!run.safeMode) expect(lines.join('\n')).toContain('it does not hold what was written');
  run.stopped();
  // Of a time that lies ahead as well: a day from now at most.
  now += SAFE_MODE_MS;
  expect(start().safeMode).toBeUndefined();
});

it('the watchdog is never off: systemd would end the box for its silence', () => {
  for (let i = 0; i < 3; i++) start().ended('watchdog', new Error('planted'));
  const run = start();
  expect([run.off('watchdog'), run.safeMode?.off]).toEqual([false, ['inference']]);
});
