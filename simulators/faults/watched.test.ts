/** No crash loop, no silent blindness: what is planted in a part of the box is named, and the box serves on or comes back without that part. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SILENT_LOG } from '../../gateway/contracts/base.ts';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { program } from '../../sitebox.ts';
import { startGateway } from '../../gateway/start/start.ts';
import { sitebox, spawnGateway } from '../product/gateway.ts';
import { freePort } from '../product/free-port.ts';
import { laySite } from '../product/site.ts';
import { runCycles, runThreadCycles } from './cycles.ts';

const BROKER = { id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: 0 } };
const PATIENT = { timeout: 30_000, interval: 50 };

function scratch(): string {
  const folder = tempFolder();
  return folder;
}

/** A command room that takes everything and answers nothing. */
async function silentRoom(): Promise<string> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface Health {
  readonly problems: readonly { readonly key: string }[];
  readonly parts: readonly { readonly part: string; readonly failures: number; readonly off: boolean }[];
  readonly safeMode: { readonly off: readonly string[] } | null;
}
const healthOf = async (url: string): Promise<Health> => (await (await fetch(`${url}/health`)).json()) as Health;

test('W2: a rejection planted in each part that runs for long, in turn: it is run again, and the box serves on', async () => {
  const listen = { host: '127.0.0.1', port: await freePort() };
  const room = { kind: 'https', url: await silentRoom(), secret: `whsec_${'A'.repeat(32)}` };
  process.env['WATCHED_PUSH_PATH'] = '/8f2c0123456789abcdef01';
  process.env['WATCHED_SECRET'] = room.secret;
  const plates = { kind: 'hikvision', listen, allow: ['127.0.0.1'], path: 'env:WATCHED_PUSH_PATH' };
  const site = await laySite({
    folder: scratch(),
    port: 0,
    cameras: { plates },
    upstream: { room: { ...room, secret: 'env:WATCHED_SECRET' } },
    more: { crew: { equipment: [BROKER] } },
  });
  const gateway = await startGateway(site.configFile, program, SILENT_LOG);
  onTestFinished(() => gateway.stop());
  const { supervisor, url } = gateway;
  const running = ['delivery:room', 'camera:plates', 'equipment:broker', 'instructions:room'];
  const failuresOf = async (part: string) => (await healthOf(url)).parts.find((p) => p.part === part)?.failures;
  for (const part of running) {
    await vi.waitFor(() => expect(supervisor.fail(part, new Error('planted'))).toBe(true), PATIENT);
    await vi.waitFor(async () => expect(await failuresOf(part)).toBeGreaterThan(0), PATIENT);
    // It runs again: there is something to end.
    await vi.waitFor(() => expect(supervisor.fail(part, new Error('planted'))).toBe(true), PATIENT);
  }
  const tasks = supervisor.parts().filter((p) => p.part.startsWith('task:'));
  expect(tasks.length).toBeGreaterThan(4);
  for (const { part } of tasks)
    supervisor.attempt(part, () => {
      throw new Error('planted');
    });
  const { problems } = await healthOf(url);
  expect(problems.map((p) => p.key)).toEqual(expect.arrayContaining(tasks.map((d) => `part:${d.part}`)));
});

test('W2: errors that nobody caught end the box with 70; after three in five minutes it comes back without that part', async () => {
  const site = await laySite({
    folder: scratch(),
    port: 0,
    cameras: {},
    more: { lanes: [], crew: { equipment: [BROKER] } },
  });
  const plant = new URL('plant.ts', import.meta.url).pathname;
  for (let i = 0; i < 3; i++) {
    const child = spawn(process.execPath, [plant, site.configFile, 'task:counts'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (said: string) => (text += said));
    await once(child, 'close');
    expect(child.exitCode, text).toBe(70);
    expect(text).toContain('an error that nobody caught');
  }
  const gateway = spawnGateway(site.configFile);
  onTestFinished(() => gateway.kill());
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  const health = await healthOf(url);
  expect(health.safeMode).toMatchObject({ off: ['task:counts'] });
  expect(health.problems.map((p) => p.key)).toEqual(expect.arrayContaining(['safe-mode', 'ended']));
  expect(await gateway.stop()).toBe(0);
  const left = await sitebox('safe-mode', 'leave', '--config', site.configFile, '--by', 'duty officer (simulated)');
  expect(left).toMatchObject({ code: 0 });
  const again = spawnGateway(site.configFile);
  onTestFinished(() => again.kill());
  const healthAgain = await healthOf(String((await again.line((l) => l.msg === 'serving'))['url']));
  expect(healthAgain.safeMode).toBeNull();
  expect(await again.stop()).toBe(0);
});

test("W2: an error that nobody caught in the crew's equipment restarts that alone, and switches nothing off", async () => {
  const site = await laySite({
    folder: scratch(),
    port: 0,
    cameras: {},
    more: { lanes: [], crew: { equipment: [BROKER] } },
  });
  const plant = new URL('plant.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [plant, site.configFile, 'equipment:broker'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close');
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (said: string) => (text += said));
  await vi.waitFor(() => expect(text).toContain('an error that nobody caught'), PATIENT);
  const url = /"url":"([^"]+)","version"/.exec(text)![1]!;
  await vi.waitFor(async () => {
    const { parts, safeMode } = await healthOf(url);
    expect(parts.find((p) => p.part === 'equipment:broker')?.failures).toBe(1);
    expect(safeMode).toBeNull();
  }, PATIENT);
  expect(text).not.toContain('planted');
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
});

test('W14: threads that are asked to end in the middle of native code end by themselves; forced, they take the process along', async () => {
  const forced = await runThreadCycles(20, true);
  expect(forced.end).toBe('SIGABRT');
  expect(await runThreadCycles(4, false)).toMatchObject({ done: 4, end: 0 });
});

test('W14: a box is started and stopped again and again in one process', async () => {
  // 300 in the bench: see `runCycles`.
  expect(await runCycles(scratch(), 8)).toMatchObject({ done: 8, end: 0 });
});
