/** The set-up for real, on bare machines of every kind: see .ci/fresh. Needs root, debootstrap, and the servers of apt and npm. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

it('U1–U5: a bare Debian, one with Node 18, one with Node 20, and one for the tests are set up and used', async () => {
  const fresh = spawn(join(import.meta.dirname, '.ci/fresh'), ['bare', 'user', 'node20', 'dev'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  onTestFinished(() => void fresh.kill());
  expect(await once(fresh, 'exit')).toEqual([0, null]);
});
