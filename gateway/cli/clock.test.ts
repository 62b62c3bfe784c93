import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iso } from '../contracts/time.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { verifyAudit } from '../store/audit.ts';
import { openDb } from '../store/db.ts';
import { getList } from '../store/lists.ts';
import { timeKeeper } from '../store/time.ts';
import { clockCommand } from './clock.ts';
import { list, run, type Outcome } from './cli.fixtures.ts';

const YEAR = 365 * 86_400_000;
const folder = tempFolder();
const before = process.cwd();
const clock = (...args: string[]): Promise<Outcome> => run(clockCommand(), args);
const store = <T>(work: (db: ReturnType<typeof openDb>) => T): T => {
  const db = openDb('store');
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const BOX = ['--config', 'box.yaml'];

beforeAll(async () => {
  process.chdir(folder);
  const text = `site: demo
storage: { folder: store }
lists: { trust: trust/root.json }
cameras: [{ id: north, kind: folder }]
lanes: [{ id: north-in, kind: road, cameras: [north] }]
`;
  writeFileSync('box.yaml', text);
  await list(['new-root', '--keys', '1']);
  const HEAD = 'id,plate,category,legalBasis,issuer,authorisedBy,validFrom,validUntil,instruction';
  const row = 'E-1,皖A12345,stolen,Order 12/2026,Demo room,Officer 7,2026-01-01T00:00:00Z,2099-01-01T00:00:00Z,Ask.';
  writeFileSync('a.csv', `${HEAD}\n${row}\n`);
  await list(['sign', 'a.csv', '--site', 'demo', '--key', 'trust/list-1.key', '--yes']);
});
afterAll(() => {
  process.chdir(before);
});

it('W7: a time that was believed wrongly is set right by a named person, and the list of today is taken again', async () => {
  store((db) => timeKeeper(db).save(Date.now() + YEAR));
  expect((await clock('show', ...BOX)).out).toContain('365 d 0 h BEHIND the believed time');
  const refused = await list(['import', 'a.list.json', ...BOX, '--yes']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED (expired)') as string });
  const set = await clock('set-trusted', ...BOX, '--by', 'Officer 9', '--yes');
  expect(set).toMatchObject({ code: 0, err: '' });
  expect(set.out).toContain('365 d 0 h EARLIER: lists that ended in between are in force again');
  expect(await list(['import', 'a.list.json', ...BOX, '--yes'])).toMatchObject({ code: 0, err: '' });
  expect((await clock('show', ...BOX)).out).toContain('last set by Officer 9');
  store((db) => {
    expect(verifyAudit(db)).toMatchObject({ ok: true });
    const rows = db.prepare(`SELECT who FROM audit WHERE what = 'trusted time set'`).all();
    expect(rows).toEqual([{ who: 'Officer 9' }]);
  });
});

it('a time before the newest signed list is refused: it has certainly passed', async () => {
  const back = iso(Date.now() - YEAR);
  const refused = await clock('set-trusted', back, ...BOX, '--by', 'Officer 9', '--yes');
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('REFUSED') as string });
  expect(await clock('set-trusted', 'tomorrow', ...BOX, '--by', 'Officer 9', '--yes')).toMatchObject({ code: 64 });
});

it('S4: whoever sets the time stands in the audit log without what nobody sees', async () => {
  const set = await clock('set-trusted', ...BOX, '--by', ' Officer\u001b[31m \u202e9 ', '--yes');
  expect(set).toMatchObject({ code: 0, err: '' });
  store((db) => {
    const row = db.prepare(`SELECT who FROM audit WHERE what = 'trusted time set' ORDER BY seq DESC`).get();
    expect(row).toEqual({ who: 'Officer [31m 9' });
  });
});

it('W7: what is said of anchors.json that cannot be written is said after the deed: the list is in force', async () => {
  const text = readFileSync('box.yaml', 'utf8').replace('folder: store', 'folder: other');
  writeFileSync('other.yaml', text);
  const inTheWay = ['anchors.json', 'anchors.json.damaged'].map((name) => join('other', name, 'full'));
  for (const path of inTheWay) mkdirSync(path, { recursive: true, mode: 0o700 });
  const taken = await list(['import', 'a.list.json', '--config', 'other.yaml', '--yes']);
  expect(taken).toMatchObject({ code: 74, err: expect.stringContaining('made and in force') as string });
  const db = openDb('other');
  try {
    expect(getList(db, 'plate-list')).toBeDefined();
    expect(timeKeeper(db).load()).toBeDefined();
  } finally {
    db.close();
  }
});
