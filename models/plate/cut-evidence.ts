/** The two pictures that prove a hit. Both are cut from the frame as it came; nothing is warped, sharpened or redrawn. */
import type { Evidence, Quad } from '../../gateway/contracts/picture.ts';
import { sha256Of } from '../manifest.ts';
import { clampBox, cutJpeg } from '../picture.ts';
import type { PixelBox, Raster } from '../raster.ts';
import { boxAt, sizeOf } from './geometry.ts';

/** Air around the plate, in plate widths. */
const PLATE_MARGIN = 0.12;
/**
 * The vehicle, in plate widths (a car is about four wide): its front or rear, little beside and below it, so that
 * bystanders and other vehicles stay out.
 */
const VEHICLE_WIDTH = 4.5;
const VEHICLE_ABOVE = 2.6;
const VEHICLE_BELOW = 0.9;

const PLATE_QUALITY = 90;
const VEHICLE_QUALITY = 80;

/** JPEG cuts around the plate between `corners` (pixels of the picture): the plate, and the vehicle around it. */
export async function cutEvidence(picture: Raster, corners: Quad): Promise<readonly [Evidence, Evidence]> {
  const { x, y, width, height } = boxAt(corners, 0);
  const unit = sizeOf(corners).width;
  const margin = PLATE_MARGIN * unit;
  const plate: PixelBox = {
    left: x - width / 2 - margin,
    top: y - height / 2 - margin,
    width: width + 2 * margin,
    height: height + 2 * margin,
  };
  const vehicle: PixelBox = {
    left: x - (VEHICLE_WIDTH / 2) * unit,
    top: y - VEHICLE_ABOVE * unit,
    width: VEHICLE_WIDTH * unit,
    height: (VEHICLE_ABOVE + VEHICLE_BELOW) * unit,
  };
  return [await cut('plate', picture, plate, PLATE_QUALITY), await cut('vehicle', picture, vehicle, VEHICLE_QUALITY)];
}

async function cut(what: Evidence['what'], picture: Raster, box: PixelBox, quality: number) {
  return evidenceOf(what, await cutJpeg(picture, clampBox(box, picture), quality));
}

/** A JPEG as evidence. */
export function evidenceOf(what: Evidence['what'], bytes: Uint8Array<ArrayBuffer>) {
  return { what, sha256: sha256Of(bytes), mediaType: 'image/jpeg', bytes } as const;
}
