/** `sitebox status` beside a box that runs and without one, in both languages. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { lockFolder } from '../../store/connection/lock.ts';
import { openDb, setMeta, type Db } from '../../store/db.ts';
import { noteAlarm } from '../../store/outages.ts';
import { plantHits, plantOrder, plantSos } from '../../store/shift.fixtures.ts';
import { run } from '../cli.fixtures.ts';
import { displayWidth, speak } from '../language.ts';
import { statusCommand } from './status.ts';

const T0 = Date.UTC(2026, 10, 30, 8);
let folder: string;
let file: string;
let db: Db;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, 'box.json');
  db = openDb(join(folder, 'store'));
  const readers = [{ id: 'desk', kind: 'mrz', port: 'tcp://127.0.0.1:9' }];
  const lanes = [{ id: 'gate-1', kind: 'gate', readers: ['desk'] }];
  const upstream = [{ id: 'room', kind: 'https', url: 'https://room.example/events', token: 'x'.repeat(20) }];
  const rest = { storage: { folder: 'store' }, lists: { trust: 'root.json' }, readers, lanes, upstream };
  writeFileSync(file, JSON.stringify({ site: 'demo', ...rest }));
});
afterEach(() => {
  speak('en');
  db.close();
});

const status = (...args: string[]) => run(statusCommand(), ['--config', file, ...args]);

function fill(): void {
  plantSos(db, 'S-1', T0);
  plantOrder(db, 'O-1', T0);
  plantHits(db, 3, T0);
  plantHits(db, 1, T0, 'first', 'F');
  db.write(() => noteAlarm(db, 'reader:desk', T0, 'reader desk is silent'));
  setMeta(db, 'alarms', '{"reader:desk":"reader desk is silent"}');
  setMeta(db, 'deviceProblems', '["cam-2 silent"]');
}

it('without a box says so, and what lies in the store', async () => {
  const { code, out } = await status();
  expect(code).toBe(0);
  expect(out).toContain('NOT RUNNING');
  expect(out).toMatch(/^calls for help +none$/m);
  expect(out).toMatch(/^ {2}doc-list {2}NOT IN FORCE: no (list|trust)$/m);
  expect(out).toMatch(/^ {2}room {2}line unknown {2}0 wait, 0 refused for good$/m);
});

it('beside a running box names its process, counts and ids, and no more of them', async () => {
  fill();
  const lock = lockFolder(join(folder, 'store'));
  const { out } = await status();
  lock.release();
  expect(out).toContain(`running (process ${process.pid})
`);
  expect(out).toMatch(/^calls for help +1\n {2}S-1 {2}2026-11-30T08:00:00Z {2}cam-1 {2}NOT SEEN$/m);
  expect(out).toMatch(/^hits to judge +3 unreviewed; 1 one opinion, a second one is needed$/m);
  expect(out).toMatch(/^unread orders +1\n {2}O-1 {2}2026-11-30T08:00:00Z {2}cam-2$/m);
  expect(out).toMatch(/^alarms +1\n {2}reader:desk {2}2026-11-30T08:00:00Z {2}reader desk is silent$/m);
  expect(out).toMatch(/^broken devices +1\n {2}cam-2 {2}silent$/m);
  expect(out).toMatch(/^ {2}room {2}line in order/m);
});

it('as JSON holds the same', async () => {
  fill();
  const { out } = await status('--json');
  expect(JSON.parse(out)).toMatchObject({
    site: 'demo',
    running: false,
    hits: { counts: { unreviewed: 3, first: 1 } },
    sos: { newest: [{ id: 'S-1', seen: false }] },
    orders: { newest: [{ id: 'O-1', devices: ['cam-2'] }] },
  });
});

it('in Chinese the columns stand under each other', async () => {
  fill();
  plantSos(db, 'S-2', T0, T0);
  speak('zh');
  const lines = (await status()).out.split('\n');
  const columnOf = (line: string, text: string) => displayWidth(line.slice(0, line.indexOf(text)));
  const labelled = lines.filter((line) => /^(求助|待研判命中|未读指令|告警|故障装备) /.test(line));
  expect(labelled).toHaveLength(5);
  expect(new Set(labelled.map((line) => columnOf(line, /^\S+ +(\S)/.exec(line)![1]!))).size).toBe(1);
  expect(lines.join('\n')).toContain('未研判 3; 已有一人研判，待第二人 1');
});
