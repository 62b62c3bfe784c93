/** Single pictures of one vehicle each, at the plate width and in the weather that are asked for: what a reader is measured on. */
import type { Quad } from '../../gateway/contracts/picture.ts';
import { openPlatePainter, plateSize } from './plate.ts';
import { plateFacts, randomPlate, type PlateStyle } from './plate-text.ts';
import type { Random } from './random.ts';
import { blit, drawSvg, own, type Rgb } from './raster.ts';
import { roadSvg } from './road.ts';
import { drawVehicle } from './vehicle.ts';
import { rectangle, rotated, warpOnto } from './warp.ts';
import { degrade, focalPxOf, turnOf, type Condition } from './weather.ts';

interface ShotOptions {
  readonly style: PlateStyle;
  /** Of the plate, seen from straight ahead; under the condition `angle` it comes out narrower. */
  readonly widthPx: number;
  readonly condition: Condition;
  /** Of the picture; 960 × 540 unless told. */
  readonly width?: number;
  readonly height?: number;
}

export interface PlateShot {
  readonly picture: Rgb;
  /** Without separators. */
  readonly text: string;
  /** Of the plate's metal, in pixels. */
  readonly corners: Quad;
}

/** The same random numbers give the same picture. */
export type DrawShot = (random: Random, options: ShotOptions) => Promise<PlateShot>;

/** Keeps what it has drawn for the next shots: glyphs, grounds and one empty road for each size of picture. */
export function openShots(): DrawShot {
  const painter = openPlatePainter();
  const roads = new Map<string, Promise<Rgb>>();
  return async (random, { style, widthPx, condition, width = 960, height = 540 }) => {
    const key = `${width} ${height}`;
    // Always the same posts, so that a shot does not depend on those drawn before.
    const road = roads.get(key) ?? drawSvg(roadSvg(width, height, false, () => 0.5));
    roads.set(key, road);
    const picture: Rgb = { width, height, data: own((await road).data) };
    const text = randomPlate(random, style);
    const pxPerM = (widthPx * 1000) / plateSize(style).widthMm;
    // Two-line plates are carried behind only.
    const view = random() < 0.5 && plateFacts[style].lines === 1 ? 'front' : 'rear';
    const { sprite, plate } = await drawVehicle(painter, { plate: text, style, view, night: false, pxPerM }, random);
    const [drawing] = sprite.levels;
    // The plate stands anywhere in the picture, half its width from the edge at least.
    const [plateWidth, plateHeight] = [plate.width * pxPerM, plate.height * pxPerM];
    const roomX = width - 2 * plateWidth;
    const roomY = height - 2 * plateHeight;
    if (roomX < 0 || roomY < 0) throw new Error(`a plate ${widthPx} px wide has no room in ${width} × ${height} px`);
    const left = Math.round(plateWidth / 2 + random() * roomX);
    const top = Math.round(plateHeight / 2 + random() * roomY);
    const corners = rectangle(left, top, plateWidth, plateHeight);
    const [x, y] = [left - plate.x * pxPerM, top - plate.y * pxPerM];
    if (condition.kind !== 'angle') {
      blit(picture, sprite, x, y, drawing!.width, drawing!.height);
      const { picture: degraded } = await degrade({ picture, plate: corners }, condition, random);
      return { picture: degraded, text, corners };
    }
    // Here the vehicle alone is turned, so that the road stays whole.
    const centre = [left + plateWidth / 2, top + plateHeight / 2] as const;
    const turn = turnOf(condition.strength, random);
    const seen = (quad: Quad): Quad => rotated(quad, centre, turn, focalPxOf(width)) as unknown as Quad;
    warpOnto(picture, drawing!, seen(rectangle(x, y, drawing!.width, drawing!.height)));
    const plain = { kind: 'plain', strength: 0 } as const;
    const { picture: degraded } = await degrade({ picture, plate: seen(corners) }, plain, random);
    return { picture: degraded, text, corners: seen(corners) };
  };
}
