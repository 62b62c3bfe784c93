/** Damaged calls for help by the hundred thousand, in two processes side by side. For the bench of the faults. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { mutateCalls, type SosVerdict } from './sos-mutations.ts';

const PROCESSES = 2;
const SELF = fileURLToPath(import.meta.url);

/** `count` damaged calls, and what became of them. Each process has a box and a seed of its own. Rejects where one of them ends without a verdict. */
export async function measureCalls(count: number, seed = 5) {
  const startedAt = performance.now();
  const shares = Array.from({ length: PROCESSES }, (_, i) => Math.floor((count + i) / PROCESSES));
  const verdicts = await Promise.all(shares.map((share, i) => inChild(share, seed + i)));
  const sum = (name: keyof SosVerdict): number => verdicts.reduce((all, verdict) => all + verdict[name], 0);
  return {
    messages: sum('messages'),
    withoutRow: sum('withoutRow'),
    withoutNotice: sum('withoutNotice'),
    uncaught: sum('uncaught'),
    named: sum('named'),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

async function inChild(count: number, seed: number): Promise<SosVerdict> {
  const child = fork(SELF, [String(count), String(seed)]);
  let verdict: SosVerdict | undefined;
  child.on('message', (message) => (verdict = message as SosVerdict));
  try {
    await once(child, 'close');
  } finally {
    child.kill('SIGKILL');
  }
  if (verdict) return verdict;
  throw new Error(`the process with ${count} calls ended without a verdict: ${child.signalCode ?? child.exitCode}`);
}

if (import.meta.main) {
  const [count, seed] = process.argv.slice(2).map(Number);
  process.send!(mutateCalls(count!, seed));
}
