/** Storage that cannot be used, that fills up and has room again; a port in use; a wrong configuration. Each has words a duty officer can act on. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFailed, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { sitebox, spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { startRoom } from '../command-room/room.ts';
import { freePort } from '../product/free-port.ts';
import { giveList, laySite, newSecret, type SiteOptions } from '../product/site.ts';
import { BOARD, boardsOf, drawPlates, openBoardPainter } from './boards.ts';
import { mountDisk, type SmallDisk } from './small-disk.ts';

const EXIT = { unavailable: 69, io: 74, config: 78 };
const PATIENCE = { timeout: 60_000, interval: 100 };
/** No picture ever comes from it. */
const NO_CAMERA = { 'cam-1': { kind: 'jpeg', url: 'http://127.0.0.1:9/snapshot.jpg', ...BOARD } };

const undo: (() => unknown)[] = [];
let folder = '';
beforeEach(() => {
  folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const lay = (more: Partial<SiteOptions> = {}) => laySite({ folder, port: 0, cameras: NO_CAMERA, ...more });

/** A small disk in memory; undefined (after a word why) where this user may not mount one. */
function memoryDisk(at: string, megabytes: number): SmallDisk | undefined {
  const disk = mountDisk(at, { kind: 'tmpfs', megabytes });
  if (typeof disk === 'string') {
    console.warn(`left out: ${disk}`);
    return undefined;
  }
  undo.push(() => disk.unmount());
  return disk;
}

test('a file in the place of the storage folder, or above it', async () => {
  const site = await lay();
  writeFileSync(site.storage, 'not a folder');
  const inPlace = await sitebox('start', site.configFile);
  expect(inPlace).toMatchObject({ code: EXIT.io, stdout: '' });
  expect(inPlace.stderr).toContain(`storage folder ${site.storage} cannot be used`);
  expect(inPlace.stderr).toContain('choose another path in `storage.folder`');
  const above = await lay({ folder: join(folder, 'above'), more: { storage: { folder: '../data/below' } } });
  const below = await sitebox('start', above.configFile);
  expect(below.code).toBe(EXIT.io);
  expect(below.stderr).toContain(`storage folder ${join(site.storage, 'below')} cannot be used`);
  expect(below.stderr).toContain('there is a file where the folder should be');
});

test('a disk that is read-only', async (context) => {
  const site = await lay();
  const disk = memoryDisk(site.storage, 1);
  if (!disk) return context.skip('no rights to mount');
  disk.readOnly(true);
  const { code, stderr } = await sitebox('start', site.configFile);
  expect(code).toBe(EXIT.io);
  expect(stderr).toContain(`storage folder ${site.storage} cannot be used`);
  expect(stderr).toContain('the folder is read-only or not ours: check its owner and mount');
});

test('a disk that is full before the start', async (context) => {
  const site = await lay();
  const disk = memoryDisk(site.storage, 1);
  if (!disk) return context.skip('no rights to mount');
  disk.fill();
  const { code, stderr } = await sitebox('start', site.configFile);
  expect(code).toBe(EXIT.io);
  expect(stderr).toContain(`storage folder ${site.storage} cannot be used`);
  expect(stderr).toContain('the disk is full: free space in the folder');
});

test('a port in use: the second box names the setting, the first goes on', async () => {
  const port = await freePort();
  const [one, two] = [
    await lay({ folder: join(folder, 'one'), port }),
    await lay({ folder: join(folder, 'two'), port }),
  ];
  const first = spawnGateway(one.configFile);
  undo.push(() => first.kill());
  const url = String((await first.line((l) => l.msg === 'serving'))['url']);
  const second = await sitebox('start', two.configFile);
  expect(second.code).toBe(EXIT.unavailable);
  expect(second.stderr).toContain(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  expect(second.stderr).toContain('choose another `listen.port`');
  expect((await fetch(`${url}/health`)).headers.get('content-type')).toContain('application/json');
  expect(await first.stop()).toBe(0);
});

test('a wrong configuration is refused with line and hint, and nothing is made', async () => {
  const site = await lay({ more: { hits: { windwS: 5 } } });
  const line =
    readFileSync(site.configFile, 'utf8')
      .split('\n')
      .findIndex((l) => l.includes('windwS')) + 1;
  const { code, stderr } = await sitebox('start', site.configFile);
  expect(code).toBe(EXIT.config);
  expect(stderr).toContain(`:${line}`);
  expect(stderr).toContain('hits.windwS');
  expect(stderr).toContain('did you mean `windowS`?');
  expect(() => readFileSync(join(site.storage, 'sitebox.db'))).toThrow('ENOENT');
});

interface Health {
  readonly status: string;
  readonly problems: readonly { readonly key: string; readonly todo: string }[];
  readonly storage: { readonly waitingHits: number; readonly lostHits: number };
}

test('a disk that fills up: hits wait, the alarm is raised, and all arrive once there is room', async (context) => {
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.push(() => room.close());
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  const paint = openBoardPainter(5);
  // Two sets: a vehicle that is still there, or was a moment ago, is not looked up again.
  const plates = drawPlates(5, 90);
  const boards = await Promise.all(boardsOf(plates).map(paint));
  const [early, late] = [boards.slice(0, boards.length / 2), boards.slice(boards.length / 2)];
  const empty = await paint([]);
  const show = (shown: readonly Uint8Array[]): void =>
    early.forEach((_, i) => writeFileSync(join(pictures, `${i}.jpg`), shown[i % shown.length]!));
  show([empty]);
  const site = await lay({
    cameras: { 'cam-1': { kind: 'folder', path: pictures, fps: 10, ...BOARD } },
    upstream: { room: { kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' } },
    more: { hits: { windowS: 1 }, limits: { minFreeDiskBytes: 0 } },
  });
  // Twice the ballast and some more, so that it is laid down and there is something to give up.
  const disk = memoryDisk(site.storage, 80);
  if (!disk) return context.skip('no rights to mount');
  await giveList(
    site,
    1,
    plates.map((p) => ({ plate: p.text, category: 'stolen', instruction: 'stop the vehicle' })),
  );
  const gateway = spawnGateway(site.configFile, { env: { ROOM_SECRET: secret } });
  undo.push(() => gateway.kill());
  onTestFailed(() => console.log(gateway.text().slice(-6_000)));
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  const health = async (): Promise<Health> => (await (await fetch(`${url}/health`)).json()) as Health;
  const waiting = async () => (await health()).storage.waitingHits;

  // First the ballast is given up, and hits are stored in its place.
  disk.fill();
  show(early);
  await gateway.line((l) => l.msg.startsWith('the disk is full: the ballast was given up'));
  await expect.poll(waiting, PATIENCE).toBe(0);
  // Then there is nothing left to give up.
  disk.fill();
  show(late);
  await expect.poll(waiting, PATIENCE).toBeGreaterThan(0);
  show([empty]);
  expect(await health()).toMatchObject({
    status: 'alarm',
    problems: expect.arrayContaining([expect.objectContaining({ key: 'storage:refuses' })]) as unknown,
  });

  disk.free();
  await expect.poll(waiting, PATIENCE).toBe(0);
  expect((await health()).storage.lostHits).toBe(0);
  const committed = () => hitsOf(gateway, 'hit committed');
  const acknowledged = () =>
    room
      .events()
      .filter((e) => (e.data as { id?: string }).id === e.id)
      .map((e) => e.id);
  // Vehicles that were there a moment ago may still become hits: both sides are looked at together.
  const apart = (): string[] => {
    const [here, there] = [new Set(committed()), new Set(acknowledged())];
    return [...here.symmetricDifference(there)];
  };
  await expect.poll(apart, PATIENCE).toEqual([]);
  expect(committed().length).toBeGreaterThan(0);
  expect(await gateway.stop()).toBe(0);
});

function hitsOf(gateway: GatewayProcess, msg: string): string[] {
  const lines = gateway
    .text()
    .split('\n')
    .filter((l) => l.startsWith('{'));
  return lines.map((l) => JSON.parse(l) as { msg: string; hit: string }).flatMap((l) => (l.msg === msg ? [l.hit] : []));
}
