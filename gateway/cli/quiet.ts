/** The log that is handed to rooms by a verb: what a person at the keyboard has to know is printed instead. */
import type { Log } from '../contracts/base.ts';

export const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
