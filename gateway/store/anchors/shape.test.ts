/** `anchors.json` and `audit.head` with a correct checksum and other content: a start goes on, and reports it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { readAnchors, writeAnchors, type Anchors } from './anchors.ts';
import { appendAnyDeed } from '../audit.fixtures.ts';
import { testDb } from '../db.fixtures.ts';
import { addDevice, revokeDevice } from '../devices.ts';
import { openHeadFile, readHeadFile } from './head-file.ts';
import { ANCHORS_FILE, HEAD_FILE } from '../files/names.ts';
import { settleAnchors } from './rollback-check.ts';

const T0 = Date.UTC(2026, 0, 1);
const BY = { by: 'A. Person', now: T0 };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function box() {
  const folder = tempFolder();
  const db = testDb(folder);
  addDevice(db, { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] }, BY);
  revokeDevice(db, 'cam-1', BY);
  const settle = () => settleAnchors(db, { now: () => T0 + 1_000, log: SILENT_LOG });
  settle();
  return { folder, db, settle, file: join(folder, ANCHORS_FILE) };
}

const without = (key: string, from: object): object =>
  Object.fromEntries(Object.entries(from).filter(([name]) => name !== key));

test.each<[member: string, change: (whole: object) => object]>([
  ['revoked', (whole) => without('revoked', whole)],
  ['revoked', (whole) => ({ ...whole, revoked: null })],
  ['revoked', (whole) => ({ ...whole, revoked: [null] })],
  ['revoked', (whole) => ({ ...whole, revoked: [{ id: 'cam-1', by: 'A. Person' }] })],
  ['lists', (whole) => ({ ...whole, lists: null })],
  ['lists', (whole) => ({ ...whole, lists: { 'plate-list': 'x' } })],
  ['lists', (whole) => without('lists', whole)],
  ['root', (whole) => ({ ...whole, root: { version: 'x' } })],
  ['root', (whole) => without('root', whole)],
  ['begun', (whole) => ({ ...whole, begun: { root: '5' } })],
  ['begun', (whole) => ({ ...whole, begun: null })],
  ['clockMs', (whole) => ({ ...whole, clockMs: 'abc' })],
  ['clockMs', (whole) => ({ ...whole, clockMs: 9e15 })],
  ['audit', (whole) => ({ ...whole, audit: 'x' })],
  ['audit', (whole) => ({ ...whole, audit: { seq: 1, hash: 'a'.repeat(64), sequence: Number.MAX_SAFE_INTEGER } })],
  ['audit', (whole) => without('audit', whole)],
])('W6: anchors.json with a correct checksum and an invalid %s (%#) is moved aside and made anew', (member, change) => {
  const { folder, settle, file } = box();
  const read = readAnchors(folder);
  const { anchors } = read as { anchors: Anchors };
  writeAnchors(folder, change(anchors) as Anchors);
  const odd = readFileSync(file, 'utf8');
  const problems = settle().status.problems?.() ?? [];
  expect(problems.map((p) => p.key)).toEqual(['store:anchors lost']);
  expect(problems[0]!.what).toContain(`: ${member})`);
  expect(JSON.stringify(problems)).not.toContain('Person');
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(odd);
  expect(readAnchors(folder)).toEqual(read);
});

test('W6: anchors.json of an older version without `begun`, and of a newer one with more members, is read', () => {
  const { folder, settle, file } = box();
  const { anchors } = readAnchors(folder) as { anchors: Anchors };
  for (const other of [without('begun', anchors), { ...anchors, later: 5 }]) {
    writeAnchors(folder, other as Anchors);
    expect(settle().status.problems?.()).toEqual([]);
    expect(readAnchors(folder)).toMatchObject({ state: 'ok', anchors: { revoked: [{ id: 'cam-1' }] } });
  }
  expect(existsSync(`${file}.damaged`)).toBe(false);
});

test.each(['x y z', '1 2 abc', `1 1e300 ${'a'.repeat(64)}`, `-1 2 ${'a'.repeat(64)}`])(
  'W6: audit.head with a correct checksum and the content %j is ignored',
  (text) => {
    const { folder, db, settle } = box();
    appendAnyDeed(db, { at: T0, who: 'box', what: 'x', detail: {} });
    writeFileSync(join(folder, HEAD_FILE), `${text} ${digest(text).slice(0, 8)}\n`);
    expect(readHeadFile(folder)).toBeUndefined();
    expect(settle().status.problems?.()).toEqual([]);
    // The next commit rewrites it.
    openHeadFile(db).close();
    expect(readHeadFile(folder)).toMatchObject({ seq: expect.any(Number) as number });
  },
);
