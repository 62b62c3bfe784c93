/**
 * Finds machine-readable zones in the bytes of a page reader, between envelopes and noise, and wipes what it has searched. zone.codec.ts
 * decodes them.
 */
import {
  code,
  decodeZone,
  FILLER,
  LAYOUTS,
  isDigit,
  isLetter,
  PAD,
  type ZoneLayout,
  type MrzResult,
} from './zone.codec.ts';

/** A shorter run of letters and digits is part of an envelope, not a line. */
const MIN_LINE = 20;
/** Characters that wait for an end: several documents. Longer text is searched at once. */
const MAX_TEXT = 1024;

const NUL = 0;
/** SOH, STX, ETX and EOT frame a message: text before one does not belong to the text after it. */
const BOUNDARIES = [1, 2, 3, 4];
/** Elyctis answers begin with one of these letters and a length of two bytes, the first of which is zero. */
const LENGTH_PREFIXED = [code('I'), code('C')];

/**
 * One extractor for all envelopes: DESKO (STX, lines ended by CR, ETX), 3M RTE6701 (a letter or flag before the first line, CR also
 * for missing lines, `_` as padding), Elyctis (length instead of an end), EST-100PR (JSON with `\n` between STX and ETX).
 * `text` buffers runs of characters with a NUL between them; a test passes its own to check that it is wiped.
 */
export function openExtractor(text = new Uint8Array(MAX_TEXT)) {
  let used = 0;
  let skip = false;
  const wipe = (): void => {
    text.fill(0);
    used = 0;
    skip = false;
  };
  const flush = (): MrzResult[] => {
    const results = readRuns(runsOf(text.subarray(0, used)));
    wipe();
    return results;
  };
  const take = (byte: number): MrzResult[] => {
    if (skip) {
      skip = false;
      return [];
    }
    const last = used > 0 ? text[used - 1]! : NUL;
    if (byte === NUL && LENGTH_PREFIXED.includes(last)) {
      used -= 1;
      const results = flush();
      skip = true;
      return results;
    }
    if (BOUNDARIES.includes(byte)) return flush();
    if (isText(byte)) text[used++] = byte;
    else if (last !== NUL) text[used++] = NUL;
    return used === text.length ? flush() : [];
  };
  return {
    /** Takes the next bytes, split anywhere, and returns what they complete. */
    feed(chunk: Uint8Array): MrzResult[] {
      const results: MrzResult[] = [];
      for (const byte of chunk) results.push(...take(byte));
      return results;
    },
    /** Call it after a silence: no more bytes of the message will come. */
    flush,
    /** Wipes everything that is buffered. */
    wipe,
  };
}

function isText(byte: number): boolean {
  return isDigit(byte) || isLetter(byte) || byte === FILLER || byte === PAD;
}

function runsOf(text: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  for (let from = 0; from < text.length;) {
    const nul = text.indexOf(NUL, from);
    const to = nul < 0 ? text.length : nul;
    runs.push(text.subarray(from, to));
    from = to + 1;
  }
  return runs;
}

/** Documents in the order of their lines; one fault for each stretch of lines that make none. */
function readRuns(runs: readonly Uint8Array[]): MrzResult[] {
  const lines = runs.filter((run) => run.length >= MIN_LINE).flatMap(unjoined);
  const results: MrzResult[] = [];
  let stray: Uint8Array[] = [];
  const giveUpStray = (): void => {
    const whole = stray.every((line) => LAYOUTS.some((f) => f.length === line.length));
    // Whole lines without the others: the page was moved too early. A line of another length lost a character.
    if (stray.length > 0) results.push({ kind: 'unreadable', why: whole ? 'not read' : 'garbled' });
    stray = [];
  };
  for (let i = 0; i < lines.length;) {
    const found = documentAt(lines.slice(i));
    if (found === undefined) {
      stray.push(lines[i++]!);
      continue;
    }
    giveUpStray();
    results.push(decodeZone(found.format, found.lines));
    i += found.format.lines;
  }
  giveUpStray();
  return results;
}

/** Splits a run of all lines, as readers without separators send it, perhaps with a flag before it. */
function unjoined(run: Uint8Array): Uint8Array[] {
  for (const { lines, length } of LAYOUTS) {
    const flag = run.length - lines * length;
    if (flag !== 0 && flag !== 1) continue;
    return Array.from({ length: lines }, (_, i) => run.subarray(flag + i * length, flag + (i + 1) * length));
  }
  return [run];
}

/** The document whose upper line is the first of `lines`. */
function documentAt(lines: readonly Uint8Array[]): { format: ZoneLayout; lines: Uint8Array[] } | undefined {
  for (const format of LAYOUTS) {
    if (lines.length < format.lines) continue;
    const [first, ...more] = lines.slice(0, format.lines);
    // A 3M reader may set a flag right before the first line.
    const upper = [first!, first!.subarray(1)].map((l) => trimmed(l, format.length)).find((l) => l && isUpper(l));
    const others = more.map((line) => trimmed(line, format.length));
    if (upper && others.every((line) => line !== undefined)) return { format, lines: [upper, ...others] };
  }
  return undefined;
}

/** The line without padding; undefined if it has another length. */
function trimmed(line: Uint8Array, length: number): Uint8Array | undefined {
  const fits = line.length >= length && line.subarray(length).every((byte) => byte === PAD);
  return fits ? line.subarray(0, length) : undefined;
}

/** A document code of one or two letters and an issuing state of one to three: how every upper line begins, and no other does. */
function isUpper(line: Uint8Array): boolean {
  return isLetter(line[0]!) && isLetter(line[2]!) && line.subarray(1, 5).every((b) => isLetter(b) || b === FILLER);
}
