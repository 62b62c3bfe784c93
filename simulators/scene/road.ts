/** The road behind the vehicles, and how the camera looks at it. */
import { pick, type Random } from './random.ts';

/** Where the camera hangs and looks, for a picture 1280 wide: a plate is 110 pixels wide 12 m away, 50 at 26 m. */
export const CAMERA = { heightM: 2.6, focalPx: 3000, horizon: 0.12, laneM: 1.7 };

/** A two-lane road between grass, under a sky; a few posts so that the picture has edges. No writing but the plates. */
export function roadSvg(width: number, height: number, night: boolean, random: Random): string {
  const horizon = CAMERA.horizon * height;
  const bottomScale = (height - horizon) / CAMERA.heightM;
  const at = (metres: number): number => width / 2 + metres * bottomScale;
  const edge = CAMERA.laneM * 2 + 0.4;
  const colour = (day: string, dark: string): string => (night ? dark : day);
  const posts = Array.from({ length: 8 }, () => {
    const scale = bottomScale * (0.08 + random() * 0.3);
    const x = width / 2 + pick(random, [-1, 1]) * (edge + 1 + random() * 4) * scale;
    const foot = horizon + CAMERA.heightM * scale;
    const tall = (0.8 + random() * 3) * scale;
    const fill = colour('#6d7468', '#101512');
    return `<rect x="${x}" y="${foot - tall}" width="${0.16 * scale}" height="${tall}" fill="${fill}"/>`;
  });
  const lines = [-edge + 0.3, edge - 0.45].map(
    (m) =>
      `<path d="M${width / 2} ${horizon} L${at(m)} ${height} L${at(m + 0.15)} ${height} Z" fill="${colour('#d9d9d2', '#4a4a46')}"/>`,
  );
  const dashes = [1, 1.35, 1.9, 2.8, 4.4, 7].map((from) => {
    const [y1, y2] = [horizon + (height - horizon) / from, horizon + (height - horizon) / (from * 1.18)];
    const [w1, w2] = [(0.07 * bottomScale) / from, (0.07 * bottomScale) / (from * 1.18)];
    const c = width / 2;
    return `<path d="M${c - w1} ${y1} L${c + w1} ${y1} L${c + w2} ${y2} L${c - w2} ${y2} Z" fill="${colour('#d9d9d2', '#4a4a46')}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="${width}" height="${height}" fill="${colour('#6f7f52', '#12160f')}"/>
    <rect width="${width}" height="${horizon}" fill="${colour('#b9cbdc', '#05070c')}"/>
    <path d="M${width / 2} ${horizon} L${at(-edge)} ${height} L${at(edge)} ${height} Z" fill="${colour('#5b5d60', '#17181b')}"/>
    ${posts.join('')}${lines.join('')}${dashes.join('')}</svg>`;
}
