/** The box at Debian's mosquitto, MQTT 5 and 3.1.1, with the access rules of the README. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBroker } from '../../../simulators/room/broker.ts';
import { atEnd, meetsAt, rulesOf, SECRET, trespasses, type RuledBroker } from './conformance.ts';

function passwords(users: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-passwords-'));
  try {
    const file = join(folder, 'passwords');
    for (const [i, user] of users.entries())
      execFileSync('mosquitto_passwd', [...(i === 0 ? ['-c'] : []), '-b', file, user, SECRET], { stdio: 'ignore' });
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const files = { passwords: passwords(['sitebox', 'cam-1', 'cam-2', 'drone-1']), acl: rulesOf('mosquitto') };
const config = ['allow_anonymous false', 'password_file FOLDER/passwords', 'acl_file FOLDER/acl'];
const open = (): Promise<RuledBroker> => startBroker({ config, files });

meetsAt('MQTT 5', {}, open);
meetsAt('MQTT 3.1.1', { protocolVersion: 4 }, open);

it('rules that let everybody do everything would be noticed', async () => {
  const open = await startBroker({ config, files: { ...files, acl: 'pattern readwrite #\n' } });
  atEnd(() => open.close());
  const { heard, overheard } = await trespasses(open.url, {});
  expect(heard).toEqual(['cam-2 1', 'cam-2 7']);
  expect(overheard).toContain('bodycam/v1/cam-2/cmd');
});
