/** Leaving safe mode by the command line, with and without a store. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { readEnds } from '../start/ends.ts';
import { testDb } from '../store/db.fixtures.ts';
import { DB_FILE } from '../store/db.ts';
import { ENDS_FILE } from '../store/files/names.ts';
import { run } from './cli.fixtures.ts';
import { safeModeCommand } from './safe-mode.ts';

function laySafeMode(): { folder: string; leave: () => ReturnType<typeof run> } {
  const site = tempFolder();
  const [config, folder] = [join(site, 'box.yaml'), join(site, 'store')];
  writeFileSync(
    config,
    JSON.stringify({
      site: 'demo',
      storage: { folder },
      lists: { trust: 'root.json' },
      cameras: [{ id: 'north', kind: 'folder' }],
      lanes: [{ id: 'in', kind: 'road', cameras: ['north'] }],
    }),
  );
  mkdirSync(folder);
  const safeMode = { since: Date.now(), off: ['cameras'], why: 'an error' };
  writeFileSync(join(folder, ENDS_FILE), JSON.stringify({ running: null, ends: [], safeMode }));
  return { folder, leave: () => run(safeModeCommand(), ['leave', '--config', config, '--by', 'A. Person']) };
}

test('W9: safe mode is left without a store, and none is made', async () => {
  const { folder, leave } = laySafeMode();
  const { out, err } = await leave();
  expect(out).toContain('Safe mode is left');
  expect(err).toContain('audit log could not be written');
  expect(readEnds(folder).safeMode).toBeNull();
  expect(existsSync(join(folder, DB_FILE))).toBe(false);
});

test('W9: who left safe mode stands in the audit log', async () => {
  const { folder, leave } = laySafeMode();
  testDb(folder).close();
  expect((await leave()).err).toBe('');
  const db = testDb(folder);
  expect(db.prepare('SELECT who, what FROM audit').all()).toEqual([{ who: 'A. Person', what: 'safe mode left' }]);
});
