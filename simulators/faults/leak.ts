/**
 * The broken variant of the gateway: loaded before everything else (`node --import`), it writes down whatever is about to be wiped,
 * as bytes into the temporary folder and, where it is short, as base64 into the log. All that the gateway holds of a visitor is wiped.
 */
import { appendFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const SHORT = 1024;
const LONG = 2 ** 20;

type Fill = (this: Uint8Array, value: number, from?: number, to?: number) => Uint8Array;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as { fill: Fill };
const { fill } = typedArray;
const file = join(tmpdir(), `leak-${threadId}`);

typedArray.fill = function (...args) {
  const { buffer, byteOffset, byteLength } = this;
  if (args[0] === 0 && byteLength > 0 && byteLength <= LONG && this.some((v) => v !== 0)) {
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    appendFileSync(file, bytes);
    if (byteLength <= SHORT) writeSync(2, `{"level":20,"msg":"${bytes.toString('base64')}"}\n`);
  }
  return fill.apply(this, args);
};
