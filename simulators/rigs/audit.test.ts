/** A real box and a real room: heads leave at the stop, health events carry the key, and `sitebox audit` reads what the box has logged. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { DB_FILE } from '../../gateway/store/files/names.ts';
import { isSigned } from '../../gateway/audit/signed-head.ts';
import { startRoom } from '../command-room/room.ts';
import { layPushBox } from '../faults/push-box.ts';
import { sitebox } from '../product/gateway.ts';
import { newSecret } from '../product/site.ts';

interface HeadData {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly key: string;
  readonly signature: string;
}

async function startBox(plates: readonly string[]) {
  const folder = tempFolder();
  const secret = newSecret();
  const room = await startRoom({ secret });
  onTestFinished(() => room.close());
  const upstream = { room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } };
  const box = await layPushBox({ folder, plates, upstream, env: { ROOM_SECRET: secret } });
  onTestFinished(() => box.close());
  const gateway = box.start();
  onTestFinished(() => gateway.kill());
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  await gateway.line((l) => l.msg === 'listening');
  return { folder, room, box, gateway, url, config: ['--config', box.site.configFile] };
}

test('a box that stops has sent the signed head of its log, and the room can have it compared', async () => {
  const { folder, room, box, gateway, config } = await startBox(['皖A12345']);
  expect(await box.push('皖A12345')).toBe(200);
  expect(await gateway.stop()).toBe(0);

  const events = room.events();
  const head = events.find((e) => e.type === 'io.sitebox.audit.v1')!;
  const data = head.data as unknown as HeadData;
  expect(isSigned({ source: head.source, ...data })).toBe(true);

  const shown = await sitebox('audit', 'show', '--since', '2020-01-01', ...config);
  expect(shown.stdout).toMatch(/box {2}audit key made/);
  expect(shown.stdout).toMatch(/box {2}hit raised {2}\{"hit":"\w{26}","digest":"[0-9a-f]{64}"\}/);
  expect(shown.stdout).not.toContain('皖A12345');
  const verified = await sitebox('audit', 'verify', ...config);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toContain('a command room holds the signed head of the last row');

  const held = join(folder, 'room.jsonl');
  writeFileSync(held, events.map((event) => JSON.stringify(event)).join('\n'));
  const compared = await sitebox('audit', 'against', held, '--key', data.key, ...config);
  expect(compared).toMatchObject({ code: 0, stderr: '' });
});

test('while the log cannot be written a hit is not committed, and looking up goes on; then it is', async () => {
  const { box, gateway, url, config } = await startBox(['皖A12345']);
  const store = new Database(join(box.site.storage, DB_FILE));
  onTestFinished(() => void store.close());
  store.exec(`CREATE TRIGGER noLog BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'no log'); END`);
  expect(await box.push('皖A12345')).not.toBe(200);
  expect(await box.push('皖A54321')).toBe(200);
  const health = await (await fetch(`${url}/health`)).text();
  expect(health).toContain('no log');
  expect(store.prepare('SELECT count(*) FROM hits').pluck().get()).toBe(0);
  store.exec('DROP TRIGGER noLog');
  await gateway.line((l) => l.msg === 'hit committed');
  expect(store.prepare('SELECT count(*) FROM hits').pluck().get()).toBe(1);
  expect(await gateway.stop()).toBe(0);
  const shown = await sitebox('audit', 'show', '--since', '2020-01-01', ...config);
  // The look-ups of both vehicles are counted: those that could not be logged when they happened, too.
  expect(shown.stdout).toMatch(/look-ups .*"no match":1,.*"exact":1/);
});

test('a box that is killed has its look-ups in the log after the next start', async () => {
  const { box, gateway, config } = await startBox(['皖A12345']);
  expect(await box.push('皖A54321')).toBe(200);
  const store = new Database(join(box.site.storage, DB_FILE), { readonly: true });
  onTestFinished(() => void store.close());
  const kept = store.prepare(`SELECT value FROM meta WHERE key = 'lookUpsToLog'`).pluck();
  await expect.poll(() => kept.get(), { timeout: 30_000, interval: 100 }).toContain('"no match":1');
  await gateway.kill();
  const logged = async () => (await sitebox('audit', 'show', '--since', '2020-01-01', ...config)).stdout;
  expect(await logged()).not.toContain('look-ups');
  const again = box.start();
  onTestFinished(() => again.kill());
  await again.line((l) => l.msg === 'listening');
  await expect.poll(logged, { timeout: 30_000, interval: 500 }).toMatch(/look-ups .*"no match":1,.*"until":"/);
  expect((await logged()).match(/look-ups/g)).toHaveLength(1);
  expect(kept.get()).toBe('');
});
