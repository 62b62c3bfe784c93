/** The box at Debian's nats-server, which speaks MQTT 3.1.1, with the configuration of the README. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { PATIENCE } from '../../../simulators/conformance/source.ts';
import { conformsAt, rulesOf, SECRET, type RuledBroker } from '../../../simulators/conformance/external-broker.ts';

/** On free ports of 127.0.0.1, which it writes into a file itself. */
async function startNats(): Promise<RuledBroker> {
  const folder = tempFolder();
  const given = rulesOf('NATS').replaceAll('"SECRET"', JSON.stringify(SECRET));
  const another = /\n {4}\{\n {6}user: "cam-1"[^]*?\n {4}\}/.exec(given)![0].replaceAll('cam-1', 'cam-2');
  const text = given
    .replace('/var/lib/nats', join(folder, 'store'))
    .replace('port: 1883', 'port: -1')
    .replace('ack_wait: "10s"', 'ack_wait: "1s"')
    .replace(/\n {2}\]\n\}\n$/, `${another}\n  ]\n}\n`);
  writeFileSync(join(folder, 'nats.conf'), `${text}\nhost: "127.0.0.1"\nport: -1\n`);
  const log = join(folder, 'log');
  const child = spawn('/usr/sbin/nats-server', ['-c', join(folder, 'nats.conf'), '-l', log], { stdio: 'ignore' });
  const gone = once(child, 'exit').catch(() => undefined);
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const port = await vi.waitFor(() => {
      if (child.exitCode !== null || child.pid === undefined)
        throw new Error('nats-server does not start; is it installed (./setup dev)?');
      const said = readFileSync(log, 'utf8');
      expect(said).toContain('Server is ready');
      return /MQTT clients on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said)![1]!;
    }, PATIENCE);
    return { url: `mqtt://127.0.0.1:${port}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

conformsAt('NATS', { protocolVersion: 4 }, startNats);
