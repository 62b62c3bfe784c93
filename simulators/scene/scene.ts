/** A drawn road seen by a pole camera: vehicles come and go, each with its plate. The same seed gives the same pictures. */
import type { Direction } from '../../gateway/contracts/plate.ts';
import type { Quad } from '../../gateway/contracts/picture.ts';
import { openPlatePainter } from './plate.ts';
import { plateStyles, randomPlate, type PlateStyle } from './plate-text.ts';
import { pick, seeded } from './random.ts';
import { addNoise, blit, drawSvg, own, type Rgb } from './raster.ts';
import { CAMERA, roadSvg } from './road.ts';
import { drawVehicle, type VehicleSprite } from './vehicle.ts';
import { rectangle } from './warp.ts';

export interface SceneVehicle {
  /** Without separators; see `randomPlate`. */
  readonly plate: string;
  readonly style: PlateStyle;
  /** From the left: 0 or 1. */
  readonly lane: number;
  /** When it appears (approaching: far away; leaving: close to the camera). */
  readonly startS: number;
  /** Metres a second; 0 is a parked vehicle, which needs `parkedM`. */
  readonly speedMps: number;
  readonly direction: Exclude<Direction, 'unknown'>;
  /** Metres from the camera where a vehicle without speed stands. */
  readonly parkedM?: number;
}

interface SceneSpec {
  readonly seed: number;
  readonly vehicles: readonly SceneVehicle[];
  readonly width?: number;
  readonly height?: number;
  readonly night?: boolean;
  /** Standard deviation of the noise in grey levels; 2 by day and 4 by night unless told. */
  readonly noise?: number;
}

/** What really is in a picture. */
interface Truth {
  readonly plate: string;
  readonly style: PlateStyle;
  readonly corners: Quad;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** When the last moving vehicle has gone. */
  readonly durationS: number;
  /** The picture at `tS` seconds: rgb24 in a buffer of its own. */
  draw(tS: number): Uint8Array<ArrayBuffer>;
  /** Plates wholly inside the picture at `tS` and not behind another vehicle. */
  truth(tS: number): Truth[];
}

const FAR_M = 80;
const NEAR_M = 7.9;

interface Placed {
  readonly vehicle: SceneVehicle;
  readonly drawn: VehicleSprite;
  readonly distanceM: number;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Draws everything once; the pictures themselves are then put together in a few milliseconds. */
export async function openScene(spec: SceneSpec): Promise<Scene> {
  const { seed, width = 1280, height = 720, night = false } = spec;
  const noise = spec.noise ?? (night ? 4 : 2);
  const random = seeded(seed);
  const painter = openPlatePainter();
  const road = await drawSvg(roadSvg(width, height, night, random));
  const drawn: VehicleSprite[] = [];
  for (const v of spec.vehicles) {
    if (v.speedMps === 0 && v.parkedM === undefined) throw new Error('a vehicle without speed needs parkedM');
    const view = v.direction === 'approaching' ? 'front' : 'rear';
    drawn.push(await drawVehicle(painter, { plate: v.plate, style: v.style, view, night }, random));
  }
  const place = (tS: number): Placed[] =>
    spec.vehicles
      .map((vehicle, i) => placed(vehicle, drawn[i]!, tS, width, height))
      .filter((p) => p !== undefined)
      .sort((a, b) => b.distanceM - a.distanceM);
  return {
    width,
    height,
    durationS: Math.max(
      0,
      ...spec.vehicles.map((v) => v.startS + (v.speedMps > 0 ? (FAR_M - NEAR_M) / v.speedMps : 0)),
    ),
    draw(tS) {
      const picture: Rgb = { width, height, data: own(road.data) };
      for (const p of place(tS)) {
        blit(picture, p.drawn.sprite, p.x, p.y, p.drawn.widthM * p.scale, p.drawn.heightM * p.scale);
      }
      addNoise(picture, noise, seeded(seed ^ Math.round(tS * 1000)));
      return picture.data;
    },
    truth: (tS) => truths(place(tS), width, height),
  };
}

/** Undefined while the vehicle is not on the road. */
function placed(v: SceneVehicle, drawn: VehicleSprite, tS: number, width: number, height: number): Placed | undefined {
  const since = tS - v.startS;
  if (since < 0) return undefined;
  const way = v.speedMps * since;
  const moving = v.direction === 'approaching' ? FAR_M - way : NEAR_M + way;
  const distanceM = v.speedMps === 0 ? v.parkedM! : moving;
  if (distanceM < NEAR_M || distanceM > FAR_M) return undefined;
  const scale = (CAMERA.focalPx * width) / 1280 / distanceM;
  const centre = width / 2 + (v.lane === 0 ? -1 : 1) * CAMERA.laneM * scale;
  const bottom = CAMERA.horizon * height + CAMERA.heightM * scale;
  const [x, y] = [centre - (drawn.widthM * scale) / 2, bottom - drawn.heightM * scale];
  return { vehicle: v, drawn, distanceM, scale, x, y };
}

function truths(all: readonly Placed[], width: number, height: number): Truth[] {
  const boxes = all.map(({ drawn: { plate }, x, y, scale }) => {
    const [left, top] = [x + plate.x * scale, y + plate.y * scale];
    return { left, top, right: left + plate.width * scale, bottom: top + plate.height * scale };
  });
  return all.flatMap((p, i) => {
    const { left, top, right, bottom } = boxes[i]!;
    const inside = left >= 0 && top >= 0 && right <= width && bottom <= height;
    // Nearer vehicles stand later in the list and are drawn over this one.
    const hidden = all.slice(i + 1).some((n) => {
      const [nRight, nBottom] = [n.x + n.drawn.widthM * n.scale, n.y + n.drawn.heightM * n.scale];
      return n.x < right && nRight > left && n.y < bottom && nBottom > top;
    });
    if (!inside || hidden) return [];
    const corners = rectangle(left, top, right - left, bottom - top);
    return [{ plate: p.vehicle.plate, style: p.vehicle.style, corners }];
  });
}

/** Vehicles with random plates, one every `everyS` seconds, in both lanes: the left one leaves, the right one approaches. */
export function randomTraffic(
  seed: number,
  options: { readonly count: number; readonly everyS: number; readonly styles?: readonly PlateStyle[] },
): SceneVehicle[] {
  const random = seeded(seed ^ 0x5bd1e995);
  return Array.from({ length: options.count }, (_, i) => {
    const style = pick(random, options.styles ?? plateStyles);
    const lane = i % 2;
    return {
      plate: randomPlate(random, style),
      style,
      lane,
      startS: i * options.everyS,
      speedMps: 8 + random() * 4,
      direction: lane === 0 ? 'leaving' : 'approaching',
    };
  });
}
