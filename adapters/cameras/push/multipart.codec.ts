/** multipart/form-data (RFC 7578, RFC 2046 section 5.1) read as it comes, keeping only the parts that are asked for. */
import { PushError } from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

export interface PartHeaders {
  /** Of Content-Disposition; empty where it is missing. */
  readonly name: string;
  readonly fileName: string;
  /** Lower case, without parameters. */
  readonly type: string;
}

export interface MultipartPart extends PartHeaders {
  /** In a buffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MAX_PARTS = 8;
const MAX_HEAD_BYTES = 4096;
const MAX_PREAMBLE_BYTES = 4096;
/** RFC 2046: up to 70 of these characters, not ending with a space. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/** The boundary that a Content-Type names. */
export function boundaryOf(contentType: string): string {
  const found = /;\s*boundary=(?:"([^"]*)"|([^\s;"]*))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2] ?? '';
  if (!BOUNDARY.test(boundary)) {
    throw new PushError(400, english('push-type-multipart'));
  }
  return boundary;
}

/** `most` says how many bytes of a part are kept at most; a part that has more is refused. 0 passes it over unseen. */
export function openMultipart(boundary: string, most: (head: PartHeaders) => number) {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts: MultipartPart[] = [];
  let count = 0;
  let preamble = 0;
  let current: { head: PartHeaders; most: number; bytes: number; chunks: Uint8Array[] } | undefined;
  // The line break stands for the one that may be missing before the first boundary.
  let rest: Buffer = Buffer.from('\r\n');
  let stage: 'preamble' | 'after boundary' | 'head' | 'body' | 'done' = 'preamble';

  /** What surely lies before the next boundary. */
  const takeUpToBoundary = (): { taken: Buffer; found: boolean } => {
    const at = rest.indexOf(delimiter);
    const end = at >= 0 ? at : Math.max(0, rest.length - delimiter.length + 1);
    const taken = rest.subarray(0, end);
    rest = rest.subarray(at >= 0 ? at + delimiter.length : end);
    return { taken, found: at >= 0 };
  };

  const keep = (bytes: Uint8Array): void => {
    if (!current) return;
    current.bytes += bytes.length;
    if (current.bytes > current.most) throw new PushError(413, english('push-part-too-long', { most: current.most }));
    current.chunks.push(bytes);
  };

  const close = (): void => {
    if (current) parts.push({ ...current.head, bytes: joined(current.chunks, current.bytes) });
    current = undefined;
  };

  /** One step; false when more bytes are needed. */
  const step = (): boolean => {
    if (stage === 'preamble' || stage === 'body') {
      const { taken, found } = takeUpToBoundary();
      if (stage === 'body') keep(taken);
      else if ((preamble += taken.length) > MAX_PREAMBLE_BYTES) throw noBoundary();
      if (!found) return false;
      close();
      stage = 'after boundary';
      return true;
    }
    if (stage === 'after boundary') {
      if (rest.length < 2) return false;
      const next = rest.toString('latin1', 0, 2);
      if (next !== '--' && next !== '\r\n') {
        throw new PushError(400, english('push-after-boundary'));
      }
      if (next === '\r\n' && ++count > MAX_PARTS)
        throw new PushError(413, english('push-parts-most', { most: MAX_PARTS }));
      stage = next === '--' ? 'done' : 'head';
      return true;
    }
    if (stage === 'head') {
      // The line break of the boundary is still there, so a part without a head ends at once.
      const blank = rest.indexOf('\r\n\r\n');
      const upToBody = blank < 0 ? rest : rest.subarray(0, blank + 2 + delimiter.length);
      // A part without a body has no empty line after its head, and must not take the next part for its body.
      const bodiless = upToBody.indexOf(delimiter);
      if (bodiless < 0 && upToBody.length < blank + 2 + delimiter.length) return false;
      const end = bodiless < 0 ? blank : bodiless;
      if (end > MAX_HEAD_BYTES || (end < 0 && rest.length > MAX_HEAD_BYTES)) {
        throw new PushError(413, english('push-part-head-too-long', { most: MAX_HEAD_BYTES }));
      }
      if (end < 0) return false;
      const head = headOf(rest.toString('latin1', 0, end));
      rest = rest.subarray(bodiless < 0 ? end + 4 : end);
      const maxBytes = most(head);
      if (maxBytes > 0) current = { head, most: maxBytes, bytes: 0, chunks: [] };
      stage = 'body';
      return true;
    }
    rest = rest.subarray(rest.length);
    return false;
  };

  return {
    /** Takes the next bytes, cut anywhere. */
    feed(chunk: Uint8Array): void {
      rest = Buffer.concat([rest, chunk]);
      while (step());
    },
    /** The parts that were kept; throws a PushError when the last boundary has not come. */
    end(): readonly MultipartPart[] {
      if (stage === 'preamble') throw noBoundary();
      if (stage !== 'done') throw new PushError(400, english('push-broken-off'));
      return parts;
    },
  };
}

const noBoundary = (): PushError => new PushError(400, english('push-no-boundary'));

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function headOf(text: string): PartHeaders {
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(text.replaceAll('\r\n', '\n'))?.[1]?.trim() ?? '';
  const disposition = field('content-disposition');
  const parameter = (name: string): string => {
    const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]*))`, 'i').exec(disposition);
    return found?.[1] ?? found?.[2] ?? '';
  };
  const type = /^[^;\s]*/.exec(field('content-type'))![0].toLowerCase();
  return { name: parameter('name'), fileName: parameter('filename'), type };
}
