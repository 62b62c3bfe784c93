/** Ends are counted where the store cannot be read; three in five minutes are safe mode, which a person or a day ends. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { inspect } from 'node:util';
import { leaveSafeMode, openEnds, readEnds, SAFE_MODE_MS } from './ends.ts';
import { openLastResort } from './last-resort.ts';
import { Supervisor } from '../supervise.ts';
import { ENDS_FILE } from '../store/files/names.ts';
import { safeModeStatus } from './safe-mode.ts';

let folder: string;
let now: number;
let boot: string;
let work: number;
let lines: string[];
const say = (about: object, what: string): void => void lines.push(`${what} ${inspect(about)}`);
const log = { debug: say, info: say, warn: say, error: say };
beforeEach(() => {
  folder = tempFolder();
  [now, boot, work, lines] = [1e12, 'boot-1', 0, []];
});
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
  for (let i = 0; i < 3; i++) start().ended('task:counts', new Error('planted'));
  expect(start().safeMode).toBeDefined();
  expect(leaveSafeMode(folder)).toMatchObject({ off: ['task:counts'] });
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

it.each(['watchdog', 'equipment:broker', 'lane of equipment:nmea'])(
  'W2: %s is never off, and nothing else is switched off for it',
  (part) => {
    for (let i = 0; i < 6; i++) start().ended(part, new Error('planted'));
    const run = start();
    expect([run.off(part), run.off('inference'), run.safeMode]).toEqual([false, false, undefined]);
    expect(safeModeStatus(run).problems!().map((p) => p.key)).toEqual(['ended']);
    // Others are counted as before.
    for (let i = 0; i < 3; i++) start().ended(i === 1 ? part : 'camera:north', new Error('planted'));
    start().ended('camera:north', new Error('planted'));
    expect(start().safeMode?.off).toEqual(['camera:north']);
  },
);

/** Errors as code makes them that meets what it did not expect; each quotes the plate. */
const QUOTING: readonly (() => unknown)[] = [
  () => fail('皖A12345'),
  () => void (('皖A12345' as unknown as { x: number }).x = 1),
  () => fail('rtsp://user:secret@camera/皖A12345\n    at 皖A12345 (planted.ts:1:1)'),
  () => JSON.parse('{"plate": 皖A12345}') as unknown,
  () => 'x' in ('皖A12345' as never),
  () => Buffer.from('皖A12345', '皖A12345' as never),
  () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is what is tried here
    throw '皖A12345';
  },
];
function fail(message: string): never {
  throw Object.assign(new Error(message), { name: message, code: message });
}

it.each(QUOTING)(
  'W2: what an error that nobody caught quotes reaches neither the log nor the file nor the alarms: %#',
  async (work) => {
    let caught: unknown;
    try {
      work();
    } catch (error) {
      caught = error;
    }
    expect(inspect(caught)).toContain('皖A12345');
    const run = start();
    await openLastResort(
      log,
      () => ({ fatal: (part, error) => (run.ended(part, error), true), stop: () => Promise.resolve() }),
      () => undefined,
    )(caught);
    const written = readFileSync(join(folder, ENDS_FILE), 'utf8');
    expect(readEnds(folder).ends).toHaveLength(1);
    const said = [written, ...lines, JSON.stringify(safeModeStatus(start()).problems!())].join('\n');
    expect(said).not.toMatch(/皖A12345|secret/);
    expect(said).toContain('the box ended 1 time');
  },
);

it('W2: what the engine says of work that fails is named by its kind and its place, without the value', () => {
  const supervisor = new Supervisor(log);
  const values: readonly unknown[] = ['皖A12345', 20260101.5];
  for (const value of values)
    supervisor.attempt('task:planted', () => {
      if (typeof value === 'number') BigInt(value);
      (value as { x: number }).x = 1;
    });
  const said = [...lines, JSON.stringify(supervisor.status.problems!())].join('\n');
  expect(said).toMatch(/TypeError at .*ends\.test\.ts/);
  expect(said).toMatch(/RangeError at /);
  expect(said).not.toMatch(/皖A12345|20260101/);
});

it('W2: a count of ends that cannot be written is an alarm, until it can be', () => {
  // A folder in its place cannot be replaced, whoever runs the test.
  const inTheWay = join(folder, ENDS_FILE);
  mkdirSync(join(inTheWay, 'full'), { recursive: true });
  const run = start();
  const keys = () => safeModeStatus(run).problems!().map((p) => p.key);
  expect(keys()).toEqual(['ends-file']);
  now += 30_000;
  expect(keys()).toEqual(['ends-file']);
  expect(lines.filter((line) => line.includes('could not be written'))).toHaveLength(1);
  rmSync(inTheWay, { recursive: true });
  now += 60_000;
  expect(keys()).toEqual([]);
  expect(readEnds(folder).running).toMatchObject({ boot: 'boot-1' });
  // What comes later fails on its own.
  rmSync(inTheWay);
  mkdirSync(join(inTheWay, 'full'), { recursive: true });
  run.ended('camera:north', new Error('planted'));
  expect(keys()).toEqual(['ends-file']);
});
