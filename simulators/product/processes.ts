/** What runs on this computer (Linux, /proc): to prove that a program leaves nothing behind. */
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

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  const text = read(pid, 'stat');
  // The name stands in brackets and may itself hold brackets and spaces.
  const [state = '', parent = '0'] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' ? undefined : { state, parent: Number(parent) };
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
