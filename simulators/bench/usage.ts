/** The command line asks for something that cannot be done: another option, a file that is not there or not what it should be. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
