/** W6: the log of changes cut to half after kill -9: hits that were acknowledged are gone, and nobody must take the store for whole. */
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { DB_FILE } from '../../gateway/store/db.ts';
import { sitebox } from '../product/gateway.ts';
import { startRoom } from '../command-room/room.ts';
import { newSecret } from '../product/site.ts';
import { layPushBox } from './push-box.ts';

const PLATES = Array.from({ length: 20 }, (_, i) => `皖A${String(12_345 + i)}`);

interface Health {
  readonly problems: readonly { readonly key: string; readonly what: string }[];
  readonly integrity: { readonly checked: string | null };
}

test('W6: acknowledged hits that a cut log took are noticed by the command line, at the start, and against the room', async () => {
  const folder = tempFolder();
  const secret = newSecret();
  const room = await startRoom({ secret });
  onTestFinished(() => room.close());
  const upstream = { room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } };
  const box = await layPushBox({ folder, plates: PLATES, upstream, env: { ROOM_SECRET: secret } });
  onTestFinished(() => box.close());
  const { configFile, storage } = box.site;

  const first = box.start();
  onTestFinished(() => first.kill());
  await first.line((l) => l.msg === 'listening');
  for (const plate of PLATES) expect(await box.push(plate)).toBe(200);
  const headsAtRoom = () =>
    room.events().flatMap(({ source, type, data }) => {
      const { audit } = data as { audit?: { seq: number; hash: string } };
      return type === 'io.sitebox.health.v1' && audit ? [{ source, type, data: { audit } }] : [];
    });
  await expect.poll(() => headsAtRoom().length, { timeout: 30_000 }).toBeGreaterThan(0);
  await first.kill();
  const wal = join(storage, `${DB_FILE}-wal`);
  // Otherwise nothing is cut off.
  expect(statSync(wal).size).toBeGreaterThan(100_000);
  truncateSync(wal, Math.floor(statSync(wal).size / 2));

  const before = await sitebox('audit', '--config', configFile);
  expect(before).toMatchObject({ code: 1 });
  expect(before.stderr).toContain('the audit log has become shorter');

  const second = box.start();
  onTestFinished(() => second.kill());
  const url = String((await second.line((l) => l.msg === 'serving'))['url']);
  await second.line((l) => l.msg === 'the store is older than it was');
  const health = async () => (await (await fetch(`${url}/health`)).json()) as Health;
  await expect.poll(async () => (await health()).integrity.checked, { timeout: 30_000 }).not.toBeNull();
  const loss = (await health()).problems.find((p) => p.key.startsWith('store:loss'));
  expect(loss?.what).toContain('rows were lost after they were acknowledged');
  expect(await second.stop()).toBe(0);

  const after = await sitebox('audit', '--config', configFile);
  expect(after).toMatchObject({ code: 1 });
  expect(after.stdout).toMatch(/started anew by box: .*rows \d+/);
  const row = /^row (\d+)/m.exec(after.stdout)![1]!;
  expect(await sitebox('audit', '--config', configFile, '--accept', row, '--by', 'A. Person')).toMatchObject({
    code: 0,
  });

  // What the room has seen fits; a row it has seen that is another one here does not.
  const held = join(folder, 'room.jsonl');
  writeFileSync(
    held,
    headsAtRoom()
      .map((event) => JSON.stringify(event))
      .join('\n'),
  );
  expect(await sitebox('audit', '--config', configFile, '--against', held)).toMatchObject({ code: 0 });
  const [event] = headsAtRoom();
  const forged = { ...event, data: { audit: { ...event!.data.audit, hash: 'f'.repeat(64) } } };
  writeFileSync(held, JSON.stringify([forged]));
  const other = await sitebox('audit', '--config', configFile, '--against', held);
  expect(other).toMatchObject({ code: 1 });
  expect(other.stderr).toContain('the audit log is another one');
  writeFileSync(held, JSON.stringify({ audit: { seq: 9_999, hash: 'f'.repeat(64) } }));
  expect((await sitebox('audit', '--config', configFile, '--against', held)).stderr).toContain('has become shorter');
});
