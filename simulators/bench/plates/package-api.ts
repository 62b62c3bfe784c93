/**
 * `@gutenye/ocr-node` as its README says to use it: one call with a file name gives all lines of text. It runs the models that the product
 * runs too, so what differs is everything around them.
 */
import Ocr from '@gutenye/ocr-node';
import sharp from 'sharp';
import { ONE_THREAD, type PlateAnswer, type Contender } from './contender.ts';

/** The package types its `create` as `any`. */
interface Api {
  detect(file: string): Promise<readonly { readonly text: string }[]>;
}

export const PACKAGE_API = 'package API';

const PROVINCE = '[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]';
/** What a number plate looks like when it is not known of which kind. */
const PLATE = new RegExp(
  `^(${PROVINCE}[A-Z0-9]{5,6}[A-Z0-9警学挂港澳领]|WJ${PROVINCE}[A-Z0-9]{5}|使[0-9]{6}|[0-9]{6}使)$`,
);

export async function openPackageApi(): Promise<Contender> {
  // Its sessions take the options of ONNX Runtime, so it gets its one thread like the others.
  const api = (await Ocr.create({ onnxOptions: ONE_THREAD })) as Api;
  const lines = async (file: string): Promise<PlateAnswer> => {
    // It decodes the file by itself, in this way; that is timed apart and taken off.
    const decodedAt = performance.now();
    await sharp(file).ensureAlpha(1).raw().toBuffer();
    const startedAt = performance.now();
    const decodeMs = startedAt - decodedAt;
    const found = await api.detect(file);
    const ms = performance.now() - startedAt - decodeMs;
    return { texts: platesIn(found.map((l) => l.text)), ms, decodeMs };
  };
  return { name: PACKAGE_API, frame: ({ file }) => lines(file), crop: ({ file }) => lines(file) };
}

/**
 * It reads any writing, with the dot of a plate as it sees it, and joins what stands side by side with spaces: taken for a plate is what looks
 * like one once all but letters and digits are gone, a part of a line before the whole of it.
 */
export function platesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const parts = line.split(' ').map(bare).filter(isPlate);
    return parts.length > 0 ? parts : [bare(line)].filter(isPlate);
  });
}

const bare = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '').toUpperCase();
const isPlate = (text: string): boolean => PLATE.test(text);
