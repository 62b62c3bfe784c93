/** Debian's mosquitto as a child process on a free port of 127.0.0.1: the independent broker of the tests. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../product/free-port.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

export interface RoomBrokerOptions {
  readonly port?: number;
  /** Additional lines of mosquitto.conf(5). */
  readonly config?: readonly string[];
  /** Files for its folder, by name; in `config`, `FOLDER` is replaced by the folder. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface RoomBroker {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 10_000 * PATIENCE_FACTOR;

export async function startRoomBroker(options: RoomBrokerOptions = {}): Promise<RoomBroker> {
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-broker-'));
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), text);
  // Started as root, it would switch to another user, who cannot read the folder.
  const first = [`user ${userInfo().username}`, `listener ${port} 127.0.0.1`];
  const lines = [...first, ...(options.config ?? ['allow_anonymous true'])];
  writeFileSync(join(folder, 'mosquitto.conf'), lines.join('\n').replaceAll('FOLDER', folder) + '\n');
  const child = spawn('/usr/sbin/mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, child);
  } catch (e) {
    await close();
    throw e;
  }
  return { port, url: `mqtt://127.0.0.1:${port}`, close };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const up = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (up) return;
    await sleep(20);
  }
  throw new Error('mosquitto does not start; is it installed (./setup dev)?');
}
