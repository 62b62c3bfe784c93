/** What a reader reads of a document. Types only: nothing here can hold a name, an address, a sex or a date of birth. */
import type { Instant } from './base.ts';

/** What kind of paper it is; nothing about its holder. */
export type DocumentType =
  /** 居民身份证 */
  | 'resident-card'
  /** 港澳台居民居住证, flag J */
  | 'residence-permit'
  /** 外国人永久居留身份证, flags I and Y */
  | 'permanent-resident-card'
  /** Machine-readable, TD3 */
  | 'passport'
  /** Machine-readable, TD1 and TD2 */
  | 'travel-card';

/** A day as documents write it, `YYYYMMDD`. */
export type Day = string;

/** One document, read once. Memory only: its lane fills the buffers with zeros when the presentation is over. */
export interface DocumentReading {
  readonly reader: string;
  /** When its last byte arrived. */
  readonly at: Instant;
  readonly type: DocumentType;
  /** ASCII digits and capital letters with a valid check digit. Bytes, because a string cannot be wiped. */
  readonly number: Uint8Array;
  readonly validFrom?: Day;
  /** Absent: the document has no end, or does not say. */
  readonly validUntil?: Day;
  /** As stored on the chip; the photo decoder makes a picture of it. */
  readonly photo?: Uint8Array;
}

/** Why a document on the reader gave no number. None of them says anything about its holder. */
export type ReadFault =
  /** The number does not fit its check digit: the reader is at fault, or the document is forged. */
  | 'check digit'
  /** A kind of card that this box does not know. */
  | 'unknown document'
  /** Invalid fields: an empty number, full-width digits, an impossible date. */
  | 'garbled'
  /** Lifted too early, or the chip did not answer. */
  | 'not read'
  /** Card and reader do not accept each other. */
  | 'refused';

/**
 * What a reader emits. `ready`: the device has answered, or its port is open where the device only speaks unasked. `passing`: it sees
 * documents pass and never says `removed`.
 */
export type ReaderObservation =
  | { readonly kind: 'ready'; readonly passing?: true }
  | { readonly kind: 'document'; readonly reading: DocumentReading }
  | { readonly kind: 'unreadable'; readonly why: ReadFault }
  /** The document was taken away. */
  | { readonly kind: 'removed' }
  /** A ticket code. A token of the lane, never a key of a look-up. */
  | { readonly kind: 'ticket'; readonly token: string };

/**
 * Makes a picture (PNG, JPEG or BMP) of the photo on a chip. Rejects when it cannot, or when `signal` aborts.
 * @example const picture = await decoder.decode(reading.photo, AbortSignal.timeout(2_000));
 */
export interface PhotoDecoder {
  decode(photo: Uint8Array, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}
