/**
 * NMEA-0183 sentences of a satellite receiver, RMC and GGA:
 *
 *     $GPRMC,hhmmss.ss,A,ddmm.mmmm,N,dddmm.mmmm,E,knots,course,ddmmyy,…*hh CR LF
 *     $GPGGA,hhmmss.ss,ddmm.mmmm,N,dddmm.mmmm,E,quality,satellites,hdop,altitude,M,…*hh CR LF
 *
 * The checksum, XOR of all between $ and *, is required; every field that is read has to have its own form and range besides.
 */
import { iso } from '../../../gateway/contracts/time.ts';
import type { Instant } from '../../../gateway/contracts/base.ts';

export interface Fix {
  readonly lat: number;
  readonly lon: number;
}

export interface Rmc {
  readonly kind: 'rmc';
  /** By the satellites, where the receiver has them. */
  readonly time?: Instant;
  /** Absent: no fix, or one that was not measured (estimated, typed in, simulated). */
  readonly fix?: Fix;
  readonly speedKmh?: number;
  readonly courseDeg?: number;
}

export interface Gga {
  readonly kind: 'gga';
  readonly fix?: Fix;
  /** Above sea level. */
  readonly altitudeM?: number;
}

/**
 * `other`: what is not read here: a whole sentence, a line of another protocol (AIS, a maker's own), bytes that are no text. `damaged`: a sentence
 * that is not what was sent. `impossible`: a whole one with a field that cannot be.
 */
export type Sentence = Rmc | Gga | 'other' | 'damaged' | 'impossible';

/** The standard says 82; some receivers write more digits. */
const MAX_LINE_BYTES = 128;
const LF = 10;
const CR = 13;
const DOLLAR = 0x24;

/**
 * Takes the bytes of the line, cut anywhere, and gives a sentence for each line. A `$` begins one anywhere: what lost its end
 * does not take the next with it. Binary frames between sentences, of which receivers mix in two kinds, are stepped over by their length. It
 * keeps a copy of what is incomplete.
 */
export function openSentenceReader(receive: (sentence: Sentence) => void): (chunk: Uint8Array) => void {
  const buffer = new Uint8Array(MAX_LINE_BYTES);
  let used = 0;
  let tooLong = false;
  /** What comes first is the rest of a sentence, for the receiver sends before the line is opened. */
  let started = false;
  const isBinary = openBinarySkipper();
  const end = (): void => {
    const line = Buffer.from(buffer.subarray(0, used)).toString('latin1');
    const something = used > 0;
    const damaged = tooLong;
    used = 0;
    tooLong = false;
    if (something) receive(damaged && !isForeign(line) ? 'damaged' : readSentence(line));
  };
  return (chunk) => {
    for (const byte of chunk) {
      if (isBinary(byte, used === 0)) continue;
      started ||= byte === DOLLAR;
      if (!started) continue;
      if (byte === LF || byte === CR) end();
      else {
        if (byte === DOLLAR) end();
        if (used === buffer.length) tooLong = true;
        else buffer[used++] = byte;
      }
    }
  };
}

const UBX = [0xb5, 0x62] as const;
const RTCM = 0xd3;
/** Bytes of the head up to the length, and behind the contents: UBX (u-blox) and RTCM 3. */
const UBX_FRAME = { head: 6, tail: 2 } as const;
const RTCM_FRAME = { head: 3, tail: 3 } as const;
/** Longer ones are taken for noise, so that noise does not hide what follows for long. */
const MAX_FRAME_BYTES = 2_048;

/** Whether each byte belongs to a binary frame; `isBetween`: it is not in the middle of a line. */
function openBinarySkipper(): (byte: number, isBetween: boolean) => boolean {
  let head: number[] = [];
  let left = 0;
  const fits = (): boolean => {
    const [first, second] = head;
    if (first === RTCM) return ((second ?? 0) & 0xfc) === 0;
    // No class of message has the number 0.
    return (second === undefined || second === UBX[1]) && head[2] !== 0;
  };
  const lengthOf = (): number => (head[0] === RTCM ? (head[1]! << 8) | head[2]! : head[4]! | (head[5]! << 8));
  return (byte, isBetween) => {
    if (left > 0) {
      left -= 1;
      return true;
    }
    if (head.length === 0 && !(isBetween && (byte === UBX[0] || byte === RTCM))) return false;
    head.push(byte);
    const { head: bytes, tail } = head[0] === RTCM ? RTCM_FRAME : UBX_FRAME;
    if (!fits()) {
      head = [];
      // It was noise; this byte may begin something.
      return false;
    }
    if (head.length < bytes) return true;
    const length = lengthOf();
    left = length > MAX_FRAME_BYTES ? 0 : length + tail;
    head = [];
    return true;
  };
}

/** GPS, several systems together, BeiDou (two spellings), GLONASS, Galileo. */
const SENTENCE = /^\$((?:GP|GN|BD|GB|GL|GA)(RMC|GGA),[\x20-\x23\x25-\x29\x2b-\x7e]*)\*([0-9A-Fa-f]{2})$/;
/** Any other, those of makers included. */
const OTHER = /^\$([A-Z][\x20-\x23\x25-\x29\x2b-\x7e]*)\*([0-9A-Fa-f]{2})$/;

/** One line without its end. */
export function readSentence(line: string): Sentence {
  const [, content, type, sum] = SENTENCE.exec(line) ?? [];
  if (content !== undefined && sum !== undefined) {
    if (sumOf(content) !== Number.parseInt(sum, 16)) return 'damaged';
    const fields = content.split(',');
    return (type === 'RMC' ? readRmc(fields) : readGga(fields)) ?? 'impossible';
  }
  if (isForeign(line)) return 'other';
  const [, other, otherSum] = OTHER.exec(line) ?? [];
  return other !== undefined && sumOf(other) === Number.parseInt(otherSum ?? '', 16) ? 'other' : 'damaged';
}

/** AIS and other encapsulated sentences; a maker's own without a checksum. */
const FOREIGN = /^!|^\$P[A-Z]{3}[A-Z0-9]+,[^*]*$/;
/** How a sentence begins, or did before it lost its first byte. */
const BEGINS = /^\$?[A-Z]{2}/;
const NOT_TEXT = /[^\x20-\x7e]/g;

/** Damage changes some bytes of a sentence. What is no text for a quarter, or begins like none, never was one. */
function isForeign(line: string): boolean {
  if (FOREIGN.test(line)) return true;
  if (line === '') return false;
  const odd = line.match(NOT_TEXT)?.length ?? 0;
  return odd * 4 > line.length || (!line.startsWith('$') && !BEGINS.test(line) && !line.includes(','));
}

function sumOf(content: string): number {
  let sum = 0;
  for (const byte of Buffer.from(content, 'latin1')) sum ^= byte;
  return sum;
}

const KMH_PER_KNOT = 1.852;
const MAX_KMH = 500;
const NUMBER = /^-?\d{1,6}(\.\d+)?$/;

/** Mode, where the receiver says it: autonomous, differential, fixed or floating (centimetres), precise. */
const MEASURED_MODES = ['A', 'D', 'F', 'P', 'R', '', undefined];

/** Undefined: a field has not its form. */
function readRmc(fields: readonly string[]): Rmc | undefined {
  const [, clock = '', status = '', lat = '', ns = '', lon = '', ew = '', knots = '', course = '', date = ''] = fields;
  if (fields.length < 10 || !/^[AV]$/.test(status)) return undefined;
  if (status === 'V') return { kind: 'rmc' };
  const fix = readFix(lat, ns, lon, ew);
  const time = readTime(date, clock);
  if (!fix || time === undefined || ![knots, course].every((field) => field === '' || NUMBER.test(field)))
    return undefined;
  if (Number(knots) < 0 || Number(knots) * KMH_PER_KNOT > MAX_KMH) return undefined;
  if (Number(course) < 0 || Number(course) > 360) return undefined;
  if (!MEASURED_MODES.includes(fields[12])) return { kind: 'rmc', time };
  return {
    kind: 'rmc',
    time,
    fix,
    ...(knots === '' ? {} : { speedKmh: Number(knots) * KMH_PER_KNOT }),
    ...(course === '' ? {} : { courseDeg: Number(course) % 360 }),
  };
}

/** Measured by code, by code and corrections, precise, fixed, floating. Not: 0 no fix, 6 estimated, 7 typed in, 8 simulated. */
const MEASURED = ['1', '2', '3', '4', '5'];
const ALTITUDE_M = { least: -500, most: 12_000 } as const;

function readGga(fields: readonly string[]): Gga | undefined {
  const [, clock = '', lat = '', ns = '', lon = '', ew = '', quality = '', , , altitude = '', unit] = fields;
  if (fields.length < 11 || !/^\d$/.test(quality)) return undefined;
  if (!MEASURED.includes(quality)) return { kind: 'gga' };
  const fix = readFix(lat, ns, lon, ew);
  if (!fix || !isClock(clock) || (altitude !== '' && (unit !== 'M' || !NUMBER.test(altitude)))) return undefined;
  if (Number(altitude) < ALTITUDE_M.least || Number(altitude) > ALTITUDE_M.most) return undefined;
  return { kind: 'gga', fix, ...(altitude === '' ? {} : { altitudeM: Number(altitude) }) };
}

function readFix(lat: string, ns: string, lon: string, ew: string): Fix | undefined {
  const north = readAngle(lat, 2, 90);
  const east = readAngle(lon, 3, 180);
  if (north === undefined || east === undefined || !/^[NS]$/.test(ns) || !/^[EW]$/.test(ew)) return undefined;
  // A fix at exactly 0, 0 is one that was never made.
  if (north === 0 && east === 0) return undefined;
  return { lat: ns === 'S' ? -north : north, lon: ew === 'W' ? -east : east };
}

/** `digits` digits of degrees, two of minutes, and decimals of minutes. */
function readAngle(text: string, digits: number, most: number): number | undefined {
  if (!/^\d+(\.\d{1,8})?$/.test(text) || text.replace(/\..*/, '').length !== digits + 2) return undefined;
  const minutes = Number(text.slice(digits));
  const degrees = Number(text.slice(0, digits)) + minutes / 60;
  return minutes < 60 && degrees <= most ? degrees : undefined;
}

const isClock = (clock: string): boolean => /^([01]\d|2[0-3])[0-5]\d[0-5]\d(\.\d{1,4})?$/.test(clock);

/** `ddmmyy` of this century and `hhmmss.ss`, UTC. */
function readTime(date: string, clock: string): Instant | undefined {
  if (!/^\d{6}$/.test(date) || !isClock(clock)) return undefined;
  const [day, month, year] = date.match(/../g)!.map(Number) as [number, number, number];
  const [hour, minute] = clock.match(/../g)!.map(Number) as [number, number];
  const midnight = Date.UTC(2000 + year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day || month < 1 || month > 12) return undefined;
  return midnight + Math.round(((hour * 60 + minute) * 60 + Number(clock.slice(4))) * 1000);
}

// ---------------------------------------------------------------- for who plays a receiver

/** With its checksum and its end. */
export function writeSentence(content: string): string {
  return `$${content}*${sumOf(content).toString(16).padStart(2, '0').toUpperCase()}\r\n`;
}

export interface ReceiverReading extends Fix {
  readonly time: Instant;
  readonly speedKmh: number;
  readonly courseDeg: number;
  readonly altitudeM: number;
}

/** RMC and GGA of one moment, by `talker` (GP, GN, BD). Undefined: the receiver has no fix. */
export function writeReading(talker: string, reading: ReceiverReading | undefined): string {
  if (!reading)
    return writeSentence(`${talker}RMC,,V,,,,,,,,,,N`) + writeSentence(`${talker}GGA,,,,,,0,00,99.99,,,,,,`);
  const at = iso(reading.time);
  const clock = `${at.slice(11, 19).replaceAll(':', '')}.${at.slice(20, 22)}`;
  const date = at.slice(8, 10) + at.slice(5, 7) + at.slice(2, 4);
  const where = `${angle(reading.lat, 2)},${reading.lat < 0 ? 'S' : 'N'},${angle(reading.lon, 3)},${reading.lon < 0 ? 'W' : 'E'}`;
  const knots = (reading.speedKmh / KMH_PER_KNOT).toFixed(2);
  return (
    writeSentence(`${talker}RMC,${clock},A,${where},${knots},${reading.courseDeg.toFixed(1)},${date},,,A`) +
    writeSentence(`${talker}GGA,${clock},${where},1,08,1.0,${reading.altitudeM.toFixed(1)},M,0.0,M,,`)
  );
}

function angle(degrees: number, digits: number): string {
  // In units of 0.00001 minutes, so that 59.999999 does not become 60.
  const all = Math.round(Math.abs(degrees) * 60 * 1e5);
  const minutes = (all % (60 * 1e5)) / 1e5;
  return String(Math.floor(all / (60 * 1e5))).padStart(digits, '0') + minutes.toFixed(5).padStart(8, '0');
}
