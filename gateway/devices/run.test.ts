import { expect, it, vi } from 'vitest';
import { CameraError, type CameraLoss } from '../contracts/errors.ts';
import { SILENT_LOG } from '../contracts/base.ts';
import { Supervisor } from '../supervise.ts';
import { runDevice } from './run.ts';

/** How long the box waits after this loss. */
async function pauseAfter(error: Error): Promise<number> {
  const supervisor = new Supervisor(SILENT_LOG);
  const stop = new AbortController();
  const source = { run: () => Promise.reject(error) };
  const device = { kind: 'camera', id: 'north', source, take: () => undefined, lost: () => undefined } as const;
  const ended = runDevice(device, supervisor, stop.signal);
  await vi.waitFor(() => expect(supervisor.state('camera:north').pauseMs).toBeGreaterThan(0));
  stop.abort();
  await ended;
  return supervisor.state('camera:north').pauseMs;
}

it('waits for minutes after a refused login, for seconds after a wrong setting, and hardly at all for a cable', async () => {
  const pause = (loss: CameraLoss): Promise<number> => pauseAfter(new CameraError('x', loss));
  expect(await pause('login')).toBeGreaterThanOrEqual(190_000);
  expect(await pause('setting')).toBeGreaterThanOrEqual(1_600);
  expect(await pause('line')).toBeLessThanOrEqual(600);
  expect(await pauseAfter(new Error('x'))).toBeLessThanOrEqual(600);
});
