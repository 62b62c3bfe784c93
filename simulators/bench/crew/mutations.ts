/**
 * Damaged packets and datagrams of every codec, in one process: nothing may trip, and no device may be shown where it is not.
 *
 * Bytes go through what the box reads a line with (sessions and their doubt included), and its reports through the check of positions, as in
 * the gateway. A position counts as believed when that check has taken it. The check itself concedes a device 400 km/h and 500 m from the
 * last position it believed: damage below that no look at a position can tell from a journey. So a believed position is *wrong* when it is
 * further from where the device was than that and than the last believed one is, and *moved* when it is nearer but not the one that was
 * sent. The place of a call for help, which damage may make of a report, is judged in the same way, though it is shown as it comes.
 *
 * A device's first position is whole: there is nothing yet to compare it with.
 */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPositions } from '../../../gateway/crew/positions.ts';
import { distanceM } from '../../../gateway/crew/nearest.ts';
import type { EquipmentHost, Position } from '../../../gateway/contracts/crew.ts';
import { openDb, type Db } from '../../../gateway/store/db.ts';
import { openWalk, type ReceiverFix } from '../../devices/crew/walk.ts';
import { seeded, type Random } from '../../scene/random.ts';
import { KINDS, type Kind } from './lines.ts';
import { measure, type Measure } from '../report.ts';

/** How many packets of a line are damaged, one in so many, and which part of all damaged packets come so. */
const REGIMES = [
  { oneIn: 1, part: 0.47 },
  { oneIn: 10, part: 0.47 },
  { oneIn: 100, part: 0.06 },
] as const;
const BASE = { lat: 30.2741, lon: 120.1551 };
const SEED = 5;
/** Times stand in the packets: the same each time, so that a run can be repeated. */
const START = Date.UTC(2026, 10, 21, 8);
/** As in the check of positions. */
const CONCEDED = { kmh: 400, m: 500 };
/** Rounding on the wire: JT/T 808 has 0.1 m, MAVLink and NMEA less. */
const SAME_M = 1;

type MutationResult = Awaited<ReturnType<typeof damageLine>>;

/** About `count` damaged packets, in equal parts of each kind of line. */
export async function damageAll(count: number, kinds = KINDS, judge = CONCEDED): Promise<MutationResult[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-mutations-'));
  const db = openDb(folder.path);
  const verdicts: MutationResult[] = [];
  try {
    for (const kind of kinds) {
      for (const { oneIn, part } of REGIMES) {
        const damaged = Math.ceil((count * part) / kinds.length);
        verdicts.push(await damageLine(db, kind, oneIn, damaged, judge));
      }
    }
    return verdicts;
  } finally {
    db.close();
  }
}

/** `errors`: the first few things that tripped. */
async function damageLine(db: Db, kind: Kind, oneIn: number, damaged: number, conceded: typeof CONCEDED) {
  const random = seeded(SEED * 1000 + oneIn);
  const walk = openWalk(kind.gait, BASE, random);
  const time = openTime();
  const jury = openJury(db, kind, time, conceded);
  const errors: string[] = [];
  const counts = { sent: 0, damaged: 0 };
  try {
    const line = await kind.open(jury.host);
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
  const now = (): number => START + Math.round(passed);
  let passed = 0;
  Date.now = now;
  performance.now = () => passed;
  return {
    now,
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
  /** `wrongPlaces`: of calls for help. `movedM`: of the moved positions, the furthest. */
  const counts = { believed: 0, held: 0, wrong: 0, wrongPlaces: 0, moved: 0, movedM: 0 };
  let truth: ReceiverFix | undefined;
  let last: { readonly at: number; readonly position?: Position } = { at: time.mono() };
  const offOf = (position: Position): { readonly off: number; readonly most: number } => {
    if (!truth) throw new Error('a position before the first was sent');
    const fromLastM = last.position ? distanceM(last.position, truth) : 0;
    const most = fromLastM + conceded.m + (conceded.kmh * (time.mono() - last.at)) / 3600;
    return { off: distanceM(position, truth), most };
  };
  const look = (position: Position): void => {
    const { off, most } = offOf(position);
    // A wrong one excuses none that follows.
    last = { at: time.mono(), ...(off > most ? {} : { position }) };
    counts.believed++;
    if (off > most) counts.wrong++;
    else if (off > SAME_M) {
      counts.moved++;
      counts.movedM = Math.max(counts.movedM, Math.round(off));
    }
  };
  const lookAtCall = (position: Position): void => {
    const { off, most } = offOf(position);
    if (off > most) counts.wrongPlaces++;
  };
  const nothing = (): void => undefined;
  const host: EquipmentHost = {
    device: (id) => (id === device.id ? device : undefined),
    bySerial: (protocol, serial) =>
      protocol === device.protocol && device.serials.includes(serial) ? device : undefined,
    login: () => Promise.resolve(device),
    authCode: () => 'an authentication code',
    report(report) {
      const outcome = positions.report(report);
      if (outcome === 'held') counts.held++;
      if (outcome === 'taken' && report.position) look(report.position);
    },
    // As the gateway does it: a place that cannot have been reached is not shown.
    sos: ({ position, at, doubtful }) => {
      if (position && !doubtful && positions.report({ device: device.id, at, position }) !== 'held')
        lookAtCall(position);
    },
    orderAnswer: nothing,
    delivered: nothing,
    presence: nothing,
    sessionTakenOver: nothing,
    loginFailed: nothing,
    loginError: nothing,
    refused: nothing,
  };
  return { host, counts, device: (fix: ReceiverFix) => void (truth = fix) };
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

type Count = 'damaged' | 'sent' | 'uncaught' | 'believed' | 'wrong' | 'wrongPlaces' | 'moved';

export function mutationMeasures(verdicts: readonly MutationResult[]): Measure[] {
  const sum = (of: readonly MutationResult[], key: Count): number => of.reduce((total, v) => total + v[key], 0);
  const n = sum(verdicts, 'damaged');
  const kinds = [...new Set(verdicts.map((v) => v.kind))];
  return [
    measure('damaged packets: errors nobody caught', sum(verdicts, 'uncaught'), 'errors', n, { most: 0 }),
    measure('damaged packets: wrong positions', sum(verdicts, 'wrong'), 'positions', n, { most: 0 }),
    measure('damaged packets: wrong places of calls', sum(verdicts, 'wrongPlaces'), 'calls', n, { most: 0 }),
    ...kinds.map((kind) => {
      const here = verdicts.filter((v) => v.kind === kind);
      const name = `damaged ${kind}: positions moved by less than can be told`;
      return measure(name, sum(here, 'moved'), 'positions', sum(here, 'damaged'));
    }),
    ...REGIMES.flatMap(({ oneIn }) => {
      const here = verdicts.filter((v) => v.oneIn === oneIn);
      const sent = sum(here, 'sent');
      const believed = Math.round((1000 * sum(here, 'believed')) / sent) / 10;
      const furthestM = Math.max(...here.map((v) => v.movedM));
      return [
        // NMEA has two in each packet.
        measure(`one packet in ${oneIn} damaged: positions believed`, believed, '%', sent),
        measure(`one packet in ${oneIn} damaged: furthest that one was moved`, furthestM, 'm', sum(here, 'moved')),
      ];
    }),
  ];
}
