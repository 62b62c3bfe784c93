/**
 * People who do not exist before the camera of a gate lane, and on the photos of their documents. The same seed is the same
 * person; light, size, tilt and place are those of the shot.
 */
import sharp, { type OverlayOptions } from 'sharp';
import { css, darker, HEAD } from './face-canvas.ts';
import { faceLook } from './face-look.ts';
import { headSvg } from './face-svg.ts';
import type { Random } from './random.ts';
import { addNoise, drawSvg, own, sharpOf, type Rgb, type Rgba } from './raster.ts';

/** Somebody in a picture. */
interface Standing {
  readonly seed: number;
  /** From behind there is no face. */
  readonly from?: 'front' | 'behind';
  /** Width in pixels that a head of medium width has; broad and narrow heads differ from it by a sixth. */
  readonly facePx: number;
  /** Middle of the face in pixels. */
  readonly x: number;
  readonly y: number;
  /** Clockwise. */
  readonly rollDeg?: number;
}

export interface FaceShot {
  readonly width: number;
  readonly height: number;
  readonly backdrop: 'hall' | 'plain';
  readonly people: readonly Standing[];
  /** 1 is well lit, 0 black. */
  readonly brightness?: number;
  /** Shadow on the left (negative) or right half of each face, -1 to 1. */
  readonly sideLight?: number;
  /** Standard deviation of the blur in pixels. */
  readonly blurPx?: number;
}

export interface FacePainter {
  /** The picture without noise, in a buffer of its own. */
  draw(shot: FaceShot): Promise<Rgb>;
}

const MEDIUM_WIDTH = 224;
/** Heads that a painter remembers, 1.2 MB each: drawing one costs ten times as much as placing it. */
const MAX_HEADS = 64;
const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

export function openFacePainter(): FacePainter {
  const heads = new Map<string, Promise<Rgba>>();
  const backdrops = new Map<string, Promise<Rgb>>();
  const headOf = (seed: number, from: 'front' | 'behind'): Promise<Rgba> => {
    const key = `${seed} ${from}`;
    const head = heads.get(key) ?? drawHead(seed, from);
    // Put at the end again, so that the one not used for longest goes first.
    heads.delete(key);
    heads.set(key, head);
    if (heads.size > MAX_HEADS) heads.delete(heads.keys().next().value!);
    return head;
  };
  return {
    async draw(shot) {
      const { width, height, backdrop, people, brightness = 1, blurPx = 0 } = shot;
      const key = `${backdrop} ${width} ${height}`;
      const behind =
        backdrops.get(key) ?? drawSvg(backdrop === 'hall' ? hallSvg(width, height) : plainSvg(width, height));
      backdrops.set(key, behind);
      const layers: OverlayOptions[] = [];
      for (const who of people) {
        const head = await placed(await headOf(who.seed, who.from ?? 'front'), who, shot);
        if (head) layers.push(head);
        layers.push({ input: Buffer.from(bodySvg(who, shot)), left: 0, top: 0 });
      }
      const whole = await sharpOf(await behind)
        .composite(layers)
        .removeAlpha()
        .raw()
        .toBuffer();
      let finish = sharpOf({ width, height, data: own(whole) });
      if (blurPx > 0) finish = finish.blur(blurPx);
      if (brightness !== 1) finish = finish.linear(brightness, 0);
      return { width, height, data: own(await finish.raw().toBuffer()) };
    },
  };
}

async function drawHead(seed: number, from: 'front' | 'behind'): Promise<Rgba> {
  const svg = Buffer.from(headSvg(faceLook(seed), from));
  return { width: HEAD.width, height: HEAD.height, rgba: own(await sharp(svg).ensureAlpha().raw().toBuffer()) };
}

/** The head scaled, tilted and cut at the edges of the picture; undefined when none of it lies inside. */
async function placed(head: Rgba, who: Standing, shot: FaceShot): Promise<OverlayOptions | undefined> {
  const scale = who.facePx / MEDIUM_WIDTH;
  const roll = who.rollDeg ?? 0;
  const scaled = await sharp(head.rgba, { raw: { width: head.width, height: head.height, channels: 4 } })
    .resize(Math.round(head.width * scale), Math.round(head.height * scale))
    .composite(shadow(shot.sideLight ?? 0, head.width * scale, head.height * scale))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const tilted = await sharp(scaled.data, { raw: scaled.info })
    .rotate(roll, { background: CLEAR })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = tilted.info;
  // Turned about the middle of the canvas, the middle of the face has moved: it lies above that.
  const above = (HEAD.height / 2 - HEAD.centreY) * scale;
  const angle = (roll * Math.PI) / 180;
  const left = Math.round(who.x - width / 2 - above * Math.sin(angle));
  const top = Math.round(who.y - height / 2 + above * Math.cos(angle));
  const [cutX, cutY] = [Math.max(0, -left), Math.max(0, -top)];
  const [inX, inY] = [Math.min(shot.width - left, width) - cutX, Math.min(shot.height - top, height) - cutY];
  if (inX <= 0 || inY <= 0) return undefined;
  const input = await sharp(tilted.data, { raw: { width, height, channels: 4 } })
    .extract({ left: cutX, top: cutY, width: inX, height: inY })
    .raw()
    .toBuffer();
  return { input, raw: { width: inX, height: inY, channels: 4 }, left: left + cutX, top: top + cutY };
}

/** Darkens one half of a head, and nothing of what is behind it. */
function shadow(sideLight: number, width: number, height: number): OverlayOptions[] {
  if (sideLight === 0) return [];
  const [left, right] = sideLight < 0 ? [-sideLight, 0] : [0, sideLight];
  const stop = (at: number, alpha: number): string =>
    `<stop offset="${at}" stop-color="#000" stop-opacity="${alpha}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(width)}" height="${Math.round(height)}"><defs>
    <linearGradient id="side" x1="0.28" x2="0.72">${stop(0, left)}${stop(0.5, 0)}${stop(1, right)}</linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#side)"/></svg>`;
  return [{ input: Buffer.from(svg), blend: 'atop' }];
}

/** Shoulders and clothes down to the edge of the picture. */
function bodySvg({ seed, facePx, x, y }: Standing, { width, height }: FaceShot): string {
  const look = faceLook(seed);
  const s = facePx / MEDIUM_WIDTH;
  const at = (dx: number, dy: number): string => `${(x + dx * s).toFixed(1)} ${(y + dy * s).toFixed(1)}`;
  const collar = 104;
  const bottom = Math.max(1200, (height - y) / s + 10);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>
    <linearGradient id="cloth" x1="0" x2="1"><stop offset="0" stop-color="${css(darker(look.clothes, 0.72))}"/>
      <stop offset="0.5" stop-color="${css(look.clothes)}"/><stop offset="1" stop-color="${css(darker(look.clothes, 0.72))}"/></linearGradient></defs>
    <path d="M ${at(-collar, 188)} Q ${at(0, 282)} ${at(collar, 188)} C ${at(160, 232)} ${at(290, 236)} ${at(312, 350)}
      L ${at(322, bottom)} L ${at(-322, bottom)} L ${at(-312, 350)} C ${at(-290, 236)} ${at(-160, 232)} ${at(-collar, 188)} Z" fill="url(#cloth)"/>
    <path d="M ${at(-collar, 190)} Q ${at(0, 284)} ${at(collar, 190)}" stroke="${css(darker(look.clothes, 0.6))}" stroke-width="${9 * s}" fill="none"/></svg>`;
}

const plainSvg = (width: number, height: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#eef2f5"/></svg>`;

/** An entrance hall: wall, floor, a doorway, lamps and a handrail. */
function hallSvg(width: number, height: number): string {
  const lamps = [0.2, 0.5, 0.8].map(
    (at) => `<rect x="${(at - 0.07) * 1000}" y="26" width="140" height="12" rx="5" fill="#f4f6f2"/>`,
  );
  const tiles = [600, 640, 700].map((y) => `<path d="M0 ${y} H1000" stroke="#86898a" stroke-width="2"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 1000 750" preserveAspectRatio="none">
    <defs><linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#c9cfd2"/><stop offset="1" stop-color="#a9b0b4"/></linearGradient></defs>
    <rect width="1000" height="750" fill="url(#wall)"/><rect y="570" width="1000" height="180" fill="#949899"/>${tiles.join('')}
    <rect x="60" y="150" width="190" height="420" fill="#7f8b95"/><rect x="74" y="164" width="162" height="406" fill="#98a6b0"/>
    <rect x="780" y="0" width="90" height="580" fill="#b7bcbd"/><rect x="780" y="0" width="14" height="580" fill="#9da3a5"/>${lamps.join('')}
    <path d="M0 470 H1000" stroke="#6d7478" stroke-width="7"/></svg>`;
}

/** Noise with standard deviation `noise` in grey levels, then JPEG: what a camera sends. Leaves `picture` as it is. */
export async function snapshot(
  picture: Rgb,
  options: { readonly noise: number; readonly quality: number; readonly random: Random },
): Promise<Buffer> {
  const noisy: Rgb = { ...picture, data: own(picture.data) };
  addNoise(noisy, options.noise, options.random);
  return sharpOf(noisy).jpeg({ quality: options.quality }).toBuffer();
}

/** A Windows bitmap, 24 bits a pixel, bottom row first: what a decoder of card photos gives. */
export function encodeBmp({ width, height, data }: Rgb): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(stride * height, 34);
  for (let i = 0; i < width * height; i++) {
    const at = 54 + (height - 1 - Math.floor(i / width)) * stride + (i % width) * 3;
    // Blue first.
    for (let k = 0; k < 3; k++) file[at + k] = data[i * 3 + 2 - k]!;
  }
  return file;
}
