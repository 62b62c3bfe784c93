/** Public plate readers whose files the user names, as contenders of the bench. */
import type { PlateAnswer, Contender } from './contender.ts';
import { LPRNET, openCtcReader, PLATE_REC, type CtcReader } from './ctc-reader.ts';
import { wholeOf } from './sampling.ts';
import { UsageError } from '../usage.ts';
import { openYoloPlate } from './yolo-plate.ts';

/** Paths. */
export interface PublicModels {
  readonly yolo?: string | undefined;
  readonly 'plate-rec'?: string | undefined;
  readonly lprnet?: string | undefined;
}

/** Those whose files are given. Throws a UsageError for a file that is not the model it should be, and for a detector without a reader. */
export async function openPublicModels(files: PublicModels, warn: (text: string) => void): Promise<Contender[]> {
  const { yolo, 'plate-rec': plateRec, lprnet } = files;
  if (yolo !== undefined && plateRec === undefined)
    throw new UsageError('--yolo finds plates and reads none: --plate-rec names the file of its reader');
  const contenders: Contender[] = [];
  if (plateRec !== undefined) {
    const read = await openCtcReader(plateRec, PLATE_REC, warn);
    if (yolo === undefined) contenders.push({ name: 'plate_rec_color', crop: cropBy(read) });
    else contenders.push(await openChain(yolo, read, warn));
  }
  if (lprnet !== undefined)
    contenders.push({ name: 'LPRNet', crop: cropBy(await openCtcReader(lprnet, LPRNET, warn)) });
  return contenders;
}

async function openChain(yolo: string, read: CtcReader, warn: (text: string) => void): Promise<Contender> {
  const detect = await openYoloPlate(yolo, warn);
  return {
    name: 'YOLOv5 + plate_rec_color',
    crop: cropBy(read),
    async frame({ raster }) {
      const startedAt = performance.now();
      const found = await detect(raster);
      const detectMs = performance.now() - startedAt;
      const texts: string[] = [];
      for (const { corners, lines } of found) texts.push(await read(raster, corners, lines));
      return { texts: texts.filter((text) => text !== ''), ms: performance.now() - startedAt, detectMs };
    },
  };
}

/** Width over height at which a crop is taken for a plate of one line; nothing else tells the readers how many it has. */
const ONE_LINE_ASPECT = 2.4;

function cropBy(read: CtcReader): NonNullable<Contender['crop']> {
  return async ({ raster }): Promise<PlateAnswer> => {
    const startedAt = performance.now();
    const lines = raster.width / raster.height < ONE_LINE_ASPECT ? 2 : 1;
    const text = await read(raster, wholeOf(raster), lines);
    return { texts: [text], ms: performance.now() - startedAt };
  };
}
