/** Hair and glasses of a drawn face, as pieces of SVG on the canvas of face-svg.ts. */
import { css, darker, HEAD, type FaceLandmarks } from './face-canvas.ts';
import type { FaceLook } from './face-look.ts';
import { seeded } from './random.ts';

/** What hangs down behind the head. */
export function hairBehind(look: FaceLook, { x, y, top }: FaceLandmarks): string {
  if (look.style !== 'long' && look.style !== 'bob') return '';
  const w = look.halfWidth;
  const end = look.style === 'long' ? HEAD.height - 24 : y + look.halfHeight * 0.72;
  return `<path d="M ${x} ${top - 18} C ${x - w * 1.1} ${top - 24} ${x - w - 40} ${y - 70} ${x - w - 26} ${end} L ${x + w + 26} ${end}
    C ${x + w + 40} ${y - 70} ${x + w * 1.1} ${top - 24} ${x} ${top - 18} Z" fill="${css(darker(look.hair, 0.8))}"/>`;
}

/** What lies over the forehead and the temples. */
export function hairInFront(look: FaceLook, places: FaceLandmarks): string {
  const shine = `<ellipse cx="${places.x - look.halfWidth * 0.35}" cy="${places.top + 12}" rx="${look.halfWidth * 0.4}" ry="12" fill="rgba(255,255,255,0.16)" filter="url(#soft8)"/>`;
  switch (look.style) {
    case 'none':
      return '';
    case 'curls':
      return curls(look, places) + shine;
    case 'receding':
      return temples(look, places);
    case 'bun':
      return `<ellipse cx="${places.x}" cy="${places.top - 26}" rx="44" ry="34" fill="${css(darker(look.hair, 0.9))}"/>${cap(look, places)}${shine}`;
    case 'crop':
    case 'side':
    case 'long':
    case 'bob':
    case 'fringe':
      return cap(look, places) + shine;
  }
}

/** Hair that follows the skull; its lower edge makes the style. */
function cap(look: FaceLook, { x, y, top, browY }: FaceLandmarks): string {
  const w = look.halfWidth;
  const line = top + (browY - top) * (0.35 + look.hairline * 0.7);
  const ear = look.style === 'crop' || look.style === 'bun' ? y - 44 : y - 6;
  const edges: Partial<Record<FaceLook['style'], string>> = {
    fringe: `L ${x + w * 0.92} ${browY - 4} Q ${x} ${browY + 6} ${x - w * 0.92} ${browY - 4}`,
    side: `Q ${x + w * 0.86} ${line} ${x + w * 0.5} ${line - 14} Q ${x - w * 0.2} ${line - 30} ${x - w * 0.55} ${top + 22} Q ${x - w * 0.8} ${line} ${x - w * 0.94} ${y - 60}`,
    long: parting(x, w, top, y),
    bob: parting(x, w, top, y),
  };
  const round = `C ${x + w * 0.9} ${line + 20} ${x + w * 0.6} ${line} ${x} ${line} C ${x - w * 0.6} ${line} ${x - w * 0.9} ${line + 20} ${x - w * 0.95} ${ear - 10}`;
  return `<path d="M ${x - w - 8} ${ear} C ${x - w - 22} ${top - 34} ${x - w * 0.5} ${top - 30} ${x} ${top - 28} C ${x + w * 0.5} ${top - 30} ${x + w + 22} ${top - 34} ${x + w + 8} ${ear}
    L ${x + w * 0.95} ${ear - 10} ${edges[look.style] ?? round} Z" fill="${css(look.hair)}"/>`;
}

const parting = (x: number, w: number, top: number, y: number): string =>
  `C ${x + w * 0.95} ${y - 60} ${x + w * 0.5} ${top + 40} ${x + 4} ${top + 16} C ${x - w * 0.5} ${top + 40} ${x - w * 0.95} ${y - 60} ${x - w * 0.95} ${y - 16}`;

function curls(look: FaceLook, { x, y }: FaceLandmarks): string {
  const random = seeded(look.detailSeed ^ 0x77);
  const circles = Array.from({ length: 54 }, (_, i) => {
    const angle = Math.PI * (1.0 + i / 53) + (random() - 0.5) * 0.1;
    const [cx, cy] = [x + Math.cos(angle) * (look.halfWidth + 10), y - 24 + Math.sin(angle) * look.halfHeight * 0.86];
    return `<circle cx="${cx}" cy="${cy}" r="${22 + random() * 14}" fill="${css(darker(look.hair, 0.85 + random() * 0.3))}"/>`;
  });
  return circles.join('');
}

function temples(look: FaceLook, { x, y, top }: FaceLandmarks): string {
  const w = look.halfWidth;
  return [-1, 1]
    .map(
      (
        side,
      ) => `<path d="M ${x + side * (w + 8)} ${y - 4} C ${x + side * (w + 22)} ${y - 80} ${x + side * w} ${top + 4} ${x + side * w * 0.62} ${top + 10}
        C ${x + side * w * 0.8} ${top + 50} ${x + side * w * 0.84} ${y - 70} ${x + side * w * 0.94} ${y - 16} Z" fill="${css(look.hair)}"/>`,
    )
    .join('');
}

export function glasses(look: FaceLook, { x, eyeY }: FaceLandmarks): string {
  if (look.glasses === 'none') return '';
  const { apart, halfWidth } = look.eyes;
  const rim = css(look.glassesColour);
  // Wide enough for the eyes, narrow enough to leave a bridge between the glasses.
  const half = Math.min(halfWidth * 1.4, apart - 9);
  const rims = [-1, 1].map((side) => {
    const cx = x + side * apart;
    const arm = `<path d="M ${cx + side * half} ${eyeY - 6} L ${x + side * (look.halfWidth + 6)} ${eyeY - 10}" stroke="${rim}" stroke-width="4"/>`;
    const lens = { fill: 'rgba(255,255,255,0.07)', stroke: look.glasses === 'half' ? 2 : 6 };
    return look.glasses === 'round'
      ? `<circle cx="${cx}" cy="${eyeY}" r="${half}" fill="${lens.fill}" stroke="${rim}" stroke-width="${lens.stroke}"/>${arm}`
      : `<rect x="${cx - half}" y="${eyeY - 20}" width="${half * 2}" height="42" rx="8" fill="${lens.fill}" stroke="${rim}" stroke-width="${lens.stroke}"/>${arm}`;
  });
  return `${rims.join('')}<path d="M ${x - apart + half} ${eyeY - 4} Q ${x} ${eyeY - 10} ${x + apart - half} ${eyeY - 4}" stroke="${rim}" stroke-width="5" fill="none"/>`;
}
