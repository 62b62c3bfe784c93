/** How a start ends that cannot succeed, as a person and as systemd sees it. */
import { rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { layBackupBox } from '../../simulators/faults/backup-box.ts';
import { spawnGateway, type GatewayOptions } from '../../simulators/product/gateway.ts';

/** A file stands where the storage folder should be. */
function startWithoutFolder(env: GatewayOptions['env']) {
  const folder = tempFolder();
  const { config, storage } = layBackupBox(folder, 1);
  rmSync(storage, { recursive: true });
  writeFileSync(storage, '');
  const gateway = spawnGateway(config, { env: env ?? {} });
  onTestFinished(() => gateway.kill());
  return gateway;
}

test('W1: a store that cannot be opened is not asked for every two seconds for ever under systemd, and who stops the service need not wait', async () => {
  const gateway = startWithoutFolder({ NOTIFY_SOCKET: '/nonexistent' });
  const line = await gateway.line((l) => l.msg.includes('tried again after a wait'));
  expect(line['waitS']).toBeGreaterThanOrEqual(30);
  expect(line['cause']).toContain('choose another path in `storage.folder`');
  expect(await gateway.stop()).toBe(74);
});

test('W1: a person at the keyboard is told at once', async () => {
  const gateway = startWithoutFolder({ NOTIFY_SOCKET: '' });
  await expect(gateway.line((l) => l.msg.includes('tried again'))).rejects.toThrow();
  expect(gateway.text()).toContain('choose another path in `storage.folder`');
  expect(await gateway.stop()).toBe(74);
});
