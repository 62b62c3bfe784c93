/** A ticket scanner on a serial line. It emits tokens for the lane; nothing it reads is ever looked up. */
import { z } from 'zod';
import type { OpenSource } from '../../../gateway/contracts/source.ts';
import { openCutter, type TicketResult } from './codec.ts';
import { serialKeys, listenSerial } from '../../shared/serial-listener.ts';

const scannerConfig = z.strictObject(serialKeys);

/** Scanners send a code in one go; this pause ends one without an end character. */
const SILENCE_MS = 50;

/** Checks the configuration; `run` listens. Emits `ready` once the port is open, then `ticket`. Codes it refuses are counted in the log. */
export const openScanner: OpenSource = (value, context) => {
  const config = context.check(scannerConfig, value);
  let refused = 0;
  const count = (why: string): void => {
    refused += 1;
    // Log the 1st, 2nd, 4th, 8th…, because a loose cable causes hundreds a second.
    if ((refused & (refused - 1)) !== 0) return;
    context.log.warn(
      { reader: context.id, refused, why },
      'a code from the scanner is not taken: check code and cable',
    );
  };
  return {
    run(emit, signal) {
      const cutter = openCutter();
      const pass = (results: readonly TicketResult[]): void => {
        for (const result of results) {
          if (result.kind === 'refused') count(result.why);
          else if (!signal.aborted) emit(result);
        }
      };
      const listener = {
        opened: () => emit({ kind: 'ready' }),
        bytes: (chunk: Uint8Array) => pass(cutter.feed(chunk)),
        silence: () => pass(cutter.flush()),
        ended: () => void cutter.flush(),
      };
      return listenSerial(config, SILENCE_MS, listener, signal);
    },
  };
};
