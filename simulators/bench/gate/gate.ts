/** A gate lane without a camera, and one that compares faces: reader on a pseudo terminal, gateway as a process, list, command room, screen. */
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeBy } from '../../../adapters/photo/program/decoder.ts';
import { startLaneCamera } from '../../devices/gate/camera.ts';
import { decoderProgram, writePortraits } from '../../devices/gate/portraits.ts';
import { listedNumbers, visitorStream, type StreamOptions } from '../../devices/gate/visitors.ts';
import { documentHits, openGatehouse, watchScreen } from '../../rigs/gate.ts';
import { measureNoise } from '../../devices/reader/noise.ts';
import { startReader } from '../../devices/reader/reader.ts';
import { startRoom, type Room } from '../../command-room/room.ts';
import { cardPhoto } from '../../devices/gate/card.ts';
import { openFacePainter } from '../../scene/face.ts';
import { documentNumber, people, type DrawnPerson } from '../../devices/gate/people.ts';
import { memoryMiB } from '../../product/processes.ts';
import { giveDocumentList, newSecret } from '../../product/site.ts';
import { measure, percentile, spread, type Measure } from '../report.ts';
import { openMarks, receive, WANTED, wrongHits, wrongIn, type Visit } from './visits.ts';

type Progress = (text: string) => void;

const LANE = 'lane-1';
/** Visitors of the lane without a camera, at most. */
const MAX_DESK = 200;
/** These come first and are not counted: models are being loaded, code is being compiled. */
const WARM_UP = 5;
const WARM_UP_SEED = 99;
const LIMIT_MS = 25 * 60_000;
/** For the last events on their way to the command room. */
const SETTLE_MS = 10_000;
/** Stands on the list and never comes. */
const ABSENT = documentNumber('resident', 9_999_999);

export async function measureLanes(visitors: number, progress: Progress): Promise<Measure[]> {
  const desk = { seed: 21, count: Math.min(visitors, MAX_DESK) };
  progress(`${desk.count} visitors of a lane without a camera`);
  const without = await runLane(desk, false, progress);
  const hall = { seed: 22, count: visitors };
  progress(`${hall.count} visitors of a lane that compares faces`);
  const compared = await runLane(hall, true, progress);
  const outcomesMs = without.visits.map((v) => v.outcomeMs);
  return [
    ...spread('last byte of the card -> outcome, lane without camera', outcomesMs, 50),
    ...comparisonMeasures(compared.visits),
    ...passedMeasures(without, 'lane without camera'),
    ...passedMeasures(compared, 'lane with camera', 60),
    ...(await decoderMeasure()),
    measure('memory of the gateway with face models (RSS)', compared.rssMiB, 'MiB', 1),
  ];
}

type Run = Awaited<ReturnType<typeof runLane>>;

/** `wrong` and `wrongHits`: what was wrong with visitors and with hits, in words. */
async function runLane(stream: StreamOptions, hasCamera: boolean, progress: Progress) {
  await using undo = new AsyncDisposableStack();
  const closing = <T extends { close(): Promise<void> | void }>(part: T): T => undo.adopt(part, () => part.close());
  const house = closing(openGatehouse());
  const { onAnswer, onSent, ...marks } = openMarks();
  const reader = closing(await startReader({ pty: house.port(LANE) }, { onAnswer }));
  const painter = openFacePainter();
  const camera = hasCamera ? closing(await startLaneCamera({ seed: stream.seed, painter, onSent })) : undefined;
  if (camera) await writePortraits(house.portraits, { painter });
  const secret = newSecret();
  const room = closing(await startRoom({ secret }));
  const site = await house.lay({
    lanes: { [LANE]: { kind: 'sdt', reader: reader.address, ...(camera ? { camera: camera.url } : {}) } },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:BENCH_ROOM' } },
    env: { BENCH_ROOM: secret },
  });
  const listed = listedNumbers(stream);
  const wanted = [...listed, ABSENT].map((number) => ({ number, ...WANTED }));
  await giveDocumentList(site, 1, wanted);
  const gateway = house.start();
  const screen = closing(await watchScreen(await gateway.url(), LANE));
  await screen.view((v) => v.away.length === 0);
  const lane = { screen, reader, camera, marks: { ...marks, onAnswer, onSent } };
  const ways = { limitMs: LIMIT_MS, progress: (n: number) => n % 100 === 0 && progress(`${n} visitors`) };
  await receive(lane, visitorStream({ seed: WARM_UP_SEED, count: WARM_UP, shares: NOBODY_SPECIAL }), ways);
  const startedAt = performance.now();
  const visits = await receive(lane, visitorStream(stream), ways);
  const seconds = (performance.now() - startedAt) / 1000;
  const rssMiB = Math.round(memoryMiB(gateway.pid));
  const entries = listed.map((_, i) => `D-${i + 1}`);
  await settled(room, entries);
  const wrong = visits.map((v) => wrongIn(v, hasCamera)).filter((w) => w !== undefined);
  const run = { visits, seconds, wrong, wrongHits: wrongHits(hitsIn(room), entries), listed: listed.length, rssMiB };
  for (const words of [...run.wrong, ...run.wrongHits]) progress(`WRONG: ${words}`);
  return run;
}

const NOBODY_SPECIAL = { listed: 0, borrowed: 0, expired: 0, cameraShy: 0 };

const hitsIn = (room: Room) => documentHits(room).map((e) => e.data as { id: string; entry: string });

/** Waits until each entry has its hit and nothing has come for a second, or for as long as is given. */
async function settled(room: Room, entries: readonly string[]): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_MS;
  let before = -1;
  for (;;) {
    const hits = hitsIn(room);
    if ((hits.length === before && wrongHits(hits, entries).length === 0) || performance.now() > giveUpAt) return;
    before = hits.length;
    await sleep(1_000);
  }
}

/** Of those whom the lane found to be the holder: one good picture is enough. Whoever is not is looked at in up to five, for 1.5 s. */
function comparisonMeasures(visits: readonly Visit[]): Measure[] {
  const same = visits.filter((v) => v.last.comparison?.outcome === 'same');
  const others = visits.filter((v) => v.last.comparison?.outcome !== 'same');
  const outcomesMs = visits.map((v) => v.outcomeMs);
  const sameMs = same.map((v) => v.comparedMs);
  const waitsMs = same.map((v) => v.pictureMs);
  const withoutWaitMs = same.map((v) => v.comparedMs - v.pictureMs);
  const othersMs = others.map((v) => v.comparedMs);
  return [
    ...spread('last byte -> outcome, lane with camera', outcomesMs),
    ...spread('last byte -> outcome with 1:1', sameMs, 400),
    ...spread('of these, wait for the first picture after the card', waitsMs),
    ...spread('last byte -> outcome with 1:1, without that wait', withoutWaitMs, 250),
    ...spread('last byte -> different or not compared', othersMs),
  ];
}

const DECODER_RUNS = 30;

/** The simulated decoder of card photos alone, as often as it takes. It runs while the lane waits for a picture. */
async function decoderMeasure(): Promise<Measure[]> {
  const [holder] = people as [DrawnPerson, ...DrawnPerson[]];
  using folder = mkdtempDisposableSync(join(tmpdir(), 'sitebox-portraits-'));
  await writePortraits(folder.path, { of: [holder] });
  const program = { command: [decoderProgram, folder.path], timeoutMs: 2_000, offline: false };
  const ms: number[] = [];
  for (let i = 0; i < DECODER_RUNS; i++) {
    const startedAt = performance.now();
    await decodeBy(program, cardPhoto(holder.id, i), new AbortController().signal);
    ms.push(performance.now() - startedAt);
  }
  return [measure('decoding a card photo, p50', Math.round(percentile(ms, 50)), 'ms', ms.length)];
}

function passedMeasures({ visits, seconds, wrong, wrongHits, listed }: Run, lane: string, least?: number): Measure[] {
  const [n, aMinute] = [visits.length, Math.floor((visits.length * 60) / seconds)];
  return [
    measure(`visitors a minute, ${lane}`, aMinute, 'visitors', n, least === undefined ? undefined : { least }),
    measure(`wrong outcomes, ${lane}`, wrong.length, 'visitors', n, { most: 0 }),
    measure(`hits missing, doubled or false, ${lane}`, wrongHits.length, 'hits', listed, { most: 0 }),
  ];
}

const FRAMES = 100_000;

/** Frames of the identity-card reader over a line that damages them. */
export function measureSerial(): Measure[] {
  const { falseReads, falseAlone, missed, missedTwice, trueReads } = measureNoise(FRAMES);
  const serial = (what: string, value: number, unit: string, bar?: Measure['bar']): Measure =>
    measure(`serial frames with noise: ${what}`, value, unit, FRAMES, bar);
  return [
    serial('false reads', falseReads, 'reads', { most: 0 }),
    serial('not resynchronised within one frame', missedTwice, 'frames', { most: 0 }),
    serial('clean ones straight behind that were lost', missed, 'frames'),
    serial('cards read rightly', trueReads, 'reads'),
    serial('false if one reading were enough', falseAlone, 'reads'),
  ];
}
