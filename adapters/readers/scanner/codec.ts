/** Splits the bytes of a barcode scanner into ticket codes, whatever ends them. A code is shown on the lane and used for nothing else. */

export type TicketResult =
  { readonly kind: 'ticket'; readonly token: string } | { readonly kind: 'refused'; readonly why: string };

const STX = 2;
const ETX = 3;
const LF = 10;
const CR = 13;
const MAX_CODE_BYTES = 4096;
const MAX_TOKEN_CHARACTERS = 64;
/** Sent in place of a code that the scanner could not read. */
const NOT_READ = '%%NoRead';
/** Letters, marks, digits, punctuation, symbols and spaces, but no control characters. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u;
/** Between the fields of a GS1 code; not part of the printed text. */
const GROUP_SEPARATOR = '\x1d';

/** Codes end with CR, LF, CRLF or ETX; an STX before and a check character after ETX are left out, the latter unchecked. */
export function openCutter() {
  const code = new Uint8Array(MAX_CODE_BYTES);
  let used = 0;
  let tooLong = false;
  /** Within STX … ETX, or right after it, where a check character may stand. */
  let frame: 'none' | 'open' | 'closed' = 'none';
  const end = (): TicketResult[] => {
    const bytes = code.subarray(0, used);
    const isCheck = frame === 'closed' && used === 1;
    const results = tooLong ? [refused('it is longer than 4096 bytes')] : isCheck ? [] : ticketOf(bytes);
    code.fill(0, 0, used);
    used = 0;
    tooLong = false;
    return results;
  };
  const take = (byte: number): TicketResult[] => {
    if (byte === STX || byte === ETX || byte === CR || byte === LF) {
      const results = end();
      if (byte === STX) frame = 'open';
      else if (byte === ETX) frame = frame === 'open' ? 'closed' : 'none';
      return results;
    }
    if (used === code.length) tooLong = true;
    else code[used++] = byte;
    return [];
  };
  return {
    /** Takes the next bytes, split anywhere, and returns what they complete. */
    feed: (chunk: Uint8Array): TicketResult[] => [...chunk].flatMap(take),
    /** Call it after a silence: some scanners send no end character. */
    flush(): TicketResult[] {
      const results = end();
      frame = 'none';
      return results;
    },
  };
}

const refused = (why: string): TicketResult => ({ kind: 'refused', why });

function ticketOf(bytes: Uint8Array): TicketResult[] {
  const text = textOf(bytes)?.replaceAll(GROUP_SEPARATOR, '').trim();
  if (text === undefined) return [refused('it is neither UTF-8 nor GB 18030')];
  if (text === '' || text.startsWith(NOT_READ)) return [];
  if (!PRINTABLE.test(text)) return [refused('it has characters that cannot be printed')];
  if ([...text].length > MAX_TOKEN_CHARACTERS) return [refused(`it is longer than ${MAX_TOKEN_CHARACTERS} characters`)];
  return [{ kind: 'ticket', token: text }];
}

function textOf(bytes: Uint8Array): string | undefined {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next one may fit.
    }
  }
  return undefined;
}
