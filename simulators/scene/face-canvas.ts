/** The canvas on which faces are drawn: where the parts of a face lie, and its colours as SVG writes them. */
import type { Colour, FaceLook } from './face-look.ts';

/** Canvas of a head in pixels; all lengths of a `FaceLook` are in these. */
export const HEAD = { width: 512, height: 600, centreX: 256, centreY: 270 } as const;

/** Places of a face on the canvas. */
export type FaceLandmarks = ReturnType<typeof landmarksOf>;

export function landmarksOf(look: FaceLook) {
  const [x, y] = [HEAD.centreX, HEAD.centreY];
  const eyeY = y + look.eyes.below;
  const noseY = eyeY + look.nose.length;
  // The longest nose leaves the mouth on the face all the same.
  const mouthY = Math.min(noseY + look.mouth.below, y + look.halfHeight * 0.74);
  const browY = eyeY - look.eyes.halfHeight * 0.5 - look.brows.above * 0.72;
  return { x, y, top: y - look.halfHeight, eyeY, browY, noseY, mouthY, chinY: y + look.halfHeight };
}

export const css = ([r, g, b]: Colour, alpha = 1): string => `rgba(${r},${g},${b},${alpha.toFixed(3)})`;

export function darker([r, g, b]: Colour, by: number): Colour {
  return [Math.round(r * by), Math.round(g * by), Math.round(b * by)];
}

export const lighter = ([r, g, b]: Colour, by: number): Colour => {
  const towards = (v: number): number => Math.round(v + (255 - v) * by);
  return [towards(r), towards(g), towards(b)];
};
