/** The document photos behind the simulated decoder: one bitmap a person. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeBmp, openFacePainter, type FacePainter } from '../../scene/face.ts';
import { portraitShot, type ShotSize } from '../../scene/face-shots.ts';
import { sharpOf } from '../../scene/raster.ts';
import { people, type DrawnPerson } from './people.ts';

/** The program that turns the 1024 bytes of `cardPhoto` into a bitmap; its one argument is the folder of the portraits. */
export const decoderProgram = fileURLToPath(new URL('decoder.sh', import.meta.url));

/** Writes ID.bmp for each person into `folder`, which is made; 102 × 126 pixels unless told. */
export async function writePortraits(
  folder: string,
  options: { readonly of?: readonly DrawnPerson[]; readonly size?: ShotSize; readonly painter?: FacePainter } = {},
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const painter = options.painter ?? openFacePainter();
  for (const { id, seed } of options.of ?? people) {
    writeFileSync(join(folder, `${id}.bmp`), encodeBmp(await painter.draw(portraitShot(seed, options.size))));
  }
}

/** The photo of a person's entry on a list, as a PNG. */
export async function listPhoto({ seed }: DrawnPerson, painter = openFacePainter()): Promise<Uint8Array> {
  const photo = await painter.draw(portraitShot(seed, { width: 240, height: 300 }));
  return sharpOf(photo).png().toBuffer();
}
