/**
 * Digits and letters of number plates as pen strokes of even width, which no installed font has: the forms follow what plates show (0 and Q
 * are long ovals, 6 and 9 have straight stems, 1 is a bar, M and W are narrow). Our own drawing, not the stamp of the standard.
 */

/**
 * SVG paths of the pen's middle: lines and Bézier curves in absolute coordinates, 0..1 from left to right and from top to bottom. Slanting
 * strokes begin outside, so that the edge of the box cuts them level.
 */
const PATHS: Readonly<Record<string, string>> = {
  0: 'M .5 0 C .86 0 1 .11 1 .3 L 1 .7 C 1 .89 .86 1 .5 1 C .14 1 0 .89 0 .7 L 0 .3 C 0 .11 .14 0 .5 0 Z',
  1: 'M .5 -.1 L .5 1.1',
  2: 'M 0 .26 C 0 .08 .18 0 .5 0 C .82 0 1 .09 1 .26 C 1 .41 .86 .51 .62 .65 C .3 .83 .1 .88 0 1 L 1.2 1',
  3: 'M .02 .2 C .08 .06 .25 0 .5 0 C .8 0 .97 .09 .97 .24 C .97 .38 .8 .46 .36 .46 C .82 .46 1 .56 1 .73 C 1 .91 .8 1 .5 1 C .22 1 .04 .93 0 .79',
  4: 'M .62 -.1 L 0 .72 L 1.2 .72 M .72 .42 L .72 1.1',
  5: 'M 1.1 0 L .14 0 L .07 .46 C .18 .38 .32 .35 .48 .35 C .83 .35 1 .47 1 .67 C 1 .89 .82 1 .5 1 C .22 1 .05 .93 0 .8',
  6: 'M .72 -.1 L .12 .5 C .03 .6 0 .65 0 .72 C 0 .9 .17 1 .5 1 C .83 1 1 .9 1 .7 C 1 .51 .83 .41 .5 .41 C .28 .41 .1 .5 .03 .62',
  7: 'M -.2 0 L 1 0 L 1 .06 C .72 .38 .46 .66 .4 1.1',
  8: 'M .5 .46 C .22 .46 .07 .37 .07 .23 C .07 .08 .22 0 .5 0 C .78 0 .93 .08 .93 .23 C .93 .37 .78 .46 .5 .46 C .82 .46 1 .56 1 .73 C 1 .91 .82 1 .5 1 C .18 1 0 .91 0 .73 C 0 .56 .18 .46 .5 .46 Z',
  9: 'M .28 1.1 L .88 .5 C .97 .4 1 .35 1 .28 C 1 .1 .83 0 .5 0 C .17 0 0 .1 0 .3 C 0 .49 .17 .59 .5 .59 C .72 .59 .9 .5 .97 .38',
  A: 'M -.05 1.1 L .45 0 L .55 0 L 1.05 1.1 M .14 .69 L .86 .69',
  B: 'M 0 .48 L .5 .48 C .8 .48 .94 .38 .94 .24 C .94 .1 .8 0 .5 0 L 0 0 L 0 1 L .5 1 C .84 1 1 .9 1 .73 C 1 .57 .84 .48 .5 .48',
  C: 'M 1 .25 C .97 .08 .8 0 .5 0 C .15 0 0 .1 0 .3 L 0 .7 C 0 .9 .15 1 .5 1 C .8 1 .97 .92 1 .75',
  D: 'M 0 0 L .42 0 C .85 0 1 .13 1 .35 L 1 .65 C 1 .87 .85 1 .42 1 L 0 1 Z',
  E: 'M 1.2 0 L 0 0 L 0 1 L 1.2 1 M 0 .47 L .9 .47',
  F: 'M 1.2 0 L 0 0 L 0 1.1 M 0 .47 L .9 .47',
  G: 'M 1 .25 C .97 .08 .8 0 .5 0 C .15 0 0 .1 0 .3 L 0 .7 C 0 .9 .15 1 .5 1 C .85 1 1 .91 1 .74 L 1 .56 L .5 .56',
  H: 'M 0 -.1 L 0 1.1 M 1 -.1 L 1 1.1 M 0 .48 L 1 .48',
  J: 'M 1 -.1 L 1 .72 C 1 .91 .83 1 .52 1 C .2 1 .03 .92 0 .75',
  K: 'M 0 -.1 L 0 1.1 M 1.08 -.1 L 0 .62 M .32 .42 L 1.08 1.1',
  L: 'M 0 -.1 L 0 1 L 1.2 1',
  M: 'M 0 1.1 L 0 -.1 M -.06 -.08 L .5 .66 L 1.06 -.08 M 1 -.1 L 1 1.1',
  N: 'M 0 1.1 L 0 -.1 M -.06 -.06 L 1.06 1.06 M 1 1.1 L 1 -.1',
  P: 'M 0 1.1 L 0 0 L .5 0 C .84 0 1 .1 1 .28 C 1 .46 .84 .56 .5 .56 L 0 .56',
  Q: 'M .5 0 C .86 0 1 .11 1 .3 L 1 .7 C 1 .89 .86 1 .5 1 C .14 1 0 .89 0 .7 L 0 .3 C 0 .11 .14 0 .5 0 Z M .52 .66 L 1.1 1.08',
  R: 'M 0 1.1 L 0 0 L .5 0 C .84 0 1 .1 1 .27 C 1 .44 .84 .54 .5 .54 L 0 .54 M .48 .54 L 1.07 1.1',
  S: 'M .96 .22 C .91 .07 .75 0 .5 0 C .2 0 .03 .09 .03 .25 C .03 .42 .25 .46 .5 .5 C .78 .54 1 .59 1 .75 C 1 .91 .8 1 .5 1 C .22 1 .05 .92 0 .77',
  T: 'M -.2 0 L 1.2 0 M .5 0 L .5 1.1',
  U: 'M 0 -.1 L 0 .72 C 0 .91 .15 1 .5 1 C .85 1 1 .91 1 .72 L 1 -.1',
  V: 'M -.05 -.1 L .46 1 L .54 1 L 1.05 -.1',
  W: 'M -.03 -.1 L .2 1 L .26 1 L .5 .3 L .74 1 L .8 1 L 1.03 -.1',
  X: 'M -.08 -.1 L 1.08 1.1 M 1.08 -.1 L -.08 1.1',
  Y: 'M -.08 -.1 L .5 .52 L 1.08 -.1 M .5 .5 L .5 1.1',
  Z: 'M -.2 0 L 1 0 L 0 1 L 1.2 1',
};

/** On plates of new-energy vehicles 1 has a flag and a foot. */
const FOOTED_ONE = 'M .1 .2 L .5 .0 L .5 1 M .1 1 L .9 1';

/** These are so full of strokes that the pen is finer, as on the plates. */
const FINE: Readonly<Record<string, number>> = { M: 0.88, W: 0.82, B: 0.95, 8: 0.95 };

export interface GlyphSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Width of the strokes of digits and letters, pixels. */
  readonly pen: number;
  /** 1 has a flag and a foot. */
  readonly footed: boolean;
}

/**
 * An SVG document of `width` × `height` pixels with `character` in white on black, the pen `pen` pixels wide. Undefined for a character
 * without strokes of its own (the Chinese ones).
 */
export function strokesSvg(character: string, size: GlyphSize): string | undefined {
  const path = character === '1' && size.footed ? FOOTED_ONE : PATHS[character];
  if (path === undefined) return undefined;
  const { width, height } = size;
  const pen = size.pen * (FINE[character] ?? 1);
  let isX = false;
  const scaled = path.replace(/-?[\d.]+/g, (number) => {
    isX = !isX;
    return (pen / 2 + Number(number) * ((isX ? width : height) - pen)).toFixed(2);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}"/>
    <path d="${scaled}" fill="none" stroke="#fff" stroke-width="${pen}" stroke-linejoin="miter" stroke-miterlimit="2"/></svg>`;
}
