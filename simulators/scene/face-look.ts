/** What a drawn face looks like: the parameters of a seed. Nobody is portrayed; every value is a random number. */
import { pick, seeded, type Random } from './random.ts';

/** Red, green, blue from 0 to 255. */
export type Colour = readonly [number, number, number];

export const HAIR_STYLES = ['none', 'crop', 'side', 'curls', 'long', 'bob', 'fringe', 'bun', 'receding'] as const;
export type HairStyle = (typeof HAIR_STYLES)[number];
export type Beard = 'none' | 'full' | 'goatee' | 'moustache' | 'stubble';
export type Glasses = 'none' | 'round' | 'square' | 'half';

/** Lengths are pixels of the canvas on which face-svg.ts draws; angles degrees; strengths 0 to 1. */
export interface FaceLook {
  /** Draws the freckles, moles and curls of this face, the same ones each time. */
  readonly detailSeed: number;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly lips: Colour;
  readonly iris: Colour;
  readonly clothes: Colour;
  /** Half the width and height of the head. */
  readonly halfWidth: number;
  readonly halfHeight: number;
  /** Width of the jaw and of the chin as shares of that of the head. */
  readonly jaw: number;
  readonly chin: number;
  readonly ears: number;
  readonly neck: number;
  readonly eyes: {
    /** From the middle line to the middle of the eye. */
    readonly apart: number;
    readonly below: number;
    readonly halfWidth: number;
    readonly halfHeight: number;
    readonly tiltDeg: number;
    /** How far the upper lid comes down. */
    readonly lid: number;
    /** How deep they lie. */
    readonly depth: number;
    readonly bags: number;
    /** Colour and strength of what is painted on the lids; 0 for none. */
    readonly shadow: Colour;
    readonly shadowStrength: number;
    readonly lashes: number;
  };
  readonly brows: {
    readonly above: number;
    readonly thick: number;
    readonly tiltDeg: number;
    readonly arch: number;
    readonly strength: number;
  };
  readonly nose: {
    readonly length: number;
    readonly halfWidth: number;
    readonly bridge: number;
    readonly shine: number;
    readonly shade: number;
  };
  readonly mouth: {
    readonly below: number;
    readonly halfWidth: number;
    readonly upper: number;
    readonly lower: number;
    /** Corners up (positive) or down. */
    readonly smile: number;
    readonly teeth: boolean;
  };
  readonly style: HairStyle;
  /** How far the hair comes down the forehead, as a share of its height. */
  readonly hairline: number;
  readonly beard: Beard;
  readonly glasses: Glasses;
  readonly glassesColour: Colour;
  readonly folds: number;
  readonly forehead: number;
  readonly cheekbones: number;
  readonly blush: number;
  readonly freckles: number;
  readonly mole: boolean;
  readonly texture: number;
  readonly textureFrequency: number;
}

const SKINS: readonly Colour[] = [
  [244, 214, 196],
  [238, 200, 170],
  [224, 178, 140],
  [200, 150, 108],
  [164, 112, 78],
  [122, 80, 56],
  [90, 60, 46],
  [234, 182, 162],
];
const HAIRS: readonly Colour[] = [
  [22, 18, 16],
  [34, 26, 22],
  [58, 38, 24],
  [110, 74, 40],
  [190, 154, 94],
  [138, 62, 32],
  [150, 150, 150],
  [220, 217, 212],
];
const LIPS: readonly Colour[] = [
  [176, 90, 86],
  [150, 70, 66],
  [186, 46, 58],
  [122, 64, 58],
  [204, 130, 120],
];
const IRISES: readonly Colour[] = [
  [52, 32, 20],
  [84, 54, 28],
  [92, 104, 58],
  [74, 108, 138],
  [110, 118, 124],
];
const CLOTHES: readonly Colour[] = [
  [58, 74, 104],
  [120, 52, 50],
  [66, 96, 74],
  [52, 52, 58],
  [168, 160, 146],
  [110, 92, 120],
  [44, 104, 116],
];
const SHADOWS: readonly Colour[] = [
  [90, 40, 120],
  [30, 70, 120],
  [40, 40, 40],
  [120, 60, 30],
];
const RIMS: readonly Colour[] = [
  [24, 24, 26],
  [90, 58, 34],
  [120, 30, 34],
];
const BEARDS: readonly Beard[] = ['none', 'none', 'none', 'none', 'full', 'goatee', 'moustache', 'stubble'];
const GLASSES: readonly Glasses[] = ['none', 'none', 'none', 'none', 'round', 'square', 'half'];

/** The face of a seed; the same seed is the same face. Ranges as wide as a drawing bears without becoming a caricature. */
export function faceLook(seed: number): FaceLook {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ 0x51ab);
  const between = (from: number, to: number): number => from + (to - from) * random();
  const vary = (colour: Colour): Colour => {
    const [r, g, b] = colour.map((v) => Math.max(0, Math.min(255, Math.round(v + between(-9, 9)))));
    return [r!, g!, b!];
  };
  return {
    detailSeed: Math.floor(random() * 1e6),
    skin: vary(pick(random, SKINS)),
    hair: vary(pick(random, HAIRS)),
    lips: vary(pick(random, LIPS)),
    iris: pick(random, IRISES),
    clothes: vary(pick(random, CLOTHES)),
    halfWidth: 112 * between(0.8, 1.2),
    halfHeight: 152 * between(0.9, 1.18),
    jaw: between(0.72, 1.04),
    chin: between(0.28, 0.62),
    ears: between(0.8, 1.25),
    neck: between(0.5, 0.72),
    eyes: eyes(random, between, vary),
    brows: {
      above: between(24, 46),
      thick: between(3, 19),
      tiltDeg: between(-12, 12),
      arch: between(0, 12),
      strength: between(0.45, 1),
    },
    nose: {
      length: between(42, 88),
      halfWidth: between(15, 40),
      bridge: between(5, 12),
      shine: between(0.1, 0.6),
      shade: between(0.15, 0.6),
    },
    mouth: {
      below: between(22, 50),
      halfWidth: between(26, 60),
      upper: between(2, 15),
      lower: between(4, 22),
      smile: between(-7, 12),
      teeth: random() < 0.25,
    },
    style: pick(random, HAIR_STYLES),
    hairline: between(0.1, 0.55),
    beard: pick(random, BEARDS),
    glasses: pick(random, GLASSES),
    glassesColour: pick(random, RIMS),
    folds: between(0, 0.8),
    forehead: between(0, 0.7),
    cheekbones: between(0, 0.6),
    blush: random() < 0.35 ? between(0.1, 0.35) : 0,
    freckles: random() < 0.2 ? Math.floor(between(20, 60)) : 0,
    mole: random() < 0.25,
    texture: between(0, 0.32),
    textureFrequency: between(0.018, 0.06),
  };
}

function eyes(
  random: Random,
  between: (from: number, to: number) => number,
  vary: (colour: Colour) => Colour,
): FaceLook['eyes'] {
  return {
    apart: 46 * between(0.78, 1.24),
    below: between(-38, 2),
    halfWidth: between(17, 34),
    halfHeight: between(5, 18),
    tiltDeg: between(-10, 10),
    lid: between(0.05, 0.55),
    depth: between(0, 0.65),
    bags: between(0, 0.6),
    shadow: vary(pick(random, SHADOWS)),
    shadowStrength: random() < 0.3 ? between(0.25, 0.65) : 0,
    lashes: between(2, 6),
  };
}
