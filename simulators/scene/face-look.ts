/** What a drawn face looks like: the parameters of a seed. Nobody is portrayed; every value is a random number. */
import { pick, seeded, type Random } from './random.ts';

/** Red, green, blue from 0 to 255. */
export type Colour = readonly [number, number, number];

const HAIR_STYLES = ['none', 'crop', 'side', 'curls', 'long', 'bob', 'fringe', 'bun', 'receding'] as const;
const BEARDS = ['none', 'none', 'none', 'none', 'full', 'goatee', 'moustache', 'stubble'] as const;
const GLASSES = ['none', 'none', 'none', 'none', 'round', 'square', 'half'] as const;

const coloursOf = (hex: string): Colour[] => hex.split(' ').map((c) => [...Buffer.from(c, 'hex')] as unknown as Colour);

const SKINS = coloursOf('f4d6c4 eec8aa e0b28c c8966c a4704e 7a5038 5a3c2e eab6a2');
const HAIRS = coloursOf('161210 221a16 3a2618 6e4a28 be9a5e 8a3e20 969696 dcd9d4');
const LIPS = coloursOf('b05a56 964642 ba2e3a 7a403a cc8278');
const IRISES = coloursOf('342014 54361c 5c683a 4a6c8a 6e767c');
const CLOTHES = coloursOf('3a4a68 783432 42604a 34343a a8a092 6e5c78 2c6874');
const SHADOWS = coloursOf('5a2878 1e4678 282828 783c1e');
const RIMS = coloursOf('18181a 5a3a22 781e22');

/** Lengths are pixels of the canvas on which face-svg.ts draws; angles degrees; strengths 0 to 1. */
export type FaceLook = ReturnType<typeof faceLook>;

/** The face of a seed; the same seed is the same face. Ranges as wide as a drawing bears without becoming a caricature. */
export function faceLook(seed: number) {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ 0x51ab);
  const between = (from: number, to: number): number => from + (to - from) * random();
  const vary = (colour: Colour): Colour => {
    const [r, g, b] = colour.map((v) => Math.max(0, Math.min(255, Math.round(v + between(-9, 9)))));
    return [r!, g!, b!];
  };
  return {
    /** Draws the freckles, moles and curls of this face, the same ones each time. */
    detailSeed: Math.floor(random() * 1e6),
    skin: vary(pick(random, SKINS)),
    hair: vary(pick(random, HAIRS)),
    lips: vary(pick(random, LIPS)),
    iris: pick(random, IRISES),
    clothes: vary(pick(random, CLOTHES)),
    /** Half the width and height of the head. */
    halfWidth: 112 * between(0.8, 1.2),
    halfHeight: 152 * between(0.9, 1.18),
    /** Width of the jaw and of the chin as shares of that of the head. */
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
      /** Corners up (positive) or down. */
      smile: between(-7, 12),
      teeth: random() < 0.25,
    },
    style: pick(random, HAIR_STYLES),
    /** How far the hair comes down the forehead, as a share of its height. */
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

function eyes(random: Random, between: (from: number, to: number) => number, vary: (colour: Colour) => Colour) {
  return {
    /** From the middle line to the middle of the eye. */
    apart: 46 * between(0.78, 1.24),
    below: between(-38, 2),
    halfWidth: between(17, 34),
    halfHeight: between(5, 18),
    tiltDeg: between(-10, 10),
    /** How far the upper lid comes down. */
    lid: between(0.05, 0.55),
    /** How deep they lie. */
    depth: between(0, 0.65),
    bags: between(0, 0.6),
    /** Colour and strength of what is painted on the lids; 0 for none. */
    shadow: vary(pick(random, SHADOWS)),
    shadowStrength: random() < 0.3 ? between(0.25, 0.65) : 0,
    lashes: between(2, 6),
  };
}
