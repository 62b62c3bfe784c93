/** Gate lanes side by side, each with a reader, a camera and a screen, and a gateway whose every word and file can be looked at. */
import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cameraOf, openGatehouse, watchScreen, type Screen, type LaneResult } from '../rigs/gate.ts';
import { startReader, type Reader } from '../devices/reader/reader.ts';
import { giveDocumentList } from '../product/site.ts';
import { PICTURE, type Guest } from './crowd.ts';
import type { SearchedFile } from './disguises.ts';
import { startStillCamera, type StillCamera } from './still-camera.ts';
import { filesUnder } from './traces.ts';

export interface GateBoxOptions {
  readonly lanes: number;
  readonly emptyLane: Uint8Array;
  readonly roomUrl: string;
  readonly secret: string;
  readonly listed: readonly Guest[];
  /** Further environment of the gateway. */
  readonly env?: Readonly<Record<string, string>>;
}

export type GateBox = Awaited<ReturnType<typeof openGateBox>>;

export async function openGateBox(options: GateBoxOptions, undo: (() => unknown)[]) {
  const house = openGatehouse();
  undo.push(() => house.close());
  const [home, temporary] = [join(house.folder, 'home'), join(house.folder, 'tmp')];
  const touched = new Set<string>();
  for (const path of [home, temporary, house.portraits]) mkdirSync(path);
  for (const path of [home, temporary]) {
    const watching = watch(path, { recursive: true }, (_, name) => void touched.add(String(name)));
    undo.push(() => watching.close());
  }
  const posts: { readonly reader: Reader; readonly camera: StillCamera }[] = [];
  for (let n = 0; n < options.lanes; n++) {
    const [reader, camera] = [await startReader({ tcp: 0 }), await startStillCamera(options.emptyLane)];
    undo.push(
      () => reader.close(),
      () => camera.close(),
    );
    posts.push({ reader, camera });
  }
  const site = await house.lay({
    lanes: Object.fromEntries(
      posts.map(({ reader, camera }, n) => [laneOf(n), { kind: 'sdt', reader: reader.address, camera: camera.url }]),
    ),
    upstream: { room: { kind: 'https', url: options.roomUrl, secret: 'env:ROOM_SECRET' } },
    env: {
      ROOM_SECRET: options.secret,
      HOME: home,
      TMPDIR: temporary,
      XDG_CACHE_HOME: '',
      XDG_CONFIG_HOME: '',
      ...options.env,
    },
    more: {
      cameras: posts.map(({ camera }, n) => ({
        id: cameraOf(laneOf(n)),
        kind: 'jpeg',
        url: camera.url,
        fps: 30,
        ...PICTURE,
      })),
      inference: { threads: 2 },
      // The most talkative log is the one to search.
      log: { level: 'debug' },
    },
  });
  const wanted = { category: 'sought', instruction: 'ask the visitor to wait' };
  await giveDocumentList(
    site,
    1,
    options.listed.map(({ card }) => ({ number: card.number, ...wanted })),
  );
  const gateway = house.start();
  const url = await gateway.url();
  const screens = await Promise.all(posts.map((_, n) => watchScreen(url, laneOf(n))));
  undo.push(() => screens.forEach((screen) => screen.close()));
  return {
    folder: house.folder,
    storage: site.storage,
    home,
    temporary,
    gateway,
    url,
    screens,
    /** Names of all files that were made in `home` or `temporary`, be it for a moment. */
    touched: touched as ReadonlySet<string>,
    /** The visitor lays the card down at this lane, is looked at, takes the card and goes. What the screen said. */
    visit: (lane: number, visitor: Guest): Promise<LaneResult> =>
      visit({ ...posts[lane]!, screen: screens[lane]! }, house.portraits, visitor),
    /** All files, the log, and what the screens were sent. */
    places: (): SearchedFile[] => [
      ...[site.storage, temporary, home].flatMap(filesUnder),
      { path: 'the log', bytes: Buffer.from(gateway.text()) },
      ...screens.map((screen, n) => ({ path: `screen ${n}`, bytes: Buffer.from(screen.text()) })),
    ],
  };
}

const laneOf = (n: number): string => `gate-${n}`;

interface Post {
  readonly reader: Reader;
  readonly camera: StillCamera;
  readonly screen: Screen;
}

async function visit({ reader, camera, screen }: Post, portraits: string, visitor: Guest): Promise<LaneResult> {
  if (visitor.way !== 'no photo') writeFileSync(join(portraits, `${visitor.portrait}.bmp`), visitor.bitmap);
  const [from, before] = [screen.views.length, screen.views.at(-1)?.last?.at];
  reader.placeCard(visitor.card);
  let { last } = await screen.view((v) => v.last !== undefined && v.last.at !== before, from);
  const { at, document } = last!;
  // The card is read; only a picture from now on counts.
  camera.show(visitor.picture);
  if (document !== undefined)
    ({ last } = await screen.view((v) => v.last?.at === at && v.last.comparison !== undefined, from));
  camera.show(undefined);
  reader.removeCard();
  await screen.view((v) => !v.presented, screen.views.length);
  return last!;
}
