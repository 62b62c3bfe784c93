import { describe, expect, it } from 'vitest';
import { envelope, ENVELOPES, misread, zoneOfNobody, type Zone } from '../../../simulators/devices/reader/mrz-zone.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { openExtractor } from './codec.ts';
import { checkDigit, type MrzResult } from './zone.codec.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** Documents of the examples in ICAO Doc 9303, and a published specimen. */
const PASSPORT = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'];
const CARD = ['I<UTOD231458907<<<<<<<<<<<<<<<', '7408122F1204159UTO<<<<<<<<<<<6', 'ERIKSSON<<ANNA<MARIA<<<<<<<<<<'];
const LONG_CARD = [
  'I<UTOD23145890<7349<<<<<<<<<<<',
  '3407127M9507122UTO<<<<<<<<<<<2',
  'STEVENSON<<PETER<JOHN<<<<<<<<<',
];
const TD2 = ['I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<', 'D231458907UTO7408122F1204159<<<<<<<6'];
const SPECIMEN = ['PTCHNCESHI<<YANGBEN<<<<<<<<<<<<<<<<<<<<<<<<<', 'G622925996CHN8310291F1904220LCOCMKNENBPJB984'];

/** Words for what came out, numbers as text, so that a test can compare them. */
function words(results: readonly MrzResult[]): string[] {
  return results.map((r) =>
    r.kind === 'unreadable' ? r.why : `${r.type} ${Buffer.from(r.number).toString('ascii')} ${r.validUntil ?? '-'}`,
  );
}

function extract(...chunks: readonly (Uint8Array | string)[]): string[] {
  const extractor = openExtractor();
  const results = chunks.flatMap((c) => extractor.feed(typeof c === 'string' ? ascii(c) : c));
  return words([...results, ...extractor.flush()]);
}

const read = (lines: readonly string[]): string[] => extract(`${lines.join('\r')}\r`);
const expected = (zone: Zone): string =>
  `${zone.format === 'TD3' ? 'passport' : 'travel-card'} ${zone.number} ${zone.validUntil ?? '-'}`;
const put = (line: string, at: number, text: string): string => line.slice(0, at) + text + line.slice(at + text.length);

describe('vectors', () => {
  it.each([
    ['TD3 of Doc 9303-4', PASSPORT, 'passport L898902C3 20120415'],
    ['TD1 of Doc 9303-5', CARD, 'travel-card D23145890 20120415'],
    ['TD1 with a long number', LONG_CARD, 'travel-card D23145890734 20950712'],
    ['TD2 of Doc 9303-6', TD2, 'travel-card D23145890 20120415'],
    ['TD3 specimen', SPECIMEN, 'passport G62292599 20190422'],
  ])('%s', (_, lines, result) => expect(read(lines)).toEqual([result]));

  it('the negative one: a wrong last character of the number', () => {
    expect(read([PASSPORT[0]!, put(PASSPORT[1]!, 0, 'L898902C35')])).toEqual(['check digit']);
    expect(checkDigit(ascii('L898902C3'))).toBe(6);
    expect(checkDigit(ascii('L898902C35'), ascii('7408122'), ascii('1204159ZE184226B<<<<<1'))).toBe(3);
  });

  it('a long number whose check digit counts the filler before its tail', () => {
    const number = 'AB1234567';
    const both = [true, false].map((filler) => {
      const digit = checkDigit(ascii(number), ascii(filler ? '<' : ''), ascii('8910'));
      const upper = `I<UTO${number}<8910${digit}<<<<<<<<<<`;
      const composite = checkDigit(ascii(upper.slice(5)), ascii('7408122'), ascii('1204159'), ascii('<<<<<<<<<<<'));
      return { digit, words: read([upper, put(CARD[1]!, 29, String(composite)), CARD[2]!]) };
    });
    expect(both[0]!.digit).not.toBe(both[1]!.digit);
    for (const one of both) expect(one.words).toEqual(['travel-card AB12345678910 20120415']);
  });
});

describe('documents of nobody', () => {
  const zones = ENVELOPES.flatMap((kind) =>
    (['TD1', 'TD2', 'TD3'] as const).map((format) => ({ kind, zone: zoneOfNobody(seeded(7), format) })),
  );

  it.each(zones)('$zone.format from $kind, cut anywhere', ({ kind, zone }) => {
    const bytes = envelope(kind, zone.lines);
    for (let at = 0; at <= bytes.length; at++) {
      expect(extract(bytes.subarray(0, at), bytes.subarray(at))).toEqual([expected(zone)]);
    }
    expect(extract(...[...bytes].map((b) => Uint8Array.of(b)))).toEqual([expected(zone)]);
  });

  it.each(zones)('$zone.format from $kind, two back to back', ({ kind, zone }) => {
    const other = zoneOfNobody(seeded(8), zone.format);
    const bytes = [zone, other].map((z) => envelope(kind, z.lines));
    expect(extract(Buffer.concat(bytes))).toEqual([expected(zone), expected(other)]);
  });

  it.each(zones)('$zone.format from $kind without its upper line is read again', ({ kind, zone }) => {
    const half = envelope(kind, [undefined, ...zone.lines.slice(1)]);
    expect(extract(half)).toEqual(['not read']);
    expect(extract(half, envelope(kind, zone.lines))).toEqual(['not read', expected(zone)]);
  });

  it.each(zones)('$zone.format from $kind with one misread character is read again', ({ kind, zone }) => {
    const random = seeded(9);
    for (let i = 0; i < 50; i++) expect(extract(envelope(kind, misread(zone, random)))).toEqual(['check digit']);
  });

  it.each(['TD1', 'TD2'] as const)('%s with a long number', (format) => {
    const zone = zoneOfNobody(seeded(3), format, { number: 'X12345678901' });
    expect(read(zone.lines)).toEqual([expected(zone)]);
    const wrong = zone.lines.map((line) => line.replace(/901(?=\d<)/, '902'));
    expect(read(wrong)).toEqual(['check digit']);
  });

  it('without an expiry, or with zeros for it', () => {
    const zone = zoneOfNobody(seeded(4), 'TD3', { validUntil: 'none' });
    expect(read(zone.lines)).toEqual([`passport ${zone.number} -`]);
    expect(read([zone.lines[0]!, put(zone.lines[1]!, 21, '000000')])).toEqual([`passport ${zone.number} -`]);
    expect(read([zone.lines[0]!, put(zone.lines[1]!, 21, '<<<<<<<')])).toEqual([`passport ${zone.number} -`]);
  });

  it('with a day that is none, an empty number, or a hole in the number', () => {
    const impossible = zoneOfNobody(seeded(5), 'TD3', { validUntil: '20310231' });
    expect(read(impossible.lines)).toEqual(['garbled']);
    expect(read(zoneOfNobody(seeded(5), 'TD3', { number: '' }).lines)).toEqual(['garbled']);
    expect(read(zoneOfNobody(seeded(5), 'TD1', { number: 'AB<123456' }).lines)).toEqual(['garbled']);
  });

  it('a short number keeps none of its fillers', () => {
    const zone = zoneOfNobody(seeded(6), 'TD2', { number: 'A1234' });
    expect(read(zone.lines)).toEqual([expected(zone)]);
  });
});

/** What no check digit can see: values that differ by a multiple of ten. */
const alike = (a: string, b: string): boolean => checkDigit(ascii(a)) === checkDigit(ascii(b));

describe('any single misread character', () => {
  const CHARACTERS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<'];
  it.each([
    ['TD3', PASSPORT],
    ['TD1', CARD],
    ['TD1 with a long number', LONG_CARD],
    ['TD2', TD2],
  ])('%s: never another number, expiry or kind, unless no check digit tells the two characters apart', (_, lines) => {
    const right = read(lines)[0]!;
    const passed: string[] = [];
    const several: string[][] = [];
    let refused = 0;
    for (const [l, line] of lines.entries()) {
      for (let at = 0; at < line.length; at++) {
        for (const character of CHARACTERS) {
          const wrong = lines.map((text, i) => (i === l ? put(text, at, character) : text));
          const result = read(wrong);
          if (result.length !== 1) several.push(result);
          else if (!/^(passport|travel-card) /.test(result[0]!)) refused += 1;
          else if (result[0] !== right) passed.push(`${line[at]}${character}`);
        }
      }
    }
    expect(several).toEqual([]);
    expect(passed.filter(([a, b]) => !alike(a!, b!))).toEqual([]);
    // The limit of ICAO's check digits is real, and the comment at the head of zone/codec.ts names it.
    expect(passed.length).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(500);
  });

  it('each of the three check digits is looked at by itself, the other two being right', () => {
    const [upper, lower] = PASSPORT as [string, string];
    const withComposite = (text: string): string => {
      const parts = [text.slice(0, 10), text.slice(13, 20), text.slice(21, 43)].map(ascii);
      return put(text, 43, String(checkDigit(...parts)));
    };
    expect(withComposite(lower)).toBe(lower);
    expect(read([upper, withComposite(put(lower, 8, '4'))])).toEqual(['check digit']);
    expect(read([upper, withComposite(put(lower, 26, '6'))])).toEqual(['check digit']);
    // A misread birth date: number and expiry know nothing of it.
    expect(read([upper, put(lower, 13, '8')])).toEqual(['check digit']);
    expect(read([upper, withComposite(put(lower, 13, '8'))])).toEqual(['passport L898902C3 20120415']);
  });
});

describe('what is not a document', () => {
  it('a line that is too long or too short', () => {
    const [upper, lower] = PASSPORT as [string, string];
    expect(read([upper, lower.slice(1)])).toEqual(['garbled']);
    expect(read([upper, `${lower}7`])).toEqual(['garbled']);
    expect(read([upper.slice(2), lower])).toEqual(['garbled']);
    expect(read([upper, lower.replace('U', '*')])).toEqual(['garbled']);
  });

  it('a document that was not framed, before and after half of one', () => {
    const [upper, lower] = PASSPORT as [string, string];
    const right = 'passport L898902C3 20120415';
    expect(read([lower, upper, lower])).toEqual(['not read', right]);
    expect(read([upper, lower, upper])).toEqual([right, 'not read']);
    expect(read([...CARD, ...PASSPORT, ...TD2])).toEqual([
      'travel-card D23145890 20120415',
      right,
      'travel-card D23145890 20120415',
    ]);
  });

  it('lines that follow each other without anything between', () => {
    for (const lines of [PASSPORT, CARD, TD2, SPECIMEN]) {
      expect(extract(lines.join(''))).toEqual(read(lines));
      expect(extract(`1${lines.join('')}`)).toEqual(read(lines));
      expect(extract(`I\0${String.fromCharCode(lines.join('').length)}${lines.join('')}`)).toEqual(read(lines));
    }
    const twice = `I\0X${PASSPORT.join('')}`.repeat(2);
    expect(extract(twice)).toEqual(['passport L898902C3 20120415', 'passport L898902C3 20120415']);
  });

  it('visas and codes of no known document', () => {
    expect(read([put(PASSPORT[0]!, 0, 'V'), PASSPORT[1]!])).toEqual(['unknown document']);
    expect(read([put(CARD[0]!, 0, 'X'), CARD[1]!, CARD[2]!])).toEqual(['unknown document']);
  });

  it('an empty read, a greeting, words, JSON without a document', () => {
    expect(
      extract('\x02\r\r\r\x03', 'OK\r\n', 'READER 3.1 READY\r\n', '\x02CameraData:{"data":"","type":""}\x03\r\n'),
    ).toEqual([]);
  });

  it('noise, and a document after it', () => {
    const random = seeded(11);
    const extractor = openExtractor();
    const results: MrzResult[] = [];
    for (let i = 0; i < 2000; i++) {
      const noise = Uint8Array.from({ length: 100 }, () => Math.floor(random() * 256));
      results.push(...extractor.feed(noise));
    }
    results.push(...extractor.feed(ascii('A'.repeat(5000))));
    results.push(...extractor.flush());
    expect(words(results).filter((w) => /passport|card/.test(w))).toEqual([]);
    expect(words(extractor.feed(envelope('desko', PASSPORT)))).toEqual(['passport L898902C3 20120415']);
  });
});

it('keeps nothing of what it has looked through', () => {
  const text = new Uint8Array(1024);
  const extractor = openExtractor(text);
  const kept = (): string => Buffer.from(text).toString('latin1').replaceAll('\0', '');
  extractor.feed(ascii(`${PASSPORT.join('\r')}\r`));
  expect(kept()).toBe(PASSPORT.join(''));
  expect(words(extractor.flush())).toEqual(['passport L898902C3 20120415']);
  expect(kept()).toBe('');
  expect(extractor.flush()).toEqual([]);
  extractor.feed(ascii(PASSPORT[0]!));
  expect(kept()).toBe(PASSPORT[0]);
  extractor.wipe();
  expect(kept()).toBe('');
  expect(words(extractor.feed(ascii(`${PASSPORT[1]}\x03`)))).toEqual(['not read']);
  expect(kept()).toBe('');
});

it('gives each number a buffer of its own, which can be wiped', () => {
  for (const lines of [PASSPORT, LONG_CARD]) {
    const [result] = openExtractor().feed(ascii(`\x02${lines.join('\r')}\r\x03`));
    if (result?.kind !== 'document') throw new Error('not read');
    expect(result.number.buffer.byteLength).toBe(result.number.length);
  }
});
