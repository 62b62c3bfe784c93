/** Runs the product as its users do: as a process, through its command line, watched by its log lines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';

/** Kept of a run of hours: the lines of its start, and the text that says how it ended. */
const FIRST_LINES = 200;
const LAST_CHARS = 20_000;
/** As systemd/sitebox.service starts it. */
const AS_THE_SERVICE = ['--max-semi-space-size=8', '--no-parallel-scavenge'];
const SITEBOX = new URL('../../sitebox.mjs', import.meta.url).pathname;
/** As systemd/sitebox.service has it. */
const NICE = -5;
/** What is read out of its answers is English, wherever this runs. */
const IN_ENGLISH = { ...process.env, LC_ALL: 'C.UTF-8' };

/** One JSON line of the gateway's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number };

export interface GatewayProcess {
  readonly pid: number;
  /** Everything it has written so far, word for word. */
  text(): string;
  /** The first line, past or future, that `wanted` accepts. Rejects when the process ends before. */
  line(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Where it serves, once it does. */
  url(): Promise<string>;
  /** Asks it to stop and waits; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface GatewayOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called for each log line as it comes. */
  onLine?(line: LogLine): void;
  /** False for runs of hours: `line` knows the first FIRST_LINES lines only, and `text` the last LAST_CHARS characters at least. Default true. */
  readonly keepLines?: boolean;
  /** sitebox.mjs of another installation; this one's if absent. */
  readonly program?: string;
}

export function spawnGateway(configFile: string, options: GatewayOptions = {}): GatewayProcess {
  const child = spawn(process.execPath, [...AS_THE_SERVICE, options.program ?? SITEBOX, 'start', configFile], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  const take = (raw: string): void => {
    text += `${raw}\n`;
    if (options.keepLines === false && text.length > 2 * LAST_CHARS) text = text.slice(-LAST_CHARS);
    const line = parseLine(raw);
    if (!line) return;
    if (options.keepLines !== false || lines.length < FIRST_LINES) lines.push(line);
    options.onLine?.(line);
    for (const check of [...waiting]) check();
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
  let ended = false;
  const closed = once(child, 'close').then(() => {
    ended = true;
    for (const check of [...waiting]) check();
  });
  const line = (wanted: (line: LogLine) => boolean): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      let seen = 0;
      const check = (): void => {
        for (; seen < lines.length; seen++) {
          if (!wanted(lines[seen]!)) continue;
          waiting.delete(check);
          resolve(lines[seen]!);
          return;
        }
        if (!ended) return;
        waiting.delete(check);
        const end = child.signalCode ?? `exit ${child.exitCode}`;
        reject(new Error(`the gateway ended (${end}):\n${text.slice(-2000)}`));
      };
      waiting.add(check);
      check();
    });
  return {
    pid: child.pid ?? 0,
    text: () => text,
    line,
    url: async () => String((await line((l) => l.msg === 'serving'))['url']),
    async stop() {
      if (!ended) child.kill('SIGTERM');
      await closed;
      return child.exitCode;
    },
    async kill() {
      if (!ended) child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Starts a box with the priority that the service gives it; the box inherits it from this process, which has it for that moment. */
export function asTheService(start: () => GatewayProcess): GatewayProcess {
  mayBeUrgent(NICE);
  try {
    return start();
  } finally {
    mayBeUrgent(0);
  }
}

/** Without the right to it, the box is measured with the priority of everybody. */
function mayBeUrgent(nice: number): void {
  try {
    setPriority(nice);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}

function parseLine(raw: string): LogLine | undefined {
  if (!raw.startsWith('{')) return undefined;
  try {
    return JSON.parse(raw) as LogLine;
  } catch {
    return undefined;
  }
}

/** `npx sitebox ARGS…`, to its end. */
export function sitebox(...args: readonly string[]) {
  return siteboxTyping([], ...args);
}

/** The same with each of `lines` on its standard input, one answer a line. */
export async function siteboxTyping(lines: readonly string[], ...args: readonly string[]) {
  const child = spawn(process.execPath, [SITEBOX, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: IN_ENGLISH });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (t: string) => (stdout += t));
  child.stderr.setEncoding('utf8').on('data', (t: string) => (stderr += t));
  // A command that ends before it has read them closes the pipe.
  child.stdin.on('error', () => undefined).end(lines.map((line) => `${line}\n`).join(''));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** As `sitebox`, but throws with the command's own words when it fails. */
export async function siteboxOrThrow(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sitebox(...args);
  if (code !== 0) throw new Error(`sitebox ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
