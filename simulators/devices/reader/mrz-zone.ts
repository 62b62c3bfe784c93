/** Machine-readable zones of nobody, and the envelopes in which page readers send them. */
import { checkDigit } from '../../../adapters/readers/mrz/zone.codec.ts';
import { pick, type Random } from '../../scene/random.ts';

export type ZoneFormat = 'TD1' | 'TD2' | 'TD3';

/** What is printed on a document; `number` and `validUntil` are what a reader has to make of it. */
export interface Zone {
  readonly format: ZoneFormat;
  readonly lines: readonly string[];
  readonly number: string;
  /** `YYYYMMDD`; absent when the document does not say. */
  readonly validUntil?: string;
}

export interface ZoneOptions {
  readonly number?: string;
  /** `YYYYMMDD` of this century, or 'none'. */
  readonly validUntil?: string;
}

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Issuers leave O and I out of numbers: they look like digits. */
const IN_NUMBERS = LETTERS.replace(/[IO]/g, '');
const NAME = 'SPECIMEN<<NOBODY';

const digitOf = (...parts: string[]): string => String(checkDigit(...parts.map((p) => Buffer.from(p, 'ascii'))));
const fill = (text: string, length: number): string => text.padEnd(length, '<').slice(0, length);
const some = (random: Random, from: string, length: number): string =>
  Array.from({ length }, () => pick(random, [...from])).join('');

/** A document of the state Utopia (UTO, which 9303 keeps for specimens) with right check digits, the same for the same seed. */
export function zoneOfNobody(random: Random, format: ZoneFormat, wishes: ZoneOptions = {}): Zone {
  const number = wishes.number ?? some(random, IN_NUMBERS, 1) + some(random, DIGITS, 8);
  const until =
    wishes.validUntil ??
    `20${30 + Math.floor(random() * 10)}0${1 + Math.floor(random() * 9)}${10 + Math.floor(random() * 18)}`;
  const expiry = until === 'none' ? '<<<<<<' : until.slice(2);
  const birth = '900101';
  const lines = (format === 'TD1' ? card : page)(format, number, birth, expiry);
  return { format, lines, number, ...(until === 'none' ? {} : { validUntil: until }) };
}

/** The nine characters of the number, its check digit, and what does not fit there and goes into the optional data. */
function numberField(number: string): { readonly field: string; readonly overflow: string } {
  if (number.length <= 9) return { field: fill(number, 9) + digitOf(fill(number, 9)), overflow: '' };
  return { field: `${number.slice(0, 9)}<`, overflow: number.slice(9) + digitOf(number) };
}

function card(_: ZoneFormat, number: string, birth: string, expiry: string): string[] {
  const { field, overflow } = numberField(number);
  const upper = `I<UTO${field}${fill(overflow, 15)}`;
  const dates = [birth + digitOf(birth), expiry + digitOf(expiry)] as const;
  const optional = fill('', 11);
  const composite = digitOf(upper.slice(5), ...dates, optional);
  return [upper, `${dates[0]}<${dates[1]}UTO${optional}${composite}`, fill(NAME, 30)];
}

function page(format: ZoneFormat, number: string, birth: string, expiry: string): string[] {
  const { field, overflow } = numberField(number);
  const dates = [birth + digitOf(birth), expiry + digitOf(expiry)] as const;
  const personal = fill('', 14);
  const optional = format === 'TD3' ? personal + digitOf(personal) : fill(overflow, 7);
  const composite = digitOf(field, ...dates, optional);
  const upper = fill(`${format === 'TD3' ? 'P' : 'I'}<UTO${NAME}`, format === 'TD3' ? 44 : 36);
  return [upper, `${field}UTO${dates[0]}<${dates[1]}${optional}${composite}`];
}

/** One character of the number read as another. Not as one that no check digit tells apart from it: values ten or twenty apart. */
export function misread(zone: Zone, random: Random): readonly string[] {
  const [line, first] = zone.format === 'TD1' ? [0, 5] : [1, 0];
  const at = first + Math.floor(random() * Math.min(9, zone.number.length));
  const text = zone.lines[line]!;
  const others = [...DIGITS, ...LETTERS].filter((c) => digitOf(c) !== digitOf(text[at]!));
  return zone.lines.map((l, i) => (i === line ? l.slice(0, at) + pick(random, others) + l.slice(at + 1) : l));
}

export const ENVELOPES = ['desko', '3m', 'elyctis', 'est'] as const;
export type EnvelopeKind = (typeof ENVELOPES)[number];

/** The bytes of one read. A line that the reader did not see is undefined: 3M readers send its CR, the others leave it out. */
export function envelope(kind: EnvelopeKind, lines: readonly (string | undefined)[]): Uint8Array {
  const seen = lines.filter((line) => line !== undefined);
  const cr = (all: readonly string[]): string => all.map((line) => `${line}\r`).join('');
  switch (kind) {
    case 'desko':
      return latin1(`\x1c\x02${cr(seen)}\x03\x1d`);
    case '3m':
      return threeM(lines);
    case 'elyctis': {
      const data = cr(seen);
      return latin1(`I\x00${String.fromCharCode(data.length)}${data}`);
    }
    case 'est': {
      const type = lines.length === 3 ? 'IDCard' : 'PassPort';
      return latin1(`\x02CameraData:${JSON.stringify({ data: seen.join('\n'), type })}\x03\r\n`);
    }
  }
}

/** RTE6701: three CRs always, narrow lines padded to the width of a passport, a flag before the first line, an XOR at the end. */
function threeM(lines: readonly (string | undefined)[]): Uint8Array {
  const padded = [0, 1, 2].map((i) => `${lines[i]?.padEnd(44, '_') ?? ''}\r`).join('');
  const body = `OU\x02A${padded}\x03`;
  const message = latin1(`\x01${String.fromCharCode(body.length)}${body}`);
  return Uint8Array.of(
    ...message,
    message.subarray(1).reduce((a, b) => a ^ b, 0),
  );
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
