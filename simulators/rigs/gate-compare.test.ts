/** Whatever keeps faces from being compared keeps nothing else from being done: a refusal, a photo that stays closed, spoilt models. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test, vi } from 'vitest';
import { metric } from './road.ts';
import { startLaneCamera, type LaneCamera } from '../devices/gate/camera.ts';
import { cardOf, cardPhoto } from '../devices/gate/card.ts';
import { decoderProgram, writePortraits } from '../devices/gate/portraits.ts';
import { dataOf, documentHits, openGatehouse, openScreens, visit, type Screen, type Told } from './gate.ts';
import type { GatewayProcess, LogLine } from '../product/gateway.ts';
import type { Card } from '../devices/reader/cards.ts';
import { startReader, type Reader } from '../devices/reader/reader.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { laneShot, VARIATIONS } from '../scene/face-shots.ts';
import { documentNumber, people } from '../devices/gate/people.ts';
import { giveDocumentList, newSecret } from '../product/site.ts';

vi.setConfig({ testTimeout: 90_000 });
const PATIENCE = { timeout: 60_000, interval: 50 };
const ROOT = new URL('../..', import.meta.url).pathname;
const HOLDER = people[0]!;
/** Each time another card of the same holder. */
const cards = Array.from({ length: 8 }, (_, n) => cardOf(HOLDER, { number: documentNumber('resident', 70_000 + n) }));
const LISTED = cardOf(HOLDER);
const LISTED_TOO = cards[7]!;

const house = openGatehouse();
const decoder = join(house.folder, 'decode');
const undo: (() => unknown)[] = [() => house.close()];
const log: LogLine[] = [];
let reader: Reader;
let camera: LaneCamera;
let room: Room;
let gateway: GatewayProcess;
let url: string;
let hall: Screen;

async function startBox(program?: string): Promise<void> {
  gateway = house.start((line) => log.push(line), program);
  const { screens, ...rest } = await openScreens(gateway, 'hall');
  undo.push(() => screens.hall.close());
  ({ url } = rest);
  hall = screens.hall;
}

beforeAll(async () => {
  const secret = newSecret();
  reader = await startReader({ pty: house.port('hall') });
  undo.push(() => reader.close());
  camera = await startLaneCamera({ seed: 3 });
  undo.push(() => camera.close());
  await camera.show(laneShot(HOLDER.seed, VARIATIONS[0]!));
  room = await startRoom({ secret });
  undo.push(() => room.close());
  await writePortraits(house.portraits, { of: [HOLDER] });
  symlinkSync(decoderProgram, decoder);
  const site = await house.lay({
    lanes: { hall: { kind: 'sdt', reader: reader.address, camera: camera.url } },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } },
    env: { ROOM_SECRET: secret },
    decoder: [decoder, house.portraits],
  });
  const wanted = { category: 'missing person', instruction: 'ask' };
  await giveDocumentList(
    site,
    1,
    [LISTED, LISTED_TOO].map(({ number }) => ({ number, ...wanted })),
  );
  await startBox();
});

beforeEach(() => onTestFailed(() => console.log(gateway.text().slice(-4_000))));
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const visitHall = (card: Card): Promise<Told> => visit(hall, reader, card);
const hitsOf = (entry: string) => documentHits(room).filter((e) => dataOf(e)['entry'] === entry);
const decline = (): Promise<Response> =>
  fetch(`${url}/lanes/hall/decline`, { method: 'POST', headers: { origin: url } });

test('the outcome is on the screen, and the hit in the command room, before the photo is even decoded', async () => {
  rmSync(decoder);
  const waiting = ['#!/bin/sh', 'while [ ! -e "$0.go" ]; do sleep 0.02; done', `exec ${decoderProgram} "$@"`, ''];
  writeFileSync(decoder, waiting.join('\n'), { mode: 0o755 });
  const from = hall.views.length;
  reader.placeCard(LISTED);
  const { last: first } = await hall.view((v) => v.last !== undefined, from);
  await expect.poll(() => hitsOf('D-1').length, PATIENCE).toBe(1);
  expect(first).toMatchObject({ outcome: 'listed' });
  expect(hitsOf('D-1')[0]!.evidence.map((e) => e.what)).toEqual(['lane']);
  expect(hall.views.at(-1)!.last).toEqual(first);
  writeFileSync(`${decoder}.go`, '');
  const compared = await hall.view((v) => v.last?.comparison !== undefined, from);
  expect(compared.last!.comparison).toMatchObject({ outcome: 'same' });
  reader.removeCard();
  await hall.view((v) => !v.presented, hall.views.indexOf(compared));
  rmSync(decoder);
  symlinkSync(decoderProgram, decoder);
});

test('who declines is looked up without being compared; the next one is compared', async () => {
  expect((await decline()).status).toBe(204);
  await hall.view((v) => v.declined);
  const { first, last } = await visitHall(cards[0]!);
  expect(first).toMatchObject({ outcome: 'clear' });
  expect(last.comparison).toEqual({ outcome: 'not compared', why: 'declined' });
  expect((await visitHall(cards[1]!)).last.comparison).toMatchObject({ outcome: 'same' });
});

test('without a picture of the photo on the card the lane works, and says that nothing was compared', async () => {
  rmSync(decoder);
  const missing = await visitHall(cards[2]!);
  symlinkSync(decoderProgram, decoder);
  const failing = await visitHall({ ...cards[3]!, photo: cardPhoto('p99', 1) });
  for (const { first, last } of [missing, failing]) {
    expect(first).toMatchObject({ outcome: 'clear' });
    expect(last).toMatchObject({ outcome: 'clear', comparison: { outcome: 'not compared', why: 'no photo' } });
  }
  const causes = log.filter((l) => /could not be decoded/.test(l.msg)).map((l) => l['cause']);
  expect(causes).toEqual([expect.stringMatching(/is not there/), expect.stringMatching(/no portrait of this name/)]);
  expect((await visitHall(cards[4]!)).last.comparison).toMatchObject({ outcome: 'same' });
});

/** Another installation of the product, whose model files may be spoilt. */
function install(folder: string): { readonly program: string; readonly models: string } {
  const isNeeded = (path: string): boolean => !/\.test\.ts$|^models\/files$/.test(path.slice(ROOT.length));
  for (const part of ['package.json', 'sitebox.mjs', 'sitebox.ts', 'gateway', 'adapters', 'models'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: isNeeded });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const models = join(folder, 'models/files/face');
  mkdirSync(models, { recursive: true });
  const built = join(ROOT, 'models/files/face');
  for (const name of readdirSync(built)) symlinkSync(join(built, name), join(models, name));
  return { program: join(folder, 'sitebox.mjs'), models };
}

function alter(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  rmSync(file);
  writeFileSync(file, bytes);
}

test('with a model file altered, or missing, documents are looked up and /health names the file', async () => {
  expect(await gateway.stop()).toBe(0);
  const { program, models } = install(join(house.folder, 'installation'));
  alter(join(models, 'detect.onnx'));
  await startBox(program);
  const unlisted = await visitHall(cards[5]!);
  expect(unlisted.first).toMatchObject({ outcome: 'clear' });
  expect(unlisted.last.comparison).toEqual({ outcome: 'not compared', why: 'model off' });
  const listed = await visitHall(LISTED_TOO);
  expect(listed.last).toMatchObject({ outcome: 'listed', comparison: { why: 'model off' } });
  await expect.poll(() => hitsOf('D-2').length, PATIENCE).toBe(2);
  const [raised, compared] = hitsOf('D-2');
  expect(raised!.evidence.map((e) => e.what)).toEqual(['lane']);
  expect(dataOf(compared)).toMatchObject({ id: raised!.id, comparison: { outcome: 'not compared', why: 'model off' } });
  expect(await problem()).toMatch(/face\/detect .* was altered/);
  expect(await metric(url, 'sitebox_comparisons_total', 'outcome="model off"')).toBe(2);

  expect(await gateway.stop()).toBe(0);
  rmSync(join(models, 'detect.onnx'));
  await startBox(program);
  expect((await visitHall(cards[6]!)).last).toMatchObject({ outcome: 'clear', comparison: { why: 'model off' } });
  expect(await problem()).toMatch(/face\/detect .* is missing: run \.\/setup/);
  await expect
    .poll(() =>
      room
        .events()
        .filter((e) => e.subject === 'faces')
        .map((e) => dataOf(e)['state']),
    )
    .toContain('raised');
});

async function problem(): Promise<string | undefined> {
  const health = (await (await fetch(`${url}/health`)).json()) as { problems: { key: string; what: string }[] };
  return health.problems.find((p) => p.key === 'faces')?.what;
}
