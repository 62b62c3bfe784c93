/** Where the tests of a reader put its far end: a pseudo terminal, and a real pair of ports as well when the environment names one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestPlace {
  readonly name: string;
  /** For the simulator, which says what the gateway has to open. */
  readonly place: { readonly pty: string } | { readonly serial: string; readonly baud: number; readonly far: string };
}

/**
 * SITEBOX_SERIAL_PORT is the end the gateway opens, SITEBOX_SERIAL_PEER the simulator's, joined by a null-modem cable. There is one
 * such pair: run the files of tests that use it one after another (vitest --no-file-parallelism).
 */
export function testPlaces(): { readonly places: readonly TestPlace[]; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-reader-'));
  const { SITEBOX_SERIAL_PORT: far, SITEBOX_SERIAL_PEER: serial } = process.env;
  if ((far === undefined) !== (serial === undefined)) {
    throw new Error(
      'set both ends, SITEBOX_SERIAL_PORT (the gateway) and SITEBOX_SERIAL_PEER (the simulator), or neither',
    );
  }
  const places: TestPlace[] = [{ name: 'a pseudo terminal', place: { pty: join(folder, 'reader') } }];
  if (far !== undefined && serial !== undefined) places.push({ name: far, place: { serial, baud: 115_200, far } });
  return { places, remove: () => rmSync(folder, { recursive: true }) };
}
