/** The face templates that a visitor's pictures have, as the gateway computes them: known from outside, so that they can be looked for. */
import { openBuiltIn } from '../../models/face/built-in.ts';
import type { FaceTemplate } from '../../models/face/chain.ts';
import { openWorkspace } from '../../models/face/workspace.ts';
import { loadModel } from '../../models/manifest.ts';
import type { Raster } from '../../models/raster.ts';
import type { Rgb } from '../scene/raster.ts';
import type { Guest } from './crowd.ts';
import { pieceNeedles, type Needle } from './traces.ts';

export interface VisitorTemplates {
  readonly needles: readonly Needle[];
  /** What the lane has to say when it compares the two. */
  readonly score: number;
}

/** As numbers in a text, each by itself is telling. */
const TEXT_EVERY = 8;
const MIN_TEXT = 10;

export async function openTemplates(): Promise<(visitor: Guest) => Promise<VisitorTemplates>> {
  const [detect, landmarks, embed] = (['face/detect', 'face/landmarks', 'face/embed'] as const).map((m) =>
    loadModel(m),
  );
  const chain = await openBuiltIn({ detect: detect!, landmarks: landmarks!, embed: embed! });
  const templateOf = async ({ width, height, data }: Rgb): Promise<FaceTemplate> => {
    const workspace = openWorkspace();
    const picture: Raster = { width, height, rgb: data };
    const [face] = await chain.detect(picture, workspace);
    return chain.embed(picture, await chain.points(picture, face!, workspace), workspace);
  };
  return async ({ name, photo, pixels }) => {
    const templates = [await templateOf(pixels), await templateOf(photo)] as const;
    return { needles: templates.flatMap((t) => needlesOf(name, t)), score: chain.similarity(...templates) };
  };
}

/** In single and double precision, and as text. */
function needlesOf(visitor: string, template: FaceTemplate): Needle[] {
  const name = `template of ${visitor}`;
  const doubles = new Float64Array(template);
  const texts = [...template].filter((_, i) => i % TEXT_EVERY === 0).map(String);
  return [
    ...pieceNeedles(name, new Uint8Array(template.buffer, template.byteOffset, template.byteLength), 8),
    ...pieceNeedles(name, new Uint8Array(doubles.buffer), 8),
    ...texts.filter((text) => text.length >= MIN_TEXT).map((text) => ({ name, bytes: Buffer.from(text) })),
  ];
}
