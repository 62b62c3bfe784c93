/** The program run by an account that has no name and owns nothing. */
import { spawnSync } from 'node:child_process';
import type { Outcome } from './cli.fixtures.ts';

/** An account that no passwd(5) names and that owns nothing. */
const STRANGER = 4_123_456;

/** Only root becomes somebody else, and root itself may read and write everything. */
export const canBecomeStranger = process.getuid?.() === 0;

/** JavaScript that makes its process one of the stranger. */
export const BECOME_STRANGER = `process.setgid(${STRANGER}); process.setuid(${STRANGER});`;

/** The program as its own process, which runs `preload` first. */
export function preloaded(preload: string, ...args: readonly string[]): Outcome {
  const program = new URL('../../sitebox.mjs', import.meta.url).pathname;
  const module = `data:text/javascript,${encodeURIComponent(preload)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', module, program, ...args], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}
