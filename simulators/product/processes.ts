/** What runs on this computer (Linux, /proc), and what it takes: to prove that a program leaves nothing behind, and to measure it. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** Its arguments, joined by spaces. */
  readonly command: string;
}

/** Children, grandchildren and so on of `pid`, also those in process groups of their own. Zombies have ended and do not count. */
export function descendantsOf(pid: number): RunningProcess[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat && stat.state !== 'Z') parents.set(Number(name), stat.parent);
  }
  const found: RunningProcess[] = [];
  const wanted = [pid];
  for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
    for (const [child, parent] of parents) {
      if (parent !== next) continue;
      wanted.push(child);
      found.push({ pid: child, command: commandOf(child) });
    }
  }
  return found;
}

/** Those of `processes` that still run. A number that was given to another program meanwhile does not count. */
export function stillRunning(processes: readonly RunningProcess[]): RunningProcess[] {
  return processes.filter(({ pid, command }) => {
    const stat = statOf(pid);
    return stat !== undefined && stat.state !== 'Z' && commandOf(pid) === command;
  });
}

/** Memory of a process in MiB: what it holds now (`VmRSS`) or held at most (`VmHWM`); NaN when it has ended. */
export function memoryMiB(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(pid, 'status'))?.[1];
  return Number(kib ?? NaN) / 1024;
}

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const TICKS_PER_S = 100;

/** Of all threads of a process and of its children that have ended (proc(5): utime, stime, cutime, cstime); NaN when it has ended. */
export function cpuSeconds(pid: number): number {
  return (statOf(pid)?.ticks ?? NaN) / TICKS_PER_S;
}

function statOf(pid: number) {
  const text = read(pid, 'stat');
  // The name stands in brackets and may itself hold brackets and spaces.
  const [state = '', parent = '0', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = rest.slice(9, 13).reduce((sum, field) => sum + Number(field), 0);
  return text === '' ? undefined : { state, parent: Number(parent), ticks };
}

function commandOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Empty when the process has ended. */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
