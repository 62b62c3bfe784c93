/** What a reader gives of a document. Types only: nothing here can hold a name, an address, a sex or a date of birth. */
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

/** One document, once. Memory only: the lane that gets it fills its buffers with zeros when the presentation is over. */
export interface DocumentReading {
  readonly reader: string;
  /** When the last byte came in. */
  readonly at: Instant;
  readonly type: DocumentType;
  /** ASCII of 0-9 and A-Z, its check digits right. Bytes and not a string, because a string cannot be wiped. */
  readonly number: Uint8Array;
  readonly validFrom?: Day;
  /** Absent: it has no end, or does not say. */
  readonly validUntil?: Day;
  /** As the chip holds it: for the photo decoder. */
  readonly photo?: Uint8Array;
}

/** Why a document that lies there gave no number. None of them says anything about its holder. */
export type ReadFault =
  /** The number does not fit its check digit: the reader is at fault, or the document is forged. */
  | 'check digit'
  /** A card of a kind that is not known here. */
  | 'unknown document'
  /** Fields that cannot be what they should be: an empty number, full-width digits, a date that is none. */
  | 'garbled'
  /** Lifted too early, or the chip did not answer. */
  | 'not read'
  /** Card and reader do not accept each other. */
  | 'refused';

/**
 * What a reader emits. `ready` comes once the device has answered (or its port is open, where it speaks only by itself); `passing` says
 * that it only sees documents pass, and so will never say `removed`.
 */
export type ReaderObservation =
  | { readonly kind: 'ready'; readonly passing?: true }
  | { readonly kind: 'document'; readonly reading: DocumentReading }
  | { readonly kind: 'unreadable'; readonly why: ReadFault }
  /** The document is not there any more. */
  | { readonly kind: 'removed' }
  /** A ticket code. A token of the lane, never a key of a look-up. */
  | { readonly kind: 'ticket'; readonly token: string };

/** Makes a picture (PNG, JPEG or BMP) of the photo on a chip. Rejects when it cannot, or when `signal` aborts. */
export interface PhotoDecoder {
  decode(photo: Uint8Array, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}
