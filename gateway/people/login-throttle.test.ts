import { expect, test } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { testDb } from '../store/db.fixtures.ts';
import { getMeta, setMeta, type Db } from '../store/db.ts';
import { MAX_ALARMS, MAX_WRONG, LoginThrottles, PERSON, SETUP_CODE, WINDOW_MS } from './login-throttle.ts';

const T0 = Date.UTC(2026, 0, 1);

function played() {
  let at = T0;
  const throttles = new LoginThrottles(SILENT_LOG, () => at);
  const north = throttles.of('camera north');
  const wrong = (address: string, times = MAX_WRONG) => Array.from({ length: times }, () => north.wrong(address));
  return { throttles, north, wrong, go: (ms: number) => void (at += ms), problems: () => throttles.status.problems!() };
}

test('S3: five wrong logins within 15 minutes are the last that are looked at, by account and address', () => {
  const { throttles, north, wrong, go, problems } = played();
  wrong('192.0.2.7', 4);
  expect([north.waitMs('192.0.2.7'), problems()]).toEqual([0, []]);
  go(60_000);
  wrong('192.0.2.7', 1);
  expect(north.waitMs('192.0.2.7')).toBe(WINDOW_MS - 60_000);
  expect(north.waitMs('::ffff:192.0.2.7')).toBe(WINDOW_MS - 60_000);
  expect([north.waitMs('192.0.2.8'), throttles.of('camera south').waitMs('192.0.2.7')]).toEqual([0, 0]);
  expect(problems().map((p) => [p.key, p.what])).toEqual([
    [
      'login-throttled:camera north:192.0.2.7',
      '5 wrong logins as camera north from 192.0.2.7 within 15 min: none from there is looked at for a while',
    ],
  ]);
  go(WINDOW_MS - 60_001);
  expect(north.waitMs('192.0.2.7')).toBe(1);
  go(1);
  expect([north.waitMs('192.0.2.7'), problems()]).toEqual([0, []]);
  // Of the five the last is still fresh: four more are one too many again.
  wrong('192.0.2.7', 3);
  expect(north.waitMs('192.0.2.7')).toBe(0);
  wrong('192.0.2.7', 1);
  expect(north.waitMs('192.0.2.7')).toBe(60_000);
});

test('S3: tries that are turned away lengthen nothing, and a clock that is set back locks nobody out', () => {
  const { north, wrong, go } = played();
  wrong('192.0.2.7');
  for (let i = 0; i < 100; i++) north.waitMs('192.0.2.7');
  go(WINDOW_MS);
  expect(north.waitMs('192.0.2.7')).toBe(0);
  wrong('192.0.2.7');
  go(-86_400_000);
  expect(north.waitMs('192.0.2.7')).toBe(0);
});

test('S3: of IPv6 a host may choose half of its address', () => {
  const { north, wrong } = played();
  for (let i = 1; i <= MAX_WRONG; i++) wrong(`2001:db8::${i}`, 1);
  expect(north.waitMs('2001:0db8:0:0:1234::9')).toBeGreaterThan(0);
  expect(north.waitMs('2001:db8:0:1::1')).toBe(0);
  expect(north.waitMs('fe80::1%eth0')).toBe(0);
});

test('S3: a flood of addresses is few alarms, and one text of bounded size, written once for each wrong login', () => {
  const { throttles, north, wrong, go, problems } = played();
  let [text, saves] = ['', 0];
  throttles.keepIn({ load: () => undefined, save: (kept) => void ([text, saves] = [kept, saves + 1]) });
  const address = (i: number): string => `10.${i >> 8}.${i & 255}.7`;
  for (let i = 0; i < 1_100; i++) wrong(address(i));
  expect(saves).toBe(1_100 * MAX_WRONG);
  expect((JSON.parse(text) as unknown[]).length).toBe(1_000);
  expect(text.length).toBeLessThan(200_000);
  expect([north.waitMs(address(0)), north.waitMs(address(1_099))]).toEqual([0, WINDOW_MS]);
  const keys = problems().map((p) => p.key);
  expect(keys).toHaveLength(MAX_ALARMS + 1);
  expect([keys[0], keys.at(-1)]).toEqual([
    `login-throttled:camera north:${address(100)}`,
    'login-throttled:camera north',
  ]);
  expect(problems().at(-1)!.what).toContain('from each of 996 more addresses');
  go(WINDOW_MS);
  expect(problems()).toEqual([]);
  wrong(address(1), 1);
  expect((JSON.parse(text) as unknown[]).length).toBe(1);
});

test('of people and of the set-up code the alarm says what to do about a screen, not about a device', () => {
  const throttles = new LoginThrottles(SILENT_LOG);
  for (const account of [PERSON, SETUP_CODE, 'camera north'])
    for (let i = 0; i < MAX_WRONG; i++) throttles.of(account).wrong('192.0.2.7');
  const todo = throttles.status.problems!().map((problem) => /`allow`/.test(problem.todo));
  expect(todo).toEqual([false, false, true]);
});

test('S3: the counts survive a restart, and a store that takes nothing for a while', () => {
  const folder = tempFolder();
  let db: Db = testDb(folder);
  const start = (isFull = () => false) => {
    const throttles = new LoginThrottles(SILENT_LOG);
    const save = (text: string): void => {
      if (isFull()) throw new Error('database or disk is full');
      setMeta(db, 'wrongLogins', text);
    };
    throttles.keepIn({ load: () => getMeta(db, 'wrongLogins'), save });
    return { throttles, north: throttles.of('camera north') };
  };
  let full = false;
  const before = start(() => full);
  for (let i = 0; i < MAX_WRONG - 1; i++) before.north.wrong('192.0.2.7');
  full = true;
  before.north.wrong('192.0.2.7');
  expect(before.north.waitMs('192.0.2.7')).toBeGreaterThan(0);
  full = false;
  before.throttles.save();
  db.close();
  db = testDb(folder);
  expect(start().north.waitMs('192.0.2.7')).toBeGreaterThan(0);
  setMeta(db, 'wrongLogins', '[{"account":5},null');
  expect(start().north.waitMs('192.0.2.7')).toBe(0);
});
