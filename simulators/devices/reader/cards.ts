/** Identity cards of persons that do not exist: region codes begin with 99, which no region has. */
import { checkDigit } from '../../../gateway/contracts/citizen-number.ts';
import type { Random } from '../../scene/random.ts';

/** The flag of the card: residents, HK-Macao-Taiwan residence permit, foreigner's permanent residence of 2017 and of 2023. */
export type CardKind = 'resident' | 'J' | 'I' | 'Y';
export const CARD_KINDS: readonly CardKind[] = ['resident', 'J', 'I', 'Y'];

export interface Card {
  readonly kind: CardKind;
  /** 18 characters, 15 on `I`. Faulty ones are written as they are. */
  readonly number: string;
  /** `YYYYMMDD`. */
  readonly validFrom: string;
  /** `YYYYMMDD` or 长期. */
  readonly validUntil: string;
  /** 1024 bytes. */
  readonly photo: Uint8Array;
  /** Stands in the name field; the product never reads it. */
  readonly name?: string;
  /** In place of the flag that belongs to `kind`. */
  readonly flag?: string;
}

const TEXT_CHARACTERS = 128;
export const PHOTO_BYTES = 1024;

/** Content of the reply to a read behind its status: lengths, text, photo. */
export function cardBytes(card: Card): Uint8Array {
  const text = Array.from({ length: TEXT_CHARACTERS }, () => ' ');
  const write = (byteOffset: number, value: string): void => {
    [...value].forEach((character, i) => (text[byteOffset / 2 + i] = character));
  };
  const name = card.name ?? '测试样本';
  if (card.kind === 'I') {
    write(0, 'SPECIMEN');
    write(158, name);
    write(220, '19491231');
  } else {
    write(0, name);
    write(36, '19491231');
    if (card.kind !== 'Y') write(52, '测试路1号');
  }
  write(122, card.number);
  write(188, card.validFrom);
  write(204, card.validUntil);
  write(248, card.flag ?? (card.kind === 'resident' ? ' ' : card.kind));
  if (card.photo.length !== PHOTO_BYTES) throw new Error(`a photo has ${PHOTO_BYTES} bytes, not ${card.photo.length}`);
  return Buffer.concat([Buffer.from([1, 0, 4, 0]), Buffer.from(text.join(''), 'utf16le'), card.photo]);
}

/** `99`, `rest` and the check digit that belongs to them; `rest` is 15 digits. */
export function numberOf(rest: string): string {
  const digits = `99${rest}`;
  const check = checkDigit(Buffer.from(digits, 'latin1'));
  if (check === undefined || digits.length !== 17) throw new Error(`expected 15 digits, not ${rest}`);
  return digits + String.fromCharCode(check);
}

/** A valid card of nobody; its photo is noise. */
export function randomCard(random: Random, kind: CardKind = 'resident'): Card {
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
  return {
    kind,
    number: kind === 'I' ? `UTO${digits(12)}` : numberOf(digits(15)),
    validFrom: '20200101',
    validUntil: '20400101',
    photo: Uint8Array.from({ length: PHOTO_BYTES }, () => Math.floor(random() * 256)),
  };
}
