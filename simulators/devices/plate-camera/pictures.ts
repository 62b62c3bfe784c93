/** The two pictures that a plate camera sends of a vehicle, drawn: the plate cut out, and the road. */
import { openScene } from '../../scene/scene.ts';
import { openPlatePainter } from '../../scene/plate.ts';
import { sharpOf, type Rgb } from '../../scene/raster.ts';
import type { SeenVehicle } from './push.ts';

const jpeg = async (picture: Rgb): Promise<Uint8Array> =>
  new Uint8Array(await sharpOf(picture).jpeg({ quality: 85 }).toBuffer());

/** A passenger car with a blue plate, `plate` without separators. */
export async function drawPass(
  plate: string,
  seed: number,
): Promise<Required<Pick<SeenVehicle, 'platePicture' | 'scenePicture'>>> {
  const vehicle = { plate, style: 'standard', lane: 0, startS: 0, speedMps: 0, parkedM: 12 } as const;
  const scene = await openScene({ seed, vehicles: [{ ...vehicle, direction: 'approaching' }] });
  const road = { data: scene.draw(0), width: scene.width, height: scene.height };
  const cutOut = await openPlatePainter().draw(plate, 'standard', 240);
  return { platePicture: await jpeg(cutOut), scenePicture: await jpeg(road) };
}
