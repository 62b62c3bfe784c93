/**
 * Damaged packets and datagrams of every codec, in one process: nothing may trip, and no device may be shown where it is not.
 *
 * Bytes go through what the box reads a line with (sessions and their doubt included), and its reports through the check of positions, as in
 * the gateway. A position counts as believed when that check has taken it. The check itself concedes a device 400 km/h and 500 m since the
 * last position it believed: damage below that no look at a position can tell from a journey. So a believed position is *wrong* when it is
 * further from where the device was than that, and *moved* when it is nearer but not the one that was sent.
 *
 * A device's first position is whole: there is nothing yet to compare it with.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPositions } from '../../gateway/crew/positions.ts';
import { distanceM } from '../../gateway/crew/nearest.ts';
import type { CrewDesk, Position } from '../../gateway/equipment.ts';
import { openDb, type Db } from '../../gateway/store/db.ts';
import { openWalk, type Fix } from '../crew/walk.ts';
import { seeded, type Random } from '../scene/random.ts';
import { KINDS, type Kind } from './crew-lines.ts';
import type { Measure } from './report.ts';

/** How many packets of a line are damaged, one in so many, and which part of all damaged packets come so. */
const REGIMES = [
  { oneIn: 1, part: 0.45 },
  { oneIn: 10, part: 0.45 },
  { oneIn: 100, part: 0.1 },
] as const;
const BASE = { lat: 30.2741, lon: 120.1551 };
const SEED = 5;
/** As in the check of positions. */
const CONCEDED = { kmh: 400, m: 500 };
/** Rounding on the wire: JT/T 808 has 0.1 m, MAVLink and NMEA less. */
const SAME_M = 1;

export interface Verdict {
  readonly kind: string;
  readonly oneIn: number;
  readonly sent: number;
  readonly damaged: number;
  readonly uncaught: number;
  readonly believed: number;
  readonly held: number;
  readonly wrong: number;
  readonly moved: number;
  /** Of the moved ones, the furthest. */
  readonly movedM: number;
  /** The first few things that tripped. */
  readonly errors: readonly string[];
}

/** About `count` damaged packets, in equal parts of each kind of line. */
export async function damageAll(count: number, kinds = KINDS, judge = CONCEDED): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-mutations-'));
  const db = openDb(folder);
  const verdicts: Verdict[] = [];
  try {
    for (const kind of kinds) {
      for (const { oneIn, part } of REGIMES) {
        const damaged = Math.ceil((count * part) / kinds.length);
        verdicts.push(await damageLine(db, kind, { oneIn, damaged, conceded: judge }));
      }
    }
    return verdicts;
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

interface Job {
  readonly oneIn: number;
  readonly damaged: number;
  readonly conceded: typeof CONCEDED;
}

async function damageLine(db: Db, kind: Kind, { oneIn, damaged, conceded }: Job): Promise<Verdict> {
  const random = seeded(SEED * 1000 + oneIn);
  const walk = openWalk(kind.gait, BASE, random);
  const time = openTime();
  const jury = openJury(db, kind, time, conceded);
  const errors: string[] = [];
  const counts = { sent: 0, damaged: 0 };
  try {
    const line = await kind.open(jury.desk);
    while (counts.damaged < damaged) {
      time.pass(kind.everyS * 1000);
      const fix = walk.go(kind.everyS);
      jury.device(fix);
      const whole = line.write(fix, Date.now());
      const hit = counts.sent > 0 && random() * oneIn < 1;
      counts.sent++;
      if (hit) counts.damaged++;
      try {
        await line.feed(hit ? damage(whole, random) : whole);
      } catch (error) {
        errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    }
    await line.close?.();
  } finally {
    time.restore();
  }
  return { kind: kind.name, oneIn, ...counts, uncaught: errors.length, errors: errors.slice(0, 3), ...jury.counts };
}

/** A clock that goes as fast as packets are made; what asks for the time meanwhile gets it from here. */
function openTime() {
  const dateNow = Date.now;
  const monoNow = performance.now.bind(performance);
  const start = Date.now();
  let passed = 0;
  Date.now = () => start + Math.round(passed);
  performance.now = () => passed;
  return {
    now: () => start + Math.round(passed),
    mono: () => passed,
    pass: (ms: number) => void (passed += ms),
    restore() {
      Date.now = dateNow;
      performance.now = monoNow;
    },
  };
}

function openJury(db: Db, { device, everyS }: Kind, time: ReturnType<typeof openTime>, conceded: typeof CONCEDED) {
  const positions = openPositions({ db, clock: time, keepTracksH: 0, intervalS: () => everyS });
  const counts = { believed: 0, held: 0, wrong: 0, moved: 0, movedM: 0 };
  let truth: Fix | undefined;
  let believedAt = time.mono();
  const look = (position: Position): void => {
    if (!truth) throw new Error('a position before the first was sent');
    const most = conceded.m + (conceded.kmh * (time.mono() - believedAt)) / 3600;
    const off = distanceM(position, truth);
    believedAt = time.mono();
    counts.believed++;
    if (off > most) counts.wrong++;
    else if (off > SAME_M) {
      counts.moved++;
      counts.movedM = Math.max(counts.movedM, Math.round(off));
    }
  };
  const nothing = (): void => undefined;
  const desk: CrewDesk = {
    device: (id) => (id === device.id ? device : undefined),
    bySerial: (protocol, serial) =>
      protocol === device.protocol && device.serials.includes(serial) ? device : undefined,
    login: () => Promise.resolve(device),
    ticket: () => 'a ticket',
    report(report) {
      const outcome = positions.report(report);
      if (outcome === 'held') counts.held++;
      if (outcome === 'taken' && report.position) look(report.position);
    },
    // The place of a call is shown as it comes.
    sos: ({ position }) => position && look(position),
    ...{ answered: nothing, delivered: nothing, presence: nothing, refused: nothing },
  };
  return { desk, counts, device: (fix: Fix) => void (truth = fix) };
}

/** One to three changes; never the same bytes. */
function damage(whole: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(whole);
  const changes = 1 + Math.floor(random() * 3);
  for (let i = 0; i < changes; i++) bytes = change(bytes, random);
  if (!bytes.equals(whole)) return bytes;
  bytes = Buffer.from(whole);
  bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
  return bytes;
}

const DIGITS = '0123456789';

function change(bytes: Buffer<ArrayBuffer>, random: Random): Buffer<ArrayBuffer> {
  const place = (): number => Math.floor(random() * bytes.length);
  const [at, other] = [place(), place()];
  const length = 1 + Math.floor(random() * 8);
  if (bytes.length === 0) return Buffer.from([Math.floor(random() * 256)]);
  switch (Math.floor(random() * 8)) {
    case 0:
      bytes[at]! ^= 1 << Math.floor(random() * 8);
      return bytes;
    case 1:
      bytes[at] = Math.floor(random() * 256);
      return bytes;
    case 2:
      // What damages a text and leaves it one.
      bytes.write(DIGITS[Math.floor(random() * 10)]!, at);
      return bytes;
    case 3:
      [bytes[at], bytes[other]] = [bytes[other]!, bytes[at]!];
      return bytes;
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([Math.floor(random() * 256)]), bytes.subarray(at)]);
    default:
      return bytes.subarray(0, at);
  }
}

export function mutationMeasures(verdicts: readonly Verdict[]): Measure[] {
  const sum = (of: readonly Verdict[], key: 'damaged' | 'sent' | 'uncaught' | 'believed' | 'wrong' | 'moved'): number =>
    of.reduce((n, v) => n + v[key], 0);
  const n = sum(verdicts, 'damaged');
  const kinds = [...new Set(verdicts.map((v) => v.kind))];
  return [
    {
      name: 'damaged packets: errors nobody caught',
      value: sum(verdicts, 'uncaught'),
      unit: 'errors',
      n,
      bar: { most: 0 },
    },
    { name: 'damaged packets: wrong positions', value: sum(verdicts, 'wrong'), unit: 'positions', n, bar: { most: 0 } },
    ...kinds.map((kind): Measure => {
      const moved = sum(
        verdicts.filter((v) => v.kind === kind),
        'moved',
      );
      const movedM = Math.max(...verdicts.filter((v) => v.kind === kind).map((v) => v.movedM));
      const damaged = sum(
        verdicts.filter((v) => v.kind === kind),
        'damaged',
      );
      return {
        name: `damaged ${kind}: moved by less than can be told (furthest ${movedM} m)`,
        value: moved,
        unit: 'positions',
        n: damaged,
      };
    }),
    ...REGIMES.map(({ oneIn }): Measure => {
      const here = verdicts.filter((v) => v.oneIn === oneIn);
      const value = Math.round((1000 * sum(here, 'believed')) / sum(here, 'sent')) / 10;
      return {
        name: `positions believed where one packet in ${oneIn} is damaged`,
        value,
        unit: '%',
        n: sum(here, 'sent'),
      };
    }),
  ];
}
