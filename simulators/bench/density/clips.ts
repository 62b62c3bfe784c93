/** What the cameras of this bench show: drawn roads at 1920 × 1080 and 25 pictures a second, each drawn once. */
import { encodeClip } from '../../scene/clip.ts';
import { addNoise, type Rgb } from '../../scene/raster.ts';
import { seeded } from '../../scene/random.ts';
import { openScene, randomTraffic, type Scene, type SceneVehicle } from '../../scene/scene.ts';

export const FPS = 25;
const SIZE = { width: 1920, height: 1080 };
const SMALL = { width: 1280, height: 720 };
/** Nothing stands in a clip's first pictures. */
const LEAD_S = 1;
/** How long a vehicle can be seen: its way, and the slowest. */
const SEEN_S = 8;

export interface DrawnClip {
  readonly bytes: Buffer;
  readonly vehicles: readonly SceneVehicle[];
  readonly durationS: number;
}

/** An empty road. */
export async function emptyClip(seconds = 10): Promise<DrawnClip> {
  const scene = await openScene({ ...SIZE, seed: 41, vehicles: [] });
  return { bytes: await encodeClip(scene, { seconds, fps: FPS }), vehicles: [], durationS: seconds };
}

/** A vehicle each `everyS`, in turns approaching and leaving. The next turn of the clip goes on in the same step. */
export async function trafficClip(seed: number, count: number, everyS: number): Promise<DrawnClip> {
  const vehicles = randomTraffic(seed, { count, everyS }).map((v, i) => {
    return { ...v, startS: v.startS + LEAD_S, speedMps: 9.5 + ((i * 0.37) % 1) };
  });
  const scene = await openScene({ ...SIZE, seed, vehicles });
  const durationS = Math.ceil(LEAD_S + (count - 1) * everyS + Math.max(everyS, SEEN_S));
  return { bytes: await encodeClip(scene, { seconds: durationS, fps: FPS }), vehicles, durationS };
}

/** Vehicles come into view at once, near enough to be read, each at another place after the last key picture; and the road lies empty long before. */
export async function suddenClip(seed: number, count: number, keyEveryS: number) {
  const [firstM, pauseS, viewS] = [15, 8, 1.3];
  const speedMps = 5;
  const appearsS = Array.from({ length: count }, (_, i) => 1 + i * pauseS + ((i * 0.37 + 0.2) % 1) * keyEveryS);
  const vehicles = randomTraffic(seed, { count: 2 * count, everyS: 1, styles: ['standard'] })
    .filter((v) => v.direction === 'approaching')
    .map((v, i) => ({ ...v, speedMps, startS: appearsS[i]! - (80 - firstM) / speedMps }));
  const scene = await openScene({ ...SIZE, seed, vehicles });
  const empty = await openScene({ ...SIZE, seed, vehicles: [] });
  const isInView = (tS: number): boolean => appearsS.some((at) => tS >= at && tS < at + viewS);
  const durationS = Math.ceil(count * pauseS);
  const draw = (tS: number) => (isInView(tS) ? scene : empty).draw(tS);
  const bytes = await encodeClip({ ...SIZE, draw }, { seconds: durationS, fps: FPS, keyEveryS });
  // The first picture that shows each of them.
  return { bytes, vehicles, durationS, firstPictures: appearsS.map((at) => Math.ceil(at * FPS - 1e-6)) };
}

type Effect = (picture: Rgb, tS: number) => void;

const rain: Effect = ({ width, height, data }, tS) => {
  const random = seeded(Math.round(tS * 1000));
  for (let i = 0; i < 400; i++) {
    const [x, y, tall] = [Math.floor(random() * width), Math.floor(random() * height), 10 + random() * 30];
    for (let k = 0; k < tall && y + k < height; k++)
      data.fill(205, ((y + k) * width + x) * 3, ((y + k) * width + x) * 3 + 3);
  }
};

/** A crown of leaves that leans to and fro, in gusts. */
const tree: Effect = ({ width, data }, tS) => {
  const lean = 12 * Math.sin(tS * 2.1) * (0.6 + 0.4 * Math.sin(tS * 0.37)) + 3 * Math.sin(tS * 5.3);
  const leaves = seeded(9);
  for (let i = 0; i < 1500; i++) {
    const [turn, out] = [leaves() * 2 * Math.PI, Math.sqrt(leaves())];
    const [x, y] = [160 + Math.cos(turn) * out * 110 + lean * (1 - out * 0.3), 150 + Math.sin(turn) * out * 110];
    const green = 60 + Math.floor(leaves() * 110);
    for (let k = 0; k < 7; k++)
      data.fill(
        green,
        ((Math.round(y) + k) * width + Math.round(x)) * 3,
        ((Math.round(y) + k) * width + Math.round(x) + 7) * 3,
      );
  }
};

/** Seven segments each: above, upper right, lower right, below, lower left, upper left, middle. */
const SEGMENTS = [
  '1111110',
  '0110000',
  '1101101',
  '1111001',
  '0110011',
  '1011011',
  '1011111',
  '1110000',
  '1111111',
  '1111011',
];
const BARS = [
  [0, 0, 16, 4],
  [14, 0, 4, 16],
  [14, 14, 4, 16],
  [0, 28, 16, 4],
  [0, 14, 4, 16],
  [0, 0, 4, 16],
  [0, 14, 16, 4],
] as const;
const clock: Effect = ({ width, data }, tS) => {
  const now = new Date(Date.UTC(2026, 0, 1, 8, 59, 40) + tS * 1000).toISOString().replace(/\D/g, '').slice(8, 14);
  for (const [i, digit] of [...now].entries())
    for (const [k, [x, y, w, h]] of BARS.entries())
      if (SEGMENTS[Number(digit)]![k] === '1')
        for (let row = 0; row < h; row++) {
          const at = ((20 + y + row) * width + 30 + i * 26 + x) * 3;
          data.fill(250, at, at + w * 3);
        }
};

/** Roads on which nothing drives, and something moves all the same. */
export async function falseAlarms(seconds: number): Promise<Record<string, DrawnClip>> {
  const day = await openScene({ ...SMALL, seed: 43, vehicles: [], noise: 1.5 });
  const night = await openScene({ ...SMALL, seed: 43, vehicles: [], night: true, noise: 6 });
  const withEffect = (scene: Scene, effect: Effect): Pick<Scene, 'width' | 'height' | 'draw'> => ({
    ...SMALL,
    draw(tS) {
      const data = scene.draw(tS);
      effect({ ...SMALL, data }, tS);
      addNoise({ ...SMALL, data }, 1, seeded(Math.round(tS * 977)));
      return data;
    },
  });
  const scenes = { night, rain: withEffect(day, rain), tree: withEffect(day, tree), clock: withEffect(day, clock) };
  const clips: Record<string, DrawnClip> = {};
  for (const [name, scene] of Object.entries(scenes))
    clips[name] = { bytes: await encodeClip(scene, { seconds, fps: FPS }), vehicles: [], durationS: seconds };
  return clips;
}
