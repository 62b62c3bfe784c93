/** What matches nothing leaves nothing: a thousand drawn plates go through the running gateway, and then every byte is searched for them. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFailed, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { metric } from '../rigs/road.ts';
import { startRoom } from '../command-room/room.ts';
import { giveList, laySite, newSecret } from '../product/site.ts';
import { BOARD, boardsOf, drawPlates, openBoardPainter, type BoardPlate } from './boards.ts';
import { startSnapshots } from './snapshots.ts';
import { filesUnder, findIn, pictureNeedles, plateNeedles } from './traces.ts';
import { startWiretap } from './wiretap.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

const PLATES = 1_000;
const MIN_PASSAGES = 0.95 * PLATES;
const CAMERAS = ['cam-1', 'cam-2'];
const PATIENCE = { timeout: 240_000, interval: 250 };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Health {
  readonly cameras: readonly {
    readonly id: string;
    readonly frames: { analysed: number; unchanged: number; dropped: number };
  }[];
  readonly lookups: Readonly<Record<string, number>>;
}

/** /health of the gateway, once it serves. It answers 503 when something is wrong, with the same body. */
async function health(gateway: GatewayProcess): Promise<Health> {
  const { url } = await gateway.line((l) => l.msg === 'serving');
  return (await (await fetch(`${String(url)}/health`)).json()) as Health;
}

/** Boards that wait to be shown by whichever camera asks first; then the road is empty. */
async function openRoad(seed: number) {
  const paint = openBoardPainter(seed);
  const empty = await paint([]);
  const waiting: BoardPlate[][] = [];
  return {
    show: (plates: readonly BoardPlate[]) => void waiting.push(...boardsOf(plates)),
    isEmpty: () => waiting.length === 0,
    async next() {
      const board = waiting.shift();
      return board ? paint(board) : empty;
    },
  };
}

async function layBox(road: { next(): Promise<Uint8Array> }, roomUrl: string, listed: string) {
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  for (const path of [home, temporary]) mkdirSync(path);
  const gateway: { current?: GatewayProcess } = {};
  const done = async (id: string): Promise<number> => {
    const frames = gateway.current && (await health(gateway.current)).cameras.find((c) => c.id === id)?.frames;
    return frames ? frames.analysed + frames.unchanged + frames.dropped : 0;
  };
  const cameras: Record<string, Record<string, unknown>> = {};
  for (const id of CAMERAS) {
    const camera = await startSnapshots({ next: () => road.next(), done: () => done(id) });
    undo.push(() => camera.close());
    cameras[id] = { kind: 'jpeg', url: camera.url, fps: 30, ...BOARD };
  }
  const site = await laySite({
    folder,
    port: 0,
    cameras,
    upstream: { room: { kind: 'https', url: roomUrl, secret: 'env:ROOM_SECRET' } },
    // The most talkative log is the one to search.
    more: { log: { level: 'debug' } },
  });
  await giveList(site, 1, [{ plate: listed, category: 'stolen', instruction: 'stop the vehicle' }]);
  return {
    home,
    temporary,
    storage: site.storage,
    start(secret: string): GatewayProcess {
      const env = { ROOM_SECRET: secret, HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: '', XDG_CONFIG_HOME: '' };
      gateway.current = spawnGateway(site.configFile, { env });
      undo.push(() => gateway.current?.kill());
      return gateway.current;
    },
  };
}

test('the search sees a plate in each encoding, and pictures', () => {
  const [plate, other] = ['皖A1Z34警', '粤B98K61'];
  const needles = plateNeedles([plate, other]);
  const gb = Buffer.concat([Buffer.from('A1Z34'), Buffer.from('beaf', 'hex')]);
  const texts = [Buffer.from(plate), Buffer.from(plate, 'utf16le'), Buffer.from(plate, 'utf16le').swap16(), gb];
  for (const bytes of texts) {
    expect([...findIn(Buffer.concat([Buffer.alloc(5), bytes]), needles)]).toEqual([plate]);
    expect([...findIn(Buffer.concat([bytes, Buffer.alloc(5)]).subarray(1, -6), needles)]).not.toContain(other);
  }
  expect([...findIn(Buffer.from('皖A1Z3'), needles)]).toEqual([]);
  expect([...findIn(Buffer.from('00ffd8ffe000', 'hex'), pictureNeedles)]).toEqual(['JPEG']);
});

test(
  'of a thousand plates that are not listed nothing is left but a number',
  { timeout: 300_000 * PATIENCE_FACTOR },
  async () => {
    const startedAt = performance.now();
    const drawn = drawPlates(20_260, PLATES + 1);
    const [listed, unlisted] = [drawn.at(-1)!, drawn.slice(0, PLATES)];
    const road = await openRoad(1);
    road.show(unlisted);
    const secret = newSecret();
    const room = await startRoom({ secret });
    undo.push(() => room.close());
    const line = await startWiretap(room.url);
    undo.push(() => line.close());
    const box = await layBox(road, line.url, listed.text);
    const gateway = box.start(secret);
    onTestFailed(() => console.log(gateway.text().slice(-4_000)));
    const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);

    // They did go through: read, looked up, counted.
    const passages = () => metric(url, 'sitebox_passages_total');
    await expect.poll(() => road.isEmpty(), PATIENCE).toBe(true);
    await expect.poll(passages, { ...PATIENCE, timeout: 30_000 }).toBeGreaterThanOrEqual(MIN_PASSAGES);
    const { lookups } = await health(gateway);
    expect(lookups['no match']).toBeGreaterThanOrEqual(MIN_PASSAGES);
    expect(lookups).toMatchObject({ 'no list': 0, possible: 0, exact: 0 });
    const tookS = (performance.now() - startedAt) / 1000;
    console.log(
      `${await passages()} passages of ${PLATES} plates, ${lookups['no match']} look-ups, ${tookS.toFixed(0)} s`,
    );

    const forbidden = plateNeedles(unlisted.map((p) => p.text));
    const everywhere = () => [
      ...[box.storage, box.temporary, box.home].flatMap(filesUnder),
      { path: 'the log', bytes: Buffer.from(gateway.text()) },
      { path: 'the line to the command room', bytes: line.bytes() },
    ];
    const places = (needles: Parameters<typeof findIn>[1]) =>
      everywhere().flatMap(({ path, bytes }) => [...findIn(bytes, needles)].map((name) => `${name} in ${path}`));
    expect(places(forbidden)).toEqual([]);
    expect(places(pictureNeedles)).toEqual([]);

    // The same search finds the one that is listed: in its list, and on the line with its pictures, which are sealed on the disk.
    road.show([listed]);
    await gateway.line((l) => l.msg === 'hit acknowledged');
    const found = [...places(plateNeedles([listed.text])), ...places(pictureNeedles)].join('\n');
    expect(found).toContain(`${listed.text} in ${box.storage}`);
    expect(found).not.toContain(`JPEG in ${box.storage}`);
    for (const name of [listed.text, 'JPEG']) expect(found).toContain(`${name} in the line to the command room`);

    // At the end too, when the store has been put in order and closed.
    expect(await gateway.stop()).toBe(0);
    expect(places(forbidden)).toEqual([]);
    expect(room.evidence()).toHaveLength(2);
    expect(readdirSync(box.home)).toEqual([]);
    expect(readdirSync(box.temporary)).toEqual([]);
  },
);
