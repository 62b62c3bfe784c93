/**
 * Asks the person at the keyboard, and reads passwords without showing them. Where standard input is no terminal each answer is one line of it, so
 * that a script can hand them over without writing them on a command line, which every user of the machine can read.
 */
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say } from './language.ts';

/** 128 and the number of SIGINT: what a shell says of a program that it ended. */
const EXIT_INTERRUPTED = 130;
/** Arrow keys and the like (ECMA-48, 5.4). */
const KEYS = new RegExp(String.raw`\u001b(\[[0-9;]*[A-Za-z~]|O?.)`, 'g');

export interface Terminal {
  /** Whether a mistake can be asked about again. */
  readonly isInteractive: boolean;
  ask(question: string): Promise<string>;
  /** Shows nothing of the answer. */
  secret(question: string): Promise<string>;
  close(): void;
}

export function openTerminal(): Terminal {
  return process.stdin.isTTY ? new Keyboard() : new LinesOfInput();
}

class LinesOfInput implements Terminal {
  readonly isInteractive = false;
  readonly #input = createInterface({ input: process.stdin });
  readonly #lines = this.#input[Symbol.asyncIterator]();

  async ask(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done) throw new Stop(say('input-ended'), EXIT_USAGE);
    return line.value;
  }

  secret(): Promise<string> {
    return this.ask();
  }

  close(): void {
    this.#input.close();
  }
}

/** The terminal itself, whatever the standard output leads to. */
class Keyboard implements Terminal {
  readonly isInteractive = true;
  readonly #input = new ReadStream(openSync('/dev/tty', 'r'));
  /** Typed ahead. */
  #typed = '';

  constructor() {
    this.#input.setEncoding('utf8');
    this.#input.pause();
  }

  async ask(question: string): Promise<string> {
    process.stderr.write(`${question} `);
    return this.#line(false);
  }

  async secret(question: string): Promise<string> {
    // The echo ends before the question: a quick hand types as soon as it reads it.
    this.#input.setRawMode(true);
    process.stderr.write(`${question} `);
    try {
      return await this.#line(true);
    } finally {
      this.#input.setRawMode(false);
      process.stderr.write('\n');
    }
  }

  close(): void {
    this.#input.destroy();
  }

  /** `isRaw`: the terminal passes on every key, and we do what it does otherwise. */
  #line(isRaw: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      let line = '';
      const done = (end: () => void): void => {
        this.#input.off('data', take).off('end', ended).pause();
        end();
      };
      const ended = (): void => done(() => reject(new Stop(say('input-ended'), EXIT_USAGE)));
      const take = (chunk = ''): void => {
        const keys = [...this.#typed, ...(isRaw ? chunk.replace(KEYS, '') : chunk)];
        this.#typed = '';
        for (const [i, key] of keys.entries()) {
          if (key === '\r' || key === '\n') {
            this.#typed = keys.slice(i + 1).join('');
            return done(() => resolve(line));
          }
          if (key === '\u0003') return done(() => reject(new Stop(say('nothing-changed'), EXIT_INTERRUPTED)));
          if (key === '\u0004') return ended();
          line = edited(line, key);
        }
      };
      this.#input.on('data', take).on('end', ended).resume();
      if (this.#typed !== '') take();
    });
  }
}

/** Backspace, and Ctrl-U for the whole line; other control characters are no part of an answer. */
function edited(line: string, key: string): string {
  if (key === '\u007f' || key === '\b') return [...line].slice(0, -1).join('');
  if (key === '\u0015') return '';
  return /\p{Cc}/u.test(key) ? line : line + key;
}
