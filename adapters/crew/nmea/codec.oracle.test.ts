/** NMEA 0183 against nmea-simple: RMC and GGA as a receiver writes them, and with other fields. */
import fc from 'fast-check';
import { encodeNmeaPacket, parseNmeaSentence } from 'nmea-simple';
import { describe, expect, it } from 'vitest';
import { readSentence, type Sentence, writeReading, writeSentence } from './codec.ts';

const KMH_PER_KNOT = 1.852;

/** In hundred thousandths of a minute, the unit in which receivers write angles. */
const angle = (degrees: number) => fc.integer({ min: -degrees * 6e6, max: degrees * 6e6 }).map((n) => n / 6e6);
const readings = fc
  .record({
    lat: angle(90),
    lon: angle(180),
    // nmea-simple takes years from 73 on for those of the last century; here every year is of this one.
    time: fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2073, 0) - 1 }).map((ms) => ms - (ms % 10)),
    speedKmh: fc.integer({ min: 0, max: 26_000 }).map((n) => (n / 100) * KMH_PER_KNOT),
    courseDeg: fc.nat(3_599).map((n) => n / 10),
    altitudeM: fc.integer({ min: -4_000, max: 90_000 }).map((n) => n / 10),
  })
  // A fix at exactly 0, 0 is refused here: it was never made.
  .filter(({ lat, lon }) => lat !== 0 || lon !== 0);
/** Fields in their form and range, right at its edge, and beyond. */
const field = fc.constantFrom(
  ...['', '0', '1', '2', '9', 'A', 'V', 'N', 'S', 'E', 'W', 'M', 'x', '-1', '+5', '1e3', '360.0', '400', '99999.9'],
  ...['235959.99', '235959', '240000', '000060', '9000.00000', '9000.00001', '18000.0000', '3060.50', '3160.00'],
  ...['12130.5', '00000.1', '280226', '310226', '290228'],
);
const talkers = fc.constantFrom('GP', 'GN', 'BD', 'GB', 'GL', 'GA');

/** Empty fields are 0 there and absent here. */
function byOracle(line: string): Sentence {
  try {
    const packet = parseNmeaSentence(line);
    if (packet.sentenceId !== 'RMC' && packet.sentenceId !== 'GGA') return 'other';
    const fix = { lat: packet.latitude, lon: packet.longitude };
    if (packet.sentenceId === 'GGA') return { kind: 'gga', fix, altitudeM: packet.altitudeMeters };
    const speedKmh = packet.speedKnots * KMH_PER_KNOT;
    return { kind: 'rmc', time: packet.datetime.getTime(), fix, speedKmh, courseDeg: packet.trackTrue % 360 };
  } catch {
    return 'damaged';
  }
}

const linesOf = (text: string): string[] => text.trimEnd().split('\r\n');

/** What was read here with a position was read there, with the same values. */
function expectAlike(line: string): void {
  const ours = readSentence(line);
  if (typeof ours === 'string') return;
  const oracle = byOracle(line);
  if (typeof oracle === 'string') expect.fail(`only we read ${line}`);
  expect(oracle.kind).toBe(ours.kind);
  // Without a fix, or with one that was not measured, nothing else is read here.
  if (!ours.fix) return;
  expect(oracle.fix!.lat).toBeCloseTo(ours.fix.lat, 9);
  expect(oracle.fix!.lon).toBeCloseTo(ours.fix.lon, 9);
  if (ours.kind === 'rmc' && oracle.kind === 'rmc') {
    expect(oracle.time).toBe(ours.time);
    expect(oracle.speedKmh).toBeCloseTo(ours.speedKmh ?? 0, 9);
    expect(oracle.courseDeg).toBeCloseTo(ours.courseDeg ?? 0, 9);
  }
  if (ours.kind === 'gga' && oracle.kind === 'gga') expect(oracle.altitudeM).toBe(ours.altitudeM ?? 0);
}

describe('NMEA and nmea-simple', () => {
  it('read what is written here alike', () => {
    fc.assert(
      fc.property(talkers, readings, (talker, reading) => {
        for (const line of linesOf(writeReading(talker, reading))) {
          expect(readSentence(line)).toHaveProperty('fix');
          expectAlike(line);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('read what is written there alike', () => {
    fc.assert(
      fc.property(talkers, readings, (talker, { lat, lon, altitudeM, time }) => {
        const line = encodeNmeaPacket(
          {
            sentenceId: 'GGA',
            time: new Date(time),
            latitude: lat,
            longitude: lon,
            fixType: 'delta',
            satellitesInView: 8,
            horizontalDilution: 1,
            altitudeMeters: altitudeM,
            geoidalSeperation: 0,
          },
          talker,
        );
        // Rounding makes 60 minutes of 59.9999999, which is refused here.
        fc.pre(!/60\.0{6}/.test(line));
        expect(readSentence(line)).toHaveProperty('fix');
        expectAlike(line);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  // On purpose: nmea-simple reads what has the right checksum, whatever its fields say; here they have to have their own form and range.
  it('read nothing here that is not read there, nor otherwise, with other fields and the right checksum', () => {
    const changes = fc.array(fc.tuple(fc.nat(), field), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(talkers, readings, changes, (talker, reading, changed) => {
        for (const line of linesOf(writeReading(talker, reading))) {
          const fields = line.slice(1, -3).split(',');
          for (const [n, text] of changed) fields[1 + (n % (fields.length - 1))] = text;
          expectAlike(writeSentence(fields.join(',')).trimEnd());
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('read nothing here that is not read there, nor otherwise, with a byte that was damaged', () => {
    const byte = fc.string({ minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(talkers, readings, fc.nat(), byte, (talker, reading, n, put) => {
        for (const line of linesOf(writeReading(talker, reading))) {
          const at = n % line.length;
          expectAlike(line.slice(0, at) + put + line.slice(at + 1));
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
