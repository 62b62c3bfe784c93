/** Bytes as programs write them into texts: base64, hexadecimal, lists of numbers. Whoever looks for bytes has to look into these too. */
import { findIn, type Needles } from './traces.ts';

export interface SearchedFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Of either alphabet; shorter ones hold nothing that is looked for. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /[0-9A-Fa-f]{16,}/g;
/** `<Buffer 39 39 …>`, `39:39:…` */
const SPACED_HEX = /[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){7,}/g;
/** `[57,57,…]`, `{"0":57,"1":57,…}`, and over several lines as util.inspect writes them, whose line ends JSON writes as \n. */
const NUMBERS = /\d{1,3}(?:,(?:\s|\\n)*(?:\\?"\d+\\?": ?)?\d{1,3}){7,}/g;
const INDEX = /\\?"\d+\\?": ?/g;

/** `bytes` themselves, and everything that texts among them stand for. */
function unwrapped(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = raw.toString('latin1');
  const runs = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([run]) => run);
  return [
    raw,
    // Where a run begins says nothing about where its groups begin.
    ...runs(BASE64).flatMap((run) => [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64'))),
    ...runs(HEX).flatMap((run) => [0, 1].map((from) => Buffer.from(run.slice(from), 'hex'))),
    ...runs(SPACED_HEX).map((run) => Buffer.from(run.replace(/[ :]/g, ''), 'hex')),
    ...runs(NUMBERS).map((run) => Buffer.from(numbersOf(run))),
  ];
}

function numbersOf(run: string): number[] {
  return [...run.replace(INDEX, '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

/** `NAME in PATH` for each needle that stands in a place, in whatever disguise. */
export function findings(places: readonly SearchedFile[], needles: Needles): string[] {
  const found = places.flatMap(({ path, bytes }) =>
    unwrapped(bytes).flatMap((reading) => [...findIn(reading, needles)].map((name) => `${name} in ${path}`)),
  );
  return [...new Set(found)];
}
