/** Errors that the box tells apart, and what may be said of an error. */
import { inEnglish } from './words/area.ts';
import { threads } from './words/threads.words.ts';

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

/** The command room refuses the event for good, naming its id (malformed, too large, gone). The row is kept, marked dead and shown. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
}

/** The command room asks to be tried again later: after `afterMs`, from its Retry-After. */
export class Busy extends Error {
  override readonly name = 'Busy';
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

/**
 * Something answers that is neither an acknowledgement nor a refusal by the command room: a proxy, a login page, a broker, a room with a
 * wrong set-up. The line works: this event is sent again slowly, and the others go on.
 */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway';
}

/** A camera refuses, answers something else, or not at all: its message is a sentence of the catalogue. */
export class CameraError extends Error {
  override readonly name = 'CameraError';
  readonly loss: CameraLoss;
  constructor(message: string, loss: CameraLoss = 'line') {
    super(message);
    this.loss = loss;
  }
}

/**
 * What has to happen before a camera gives pictures again: `line`: nothing but time, or a hand at cable and power · `setting`: another
 * setting, here or in the camera · `login`: another user, password or right. Cameras lock an account that is refused a few times.
 */
export type CameraLoss = 'line' | 'setting' | 'login';

/**
 * What went wrong, in one line, for the log and for people. Parsers and the engine quote what they could not handle ("Cannot create property
 * 'x' on string '…'"), which may be personal data: such messages are left out.
 */
export function causeOf(error: unknown): string {
  if (error instanceof SyntaxError) return inEnglish(threads['form-unexpected']);
  if (isOfTheEngine(error)) return whatAndWhere(error);
  if (!(error instanceof Error)) return String(error);
  // Node's own quote the value that they were given.
  return codeOf(error)?.startsWith('ERR_') ? error.message.replace(/[.;,]?\s+Received\s.*$/s, '') : error.message;
}

/** For what is thrown: anything can be. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The name and code of an unexpected error, without its message, which may quote what was read. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const name = /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  return [name, codeOf(error)].filter((part) => part !== undefined).join(' ');
}

/** Where in the code an error was thrown, innermost first, without its message. */
export function placesOf(error: unknown, maxPlaces: number): string[] {
  const { stack = '', message = '' } = error instanceof Error ? error : {};
  // A message may have lines that look like places.
  const after = stack.includes(message) ? stack.slice(stack.indexOf(message) + message.length) : '';
  const lines = after.split('\n').filter((line) => PLACE.test(line));
  return lines.slice(0, maxPlaces).map((line) => line.trim());
}

/** An unexpected error for people and the command room: name, code and place without folders, never the message. */
export function whatAndWhere(error: unknown): string {
  const places = placesOf(error, 1).map((place) => place.replace(/(file:\/\/|\/)[^)]*\//, ''));
  return [kindOf(error), ...places].join(' ');
}

/** Our code throws none of these. With a code they come from Node, with a cause from `fetch`. */
function isOfTheEngine(error: unknown): boolean {
  const kinds = [TypeError, RangeError, ReferenceError, URIError];
  return (
    error instanceof Error && kinds.some((kind) => error instanceof kind) && !codeOf(error) && error.cause === undefined
  );
}

/** `at run (file:///opt/sitebox/gateway/main.ts:1:2)`, as V8 writes it. */
const PLACE = /^\s+at (async )?([\w.$<># [\]]{1,100} \()?(file:\/\/|node:|\/)[\w./:@%+-]{1,300}:\d+:\d+\)?$/;

/** The code that Node, TLS and the system give their errors: `ECONNREFUSED`. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
