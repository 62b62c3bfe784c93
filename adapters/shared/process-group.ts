/** Children with a process group of their own, so that whatever they start ends with them. */
import type { ChildProcess } from 'node:child_process';

/** SIGKILL to the whole group of a child that was spawned `detached`, what is left of it. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
