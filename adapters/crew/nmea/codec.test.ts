import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSentenceReader, readSentence, writeReading, writeSentence, type Sentence } from './codec.ts';

const read = (content: string): Sentence => readSentence(writeSentence(content).trimEnd());

function lines(...chunks: readonly (string | Uint8Array)[]): Sentence[] {
  const sentences: Sentence[] = [];
  const feed = openSentenceReader((sentence) => void sentences.push(sentence));
  for (const chunk of chunks) feed(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
  return sentences;
}

const RMC = 'GPRMC,020203.00,A,3015.00000,N,12007.50000,E,10.00,90.0,211126,,,A';
const GGA = 'GPGGA,020203.00,3015.00000,N,12007.50000,E,1,08,1.0,126.0,M,0.0,M,,';
const FIX = { lat: 30.25, lon: 120.125 };

describe('sentences', () => {
  it('the two everybody prints', () => {
    expect(readSentence('$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A')).toEqual({
      kind: 'rmc',
      time: Date.UTC(2094, 2, 23, 12, 35, 19),
      courseDeg: 84.4,
      fix: { lat: 48 + 7.038 / 60, lon: 11 + 31 / 60 },
      speedKmh: 22.4 * 1.852,
    });
    expect(readSentence('$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47')).toEqual({
      kind: 'gga',
      altitudeM: 545.4,
      fix: { lat: 48 + 7.038 / 60, lon: 11 + 31 / 60 },
    });
  });

  it.each(['GP', 'GN', 'BD', 'GB', 'GL', 'GA'])('of %s', (talker) => {
    expect(read(RMC.replace('GP', talker))).toEqual({
      kind: 'rmc',
      time: Date.parse('2026-11-21T02:02:03Z'),
      fix: FIX,
      speedKmh: 18.52,
      courseDeg: 90,
    });
    expect(read(GGA.replace('GP', talker))).toEqual({ kind: 'gga', fix: FIX, altitudeM: 126 });
  });

  it('south and west are negative', () => {
    expect(read(RMC.replace(',N,', ',S,').replace(',E,', ',W,'))).toMatchObject({
      fix: { lat: -30.25, lon: -120.125 },
    });
  });

  it.each([
    ['void', RMC.replace(',A,', ',V,'), { kind: 'rmc' }],
    ['void and empty', 'GPRMC,,V,,,,,,,,,,N', { kind: 'rmc' }],
    ['estimated', RMC.replace(/A$/, 'E'), { kind: 'rmc', time: Date.parse('2026-11-21T02:02:03Z') }],
    ['simulated', RMC.replace(/A$/, 'S'), { kind: 'rmc', time: Date.parse('2026-11-21T02:02:03Z') }],
    ['no fix', GGA.replace(',1,08', ',0,00'), { kind: 'gga' }],
    ['estimated', GGA.replace(',1,08', ',6,08'), { kind: 'gga' }],
    ['typed in', GGA.replace(',1,08', ',7,08'), { kind: 'gga' }],
  ])('%s: no position', (_, content, expected) => {
    expect(read(content)).toEqual(expected);
  });

  it('others are passed over, those of makers too', () => {
    expect(read('GPGSV,1,1,00')).toBe('other');
    expect(read('PMTK010,001')).toBe('other');
  });

  it.each([
    ['latitude', RMC.replace('3015', '9015')],
    ['minutes', RMC.replace('3015', '3060')],
    ['digits of the longitude', RMC.replace('12007.5', '1207.5')],
    ['longitude', RMC.replace('12007', '18007')],
    ['side', RMC.replace(',N,', ',E,')],
    ['nowhere', RMC.replace('3015.00000', '0000.00000').replace('12007.50000', '00000.00000')],
    ['speed', RMC.replace('10.00', '1000.0')],
    ['course', RMC.replace('90.0', '361.0')],
    ['date', RMC.replace('211126', '310226')],
    ['time', RMC.replace('020203', '240203')],
    ['status', RMC.replace(',A,', ',X,')],
    ['fields', 'GPRMC,020203.00,A'],
    ['quality', GGA.replace(',1,08', ',,08')],
    ['altitude', GGA.replace('126.0', '99999')],
    ['unit', GGA.replace(',M,0.0', ',F,0.0')],
  ])('%s that cannot be', (_, content) => {
    expect(read(content)).toBe('impossible');
  });

  it('without a right checksum nothing counts', () => {
    const line = writeSentence(RMC).trimEnd();
    for (const broken of [line.slice(0, -3), `${line.slice(0, -2)}00`, line.slice(1), `${line} `, '', '$', '$*00']) {
      expect(readSentence(broken)).toBe('damaged');
    }
    expect(readSentence(line.slice(0, -2) + line.slice(-2).toLowerCase())).not.toBe('damaged');
  });
});

describe('a line', () => {
  const stream = Buffer.from(writeSentence(RMC) + writeSentence('GPGSV,1,1,00') + writeSentence(GGA));
  const expected = [read(RMC), 'other', read(GGA)];

  it('cut anywhere', () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(lines(stream.subarray(0, at), stream.subarray(at))).toEqual(expected);
    }
  });

  it('begins anywhere: the rest of the first sentence is passed over', () => {
    expect(lines(stream.subarray(20))).toEqual(expected.slice(1));
  });

  it('joined: what lost its end does not take the next with it', () => {
    const cut = writeSentence(RMC).slice(0, 30);
    expect(lines(cut, writeSentence(GGA))).toEqual(['damaged', read(GGA)]);
    expect(lines(writeSentence(RMC).trimEnd(), writeSentence(GGA))).toEqual([read(RMC), read(GGA)]);
  });

  it('over-long, and binary between', () => {
    expect(lines('$', 'A'.repeat(100_000), '\r\n', stream)).toEqual(['damaged', ...expected]);
    expect(lines(writeSentence(RMC), Uint8Array.of(0xb5, 0x62, 0, 255), writeSentence(GGA))).toEqual([
      read(RMC),
      // C4: no sentence was damaged.
      'other',
      read(GGA),
    ]);
  });

  it('keeps a copy: the bytes are wiped behind it', () => {
    const sentences: Sentence[] = [];
    const feed = openSentenceReader((sentence) => void sentences.push(sentence));
    for (const byte of stream) {
      const chunk = Uint8Array.of(byte);
      feed(chunk);
      chunk.fill(0);
    }
    expect(sentences).toEqual(expected);
  });
});

it('written and read again', () => {
  const reading = fc.record({
    lat: fc.integer({ min: -89_999_999, max: 89_999_999 }).map((n) => n / 1e6),
    lon: fc.integer({ min: -179_999_999, max: 179_999_999 }).map((n) => n / 1e6),
    time: fc.integer({ min: 946_684_800, max: 4_102_444_799 }).map((s) => s * 1000),
    speedKmh: fc.nat(300),
    courseDeg: fc.nat(359),
    altitudeM: fc.integer({ min: -400, max: 9_000 }),
  });
  fc.assert(
    fc.property(reading, fc.constantFrom('GP', 'GN', 'BD'), (r, talker) => {
      const near = (n: number, digits: number): number => expect.closeTo(n, digits) as number;
      const fix = { lat: near(r.lat, 6), lon: near(r.lon, 6) };
      expect(lines(writeReading(talker, r))).toEqual([
        { kind: 'rmc', time: r.time, fix, speedKmh: near(r.speedKmh, 1), courseDeg: r.courseDeg },
        { kind: 'gga', fix, altitudeM: r.altitudeM },
      ]);
    }),
    { seed: 1, numRuns: 500 },
  );
  expect(lines(writeReading('GN', undefined))).toEqual([{ kind: 'rmc' }, { kind: 'gga' }]);
});

describe('damage', () => {
  it('of one character never gives another sentence: 3,000 of them', () => {
    let noticed = 0;
    const change = fc.constantFrom<'set' | 'drop' | 'add'>('set', 'drop', 'add');
    fc.assert(
      fc.property(fc.constantFrom(RMC, GGA), fc.nat(), change, fc.nat(255), (content, where, what, byte) => {
        const bytes = [...Buffer.from(writeSentence(content))];
        bytes.splice(where % bytes.length, what === 'add' ? 0 : 1, ...(what === 'drop' ? [] : [byte]));
        for (const sentence of lines(Uint8Array.from(bytes), '\r\n')) {
          if (sentence === 'damaged') noticed++;
          else if (typeof sentence === 'object') expect(sentence).toEqual(read(content));
        }
      }),
      { seed: 2, numRuns: 3000 },
    );
    expect(noticed).toBeGreaterThan(2000);
  });

  it('of any kind throws nothing', () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Buffer.from(writeSentence(RMC))));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => void lines(...pieces, '\r\n')),
      { seed: 3, numRuns: 2000 },
    );
    const fields = fc.array(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(...RMC.split(','))), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(fields, fc.constantFrom('GPRMC', 'GPGGA'), (list, type) => {
        const sentence = read([type, ...list.map((f) => f.replace(/[^\x20-\x7e]|[$*]/g, ''))].join(','));
        if (typeof sentence === 'object' && sentence.fix) {
          expect(Math.abs(sentence.fix.lat) <= 90 && Math.abs(sentence.fix.lon) <= 180).toBe(true);
        }
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
