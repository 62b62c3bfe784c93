/** The errors that parts throw at each other by name. Imports nothing. */

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

/** What went wrong, in one line, for the log and for people. Parsers quote what they could not read, and that may be anybody's: left out. */
export function causeOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'what was read is not in the form that was expected';
  return error instanceof Error ? error.message : String(error);
}
