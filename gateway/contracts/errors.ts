/** The errors that parts throw at each other by name. Imports nothing. */
import { english } from './words/words.ts';

/** One mistake in a configuration. `path` is relative to the part that was checked. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
  readonly line?: number;
}

/** Leads to exit code 78. Its message never holds a secret. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  /** Path of the file, where it is known. */
  readonly file: string;
  constructor(problems: readonly ConfigProblem[], file = 'configuration') {
    super(problems.map((p) => `${p.path.join('.') || '(file)'}: ${p.message}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.file = file;
  }
}

/** The receiver says, by the envelope's name, that it will never take it (malformed, too large, gone). The row is kept, marked dead and shown. */
export class Rejected extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Rejected';
  }
}

/** The receiver asks for patience; `afterMs` comes from its Retry-After. */
export class Busy extends Error {
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.name = 'Busy';
    this.afterMs = afterMs;
  }
}

/**
 * Something answered, and it is neither the acknowledgement nor the receiver's own refusal by name: a proxy, a portal, a broker, a receiver
 * that is set up wrongly. The line is there; this envelope is tried again slowly, and the others go on.
 */
export class TurnedAway extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TurnedAway';
  }
}

/**
 * What went wrong, in one line, for the log and for people. Parsers quote what they could not read, and the engine what it could not work with
 * ("Cannot create property 'x' on string '…'"); that may be anybody's: left out.
 */
export function causeOf(error: unknown): string {
  if (error instanceof SyntaxError) return english('form-unexpected');
  if (isOfTheEngine(error)) return whatAndWhere(error);
  if (!(error instanceof Error)) return String(error);
  // Node's own quote the value that they were given.
  return codeOf(error)?.startsWith('ERR_') ? error.message.replace(/[.;,]?\s+Received\s.*$/s, '') : error.message;
}

/** Of an error that nobody expected: its name and its code. Its message may quote what was read. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const name = /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  return [name, codeOf(error)].filter((part) => part !== undefined).join(' ');
}

/** Where in the code it was thrown, the innermost first; never the message, which may quote what was read. */
export function placesOf(error: unknown, maxPlaces: number): string[] {
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  // A message may have lines that look like places.
  const after = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : '';
  const lines = after.split('\n').filter((line) => PLACE.test(line));
  return lines.slice(0, maxPlaces).map((line) => line.trim());
}

/** Of an error that nobody expected, for people and for the command room: never its message, and of its place no folders. */
export function whatAndWhere(error: unknown): string {
  const places = placesOf(error, 1).map((place) => place.replace(/(file:\/\/|\/)[^)]*\//, ''));
  return [kindOf(error), ...places].join(' ');
}

/** Nothing here throws such errors itself. With a code they are Node's; with a cause, those of `fetch`. */
function isOfTheEngine(error: unknown): boolean {
  const kinds = [TypeError, RangeError, ReferenceError, URIError];
  return (
    error instanceof Error && kinds.some((kind) => error instanceof kind) && !codeOf(error) && error.cause === undefined
  );
}

/** `at run (file:///opt/sitebox/gateway/main.ts:1:2)`, as V8 writes it. */
const PLACE = /^\s+at (async )?([\w.$<># [\]]{1,100} \()?(file:\/\/|node:|\/)[\w./:@%+-]{1,300}:\d+:\d+\)?$/;

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
