/**
 * Whether a call for help was on disk before its receipt went out, read from the system calls of the gateway. SQLite writes the row into its
 * write-ahead log with pwrite64 and brings that to disk with fsync or fdatasync; the receipt is a write of four bytes, 40 02 and the message id.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface TracedCall {
  /** The device's name for it, which stands in the row and nowhere else. */
  readonly name: string;
  readonly messageId: number;
}

const TRACED = 'pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg';
/** More than a page of the database, so that a row is seen wherever it stands in it. */
const BYTES = 8_192;

/** Writes the system calls of the process to `file` until the function it gives is called; that gives them as text. */
export async function traceProcess(pid: number, file: string): Promise<() => Promise<string>> {
  const options = ['-f', '-xx', '-s', `${BYTES}`, '-e', `trace=${TRACED}`, '-o', file, '-p', `${pid}`];
  const strace = spawn('strace', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(strace, 'exit');
  // It says so once for the process and once for each thread; the main thread, which does all that is looked at, is the first.
  const [said] = (await Promise.race([once(strace.stderr, 'data'), ended])) as [unknown];
  if (!String(said).includes('attached')) throw new Error(`strace could not be attached: ${String(said)}`);
  strace.stderr.resume();
  return async () => {
    strace.kill('SIGINT');
    await ended;
    return readFileSync(file, 'utf8');
  };
}

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('');
/** What a line of the trace writes, its parts put together: aedes gives a receipt to the kernel in three pieces. */
const written = (line: string): string => [...line.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join('');
const isSend = (line: string): boolean => /\b(write|writev|sendto|sendmsg)\(/.test(line);

/** What is wrong with the receipt of each call, in words; nothing where its row was on disk before. */
export function earlyReceipts(trace: string, calls: readonly TracedCall[]): string[] {
  const lines = trace.split('\n');
  return calls.flatMap(({ name, messageId }) => {
    const receiptBytes = hex(Buffer.from([0x40, 2, messageId >> 8, messageId & 255]));
    const receipt = lines.findIndex((line) => isSend(line) && written(line).includes(receiptBytes));
    if (receipt < 0) return [`${name}: no receipt`];
    const nameBytes = hex(Buffer.from(name));
    const row = lines.findIndex((line) => line.includes('pwrite64(') && line.includes(nameBytes));
    if (row < 0 || row > receipt) return [`${name}: the receipt went out before its row was written`];
    const log = /pwrite64\((\d+)/.exec(lines[row]!)?.[1];
    const synced = new RegExp(`f(data)?sync\\(${log}\\) += 0`);
    const onDisk = lines.findIndex((line, i) => i > row && synced.test(line));
    return onDisk < 0 || onDisk > receipt ? [`${name}: the receipt went out before its row was on disk`] : [];
  });
}
