/** A running box seals what it keeps, goes on when its key is lost, and reads everything again once the key is back. */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { KEYS_FILE } from '../../gateway/store/files/names.ts';
import { BY, layBackupBox } from '../faults/backup-box.ts';
import { filesUnder, findIn, indexed, textNeedles } from '../faults/traces.ts';
import { sitebox, siteboxOrThrow, spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

const TEXT = 'meet the white van behind the ticket office';
const WITHIN = { timeout: 15_000 };

interface Health {
  readonly sealing: { readonly key: string; readonly theftOpensAll: boolean; readonly lostKeys: readonly string[] };
  readonly problems: readonly { readonly key: string; readonly what: string }[];
}

async function healthOf(gateway: GatewayProcess): Promise<Health> {
  return (await (await fetch(`${await gateway.url()}/health`)).json()) as Health;
}

test(
  'an order is sealed while the box runs and after a kill; a lost key is an alarm until somebody acknowledges it',
  {
    timeout: 120_000 * PATIENCE_FACTOR,
  },
  async () => {
    const box = layBackupBox(tempFolder(), 1);
    const config = ['--config', box.config];
    const keys = join(box.storage, KEYS_FILE);
    const start = (): GatewayProcess => {
      const gateway = spawnGateway(box.config);
      onTestFinished(() => gateway.kill());
      return gateway;
    };
    const traces = () => {
      const needles = indexed(textNeedles('')('order', TEXT));
      return filesUnder(box.storage).filter(({ bytes }) => findIn(bytes, needles).size > 0);
    };
    const show = (id: string) => siteboxOrThrow('order', 'show', id, ...config);

    const first = start();
    expect((await healthOf(first)).sealing).toEqual({ key: 'file', theftOpensAll: true, lostKeys: [] });
    const said = await siteboxOrThrow('order', 'send', '--text', TEXT, '--to', 'cam-1', ...config, ...BY);
    const [id = ''] = /\b[0-9A-Z]{26}\b/.exec(said) ?? [];
    expect(await show(id)).toContain(TEXT);
    expect(traces()).toEqual([]);
    expect(await sitebox('rekey', ...config, ...BY)).toMatchObject({ code: 69 });
    await first.kill();
    expect(traces()).toEqual([]);
    const key = readFileSync(keys);
    expect(first.text()).not.toContain(key.subarray(-32).toString('hex'));

    renameSync(keys, join(box.folder, 'away'));
    const second = start();
    const { sealing, problems } = await healthOf(second);
    expect(sealing.lostKeys).toHaveLength(1);
    expect(problems.find((p) => p.key === 'seal-key-lost')?.what).toContain('orders.text 2');
    expect(await show(id)).toContain('cannot be read: ask by radio');
    await siteboxOrThrow('order', 'send', '--text', 'stand by', '--to', 'cam-1', ...config, ...BY);
    await siteboxOrThrow('rekey', '--accept-loss', ...config, ...BY);
    const alarms = async () => (await healthOf(second)).problems.map((p) => p.key);
    await expect.poll(alarms, WITHIN).not.toContain('seal-key-lost');
    expect(await second.stop()).toBe(0);

    renameSync(join(box.folder, 'away'), `${keys}.old`);
    const third = start();
    expect((await healthOf(third)).sealing.lostKeys).toEqual([]);
    expect(await show(id)).toContain(TEXT);
    expect(await third.stop()).toBe(0);
    expect(await sitebox('rekey', ...config, ...BY)).toMatchObject({ code: 0, stderr: '' });
    expect(await show(id)).toContain(TEXT);
  },
);
