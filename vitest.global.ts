/**
 * Whatever the tests start ends with them. Every process that a test starts inherits a mark; a reaper of its own holds a pipe to this one and
 * ends all that bear the mark when the pipe closes, also when the suite was killed. At an orderly end there must be none.
 *
 * The mark is a limit, of time for real-time programs, which are none of ours, and longer than a life. A word in the environment would be lost
 * where a process is started with another one, as the photo decoder is; this is inherited by all, and a session of its own does not hide it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const newMark = (): string => `${randomInt(2 ** 47)}`.padStart(18, '7');

/** Runs in the reaper: waits for the end of its standard input, then ends every process with the mark. */
const REAPER = `
const { readdirSync, readFileSync } = require('node:fs');
const mark = process.argv[1];
process.stdin.resume().on('end', () => {
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)) {
    try {
      if (readFileSync('/proc/' + pid + '/limits', 'latin1').includes(mark)) process.kill(Number(pid), 'SIGKILL');
    } catch {}
  }
});`;

export default function setup(): () => void {
  const mark = newMark();
  const reaper = spawn(process.execPath, ['-e', REAPER, mark], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  (reaper.stdin as unknown as { unref(): void }).unref();
  const { status, stderr, error } = spawnSync('prlimit', [`--pid=${process.pid}`, `--rttime=${mark}:`], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`this process cannot be marked (prlimit of util-linux): ${error?.message ?? stderr}`);
  return () => {
    const left = marked(mark);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    // This process bears the mark as well, and has not ended yet.
    reaper.kill('SIGKILL');
    if (left.length === 0) return;
    process.exitCode = 1;
    const list = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    throw new Error(`the tests are over, and these processes that they started still ran (ended now):\n${list}`);
  };
}

/** Processes of this run, less the ones of the test runner itself. */
function marked(mark: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${name}/limits`, 'latin1').includes(mark)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const parent = / (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) \S/s, ''))?.[1];
      const runner = Number(parent) === process.pid || /vitest/.test(command);
      return command === '' || runner ? [] : [{ pid: Number(name), command: command.slice(0, 200) }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}
