/** Draws a head from the front, or from behind, as SVG: parametric shapes with soft shadows, enough for a face detector. */
import { css, darker, HEAD, lighter, landmarksOf, type FaceLandmarks } from './face-canvas.ts';
import { glasses, hairBehind, hairInFront } from './face-hair.ts';
import type { FaceLook } from './face-look.ts';
import { seeded } from './random.ts';

/** Left and right, as the beholder sees them. */
const SIDES = [-1, 1] as const;

/** One head on the transparent canvas, neck included; shoulders are drawn by face.ts, which knows the picture's edge. */
export function headSvg(look: FaceLook, from: 'front' | 'behind'): string {
  const places = landmarksOf(look);
  const inside = from === 'front' ? front(look, places) : behind(look, places);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${HEAD.width}" height="${HEAD.height}">
    <defs>${filters(look)}<clipPath id="face"><path d="${outline(look, places)}"/></clipPath></defs>${inside}</svg>`;
}

/** Spares a conversion to linear light and back for each filter, half of the whole work. */
const SRGB = 'color-interpolation-filters="sRGB"';

function filters(look: FaceLook): string {
  const soft = [2, 4, 8, 16].map(
    (px) =>
      `<filter id="soft${px}" x="-60%" y="-60%" width="220%" height="220%" ${SRGB}><feGaussianBlur stdDeviation="${px}"/></filter>`,
  );
  const [strength, offset] = [look.texture * 2.4, -look.texture];
  const pores = `<filter id="pores" x="0" y="0" width="100%" height="100%" ${SRGB}>
    <feTurbulence type="fractalNoise" baseFrequency="${look.textureFrequency}" numOctaves="2" seed="${look.detailSeed}"/>
    <feColorMatrix type="matrix" values="0 0 0 0 0.1  0 0 0 0 0.06  0 0 0 0 0.04  ${strength} 0 0 0 ${offset}"/></filter>`;
  const { skin } = look;
  const flesh = `<radialGradient id="flesh" cx="50%" cy="42%" r="62%"><stop offset="0" stop-color="${css(lighter(skin, 0.16))}"/>
    <stop offset="0.6" stop-color="${css(skin)}"/><stop offset="1" stop-color="${css(darker(skin, 0.62))}"/></radialGradient>`;
  const throat = `<linearGradient id="throat" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(darker(skin, 0.5))}"/>
    <stop offset="0.7" stop-color="${css(darker(skin, 0.84))}"/></linearGradient>`;
  return soft.join('') + pores + flesh + throat;
}

function outline(look: FaceLook, { x, y, top, chinY }: FaceLandmarks): string {
  const { halfWidth: w, halfHeight: h } = look;
  const [jaw, chin] = [w * look.jaw, w * look.chin];
  const half = (side: number): string =>
    `C ${x + side * w * 0.62} ${top} ${x + side * w} ${y - h * 0.66} ${x + side * w} ${y - h * 0.12}`;
  return `M ${x} ${top} ${half(1)} C ${x + w} ${y + h * 0.3} ${x + jaw} ${y + h * 0.58} ${x + chin} ${y + h * 0.9}
    Q ${x + chin * 0.45} ${chinY + 4} ${x} ${chinY + 4} Q ${x - chin * 0.45} ${chinY + 4} ${x - chin} ${y + h * 0.9}
    C ${x - jaw} ${y + h * 0.58} ${x - w} ${y + h * 0.3} ${x - w} ${y - h * 0.12}
    C ${x - w} ${y - h * 0.66} ${x - w * 0.62} ${top} ${x} ${top} Z`;
}

function neck(look: FaceLook, { x, y }: FaceLandmarks): string {
  const half = look.halfWidth * look.neck;
  return `<path d="M ${x - half} ${y + 60} L ${x - half} ${HEAD.height - 30} Q ${x} ${HEAD.height + 10} ${x + half} ${HEAD.height - 30}
    L ${x + half} ${y + 60} Z" fill="url(#throat)"/>`;
}

function front(look: FaceLook, places: FaceLandmarks): string {
  const { x, y } = places;
  const ears = SIDES.map((side) => {
    const [cx, rx, ry] = [x + side * (look.halfWidth + 3), 13 * look.ears, 27 * look.ears];
    return `<ellipse cx="${cx}" cy="${y - 4}" rx="${rx}" ry="${ry}" fill="${css(darker(look.skin, 0.84))}"/>
      <ellipse cx="${cx + side}" cy="${y - 4}" rx="${rx * 0.5}" ry="${ry * 0.6}" fill="${css(darker(look.skin, 0.62))}"/>`;
  });
  const skin = [
    `<path d="${outline(look, places)}" fill="url(#flesh)"/><g clip-path="url(#face)">`,
    relief(look, places),
    nose(look, places),
    mouth(look, places),
    beard(look, places),
    spots(look, places),
    `<rect x="${x - look.halfWidth}" y="${places.top}" width="${look.halfWidth * 2}" height="${look.halfHeight * 2 + 4}" filter="url(#pores)"/></g>`,
  ];
  const eyes = SIDES.map((side) => eye(look, places, side)).join('');
  return [
    hairBehind(look, places),
    neck(look, places),
    ...ears,
    ...skin,
    eyes,
    hairInFront(look, places),
    glasses(look, places),
  ].join('');
}

/** Sockets, cheeks, folds and forehead: all that is only light and shadow. */
function relief(look: FaceLook, { x, y, eyeY, browY, noseY, mouthY, chinY }: FaceLandmarks): string {
  const dark = darker(look.skin, 0.45);
  const { eyes, mouth: m, nose: n } = look;
  const line = (d: string, strength: number, wide: number): string =>
    `<path d="${d}" stroke="${css(dark, strength)}" stroke-width="${wide}" fill="none" filter="url(#soft2)"/>`;
  const both = SIDES.map((side) => {
    const ex = x + side * eyes.apart;
    const fold = `M ${x + side * (n.halfWidth + 6)} ${noseY - 4} Q ${x + side * (m.halfWidth + 22)} ${mouthY - 20} ${x + side * (m.halfWidth + 12)} ${mouthY + 14}`;
    const bag = `M ${ex - eyes.halfWidth} ${eyeY + eyes.halfHeight + 6} Q ${ex} ${eyeY + eyes.halfHeight + 18} ${ex + eyes.halfWidth} ${eyeY + eyes.halfHeight + 6}`;
    return `<ellipse cx="${ex}" cy="${eyeY - 4}" rx="${eyes.halfWidth * 1.45}" ry="26" fill="${css(dark, eyes.depth)}" filter="url(#soft8)"/>
      <ellipse cx="${x + side * look.halfWidth * 0.64}" cy="${y + 62}" rx="22" ry="46" fill="${css(dark, look.cheekbones)}" filter="url(#soft16)"/>
      <ellipse cx="${x + side * look.halfWidth * 0.55}" cy="${y + 34}" rx="30" ry="22" fill="rgba(205,70,70,${look.blush})" filter="url(#soft16)"/>
      ${line(fold, look.folds * 0.8, 4)}${line(bag, eyes.bags, 5)}`;
  });
  const wrinkles = [0, 1, 2].map((i) => {
    const fy = browY - 26 - i * 13;
    return line(`M ${x - 60} ${fy} Q ${x} ${fy - 8} ${x + 60} ${fy}`, look.forehead * 0.5, 3);
  });
  const below = `<ellipse cx="${x}" cy="${mouthY + m.lower + 14}" rx="${m.halfWidth * 0.6}" ry="7" fill="${css(dark, 0.4)}" filter="url(#soft4)"/>
    <ellipse cx="${x}" cy="${chinY - 22}" rx="26" ry="14" fill="${css(lighter(look.skin, 0.3), 0.5)}" filter="url(#soft8)"/>`;
  return both.join('') + wrinkles.join('') + below;
}

function nose(look: FaceLook, { x, eyeY, noseY }: FaceLandmarks): string {
  const { halfWidth: w, bridge, shine, shade } = look.nose;
  const dark = darker(look.skin, 0.42);
  const sides = SIDES.map(
    (
      side,
    ) => `<path d="M ${x + side * (bridge + 5)} ${eyeY - 8} Q ${x + side * (bridge + 2)} ${noseY - 34} ${x + side * w} ${noseY - 8}"
      stroke="${css(dark, shade)}" stroke-width="9" fill="none" filter="url(#soft4)"/>
      <path d="M ${x + side * w} ${noseY - 16} Q ${x + side * (w + 7)} ${noseY - 2} ${x + side * (w - 5)} ${noseY + 3}"
      stroke="${css(dark, 0.65)}" stroke-width="4" fill="none" filter="url(#soft2)"/>
      <ellipse cx="${x + side * w * 0.52}" cy="${noseY + 1}" rx="${w * 0.27}" ry="4.5" fill="${css(darker(look.skin, 0.22), 0.85)}" filter="url(#soft2)"/>`,
  );
  return `<ellipse cx="${x}" cy="${noseY + 8}" rx="${w * 1.15}" ry="7" fill="${css(dark, 0.5)}" filter="url(#soft4)"/>${sides.join('')}
    <ellipse cx="${x}" cy="${(eyeY + noseY) / 2}" rx="${bridge * 0.7}" ry="${(noseY - eyeY) * 0.42}" fill="${css(lighter(look.skin, 0.6), shine)}" filter="url(#soft4)"/>
    <circle cx="${x}" cy="${noseY - 11}" r="${w * 0.36}" fill="${css(lighter(look.skin, 0.6), shine)}" filter="url(#soft4)"/>`;
}

function mouth(look: FaceLook, { x, mouthY: y }: FaceLandmarks): string {
  const { halfWidth: w, upper, lower, smile, teeth } = look.mouth;
  const corners = y - smile;
  const line = darker(look.lips, 0.42);
  const lips = `<path d="M ${x - w} ${corners} Q ${x - w * 0.45} ${y - upper * 1.7} ${x} ${y - upper} Q ${x + w * 0.45} ${y - upper * 1.7} ${x + w} ${corners}
      Q ${x} ${y + smile * 0.6} ${x - w} ${corners} Z" fill="${css(darker(look.lips, 0.82))}"/>
    <path d="M ${x - w} ${corners} Q ${x} ${y + smile * 0.6} ${x + w} ${corners} Q ${x + w * 0.4} ${y + lower * 1.5} ${x} ${y + lower * 1.5}
      Q ${x - w * 0.4} ${y + lower * 1.5} ${x - w} ${corners} Z" fill="${css(look.lips)}"/>
    <ellipse cx="${x}" cy="${y + lower * 0.75}" rx="${w * 0.4}" ry="${lower * 0.3}" fill="${css(lighter(look.lips, 0.5), 0.5)}" filter="url(#soft2)"/>`;
  const between = teeth
    ? `<path d="M ${x - w * 0.82} ${corners + 1} Q ${x} ${y + smile * 0.4} ${x + w * 0.82} ${corners + 1} Q ${x} ${y + lower * 1.1 + smile * 0.5} ${x - w * 0.82} ${corners + 1} Z" fill="#ece7df"/>`
    : '';
  return `${lips}${between}<path d="M ${x - w} ${corners} Q ${x} ${y + smile * 0.6} ${x + w} ${corners}" stroke="${css(line, 0.9)}" stroke-width="3" fill="none"/>`;
}

function beard(look: FaceLook, { x, y, mouthY, chinY }: FaceLandmarks): string {
  const { halfWidth: w } = look;
  const { halfWidth: m, upper, lower } = look.mouth;
  const whole = (strength: number): string =>
    `<path fill-rule="evenodd" d="M ${x - w} ${y + 6} Q ${x - w * 0.6} ${y + 70} ${x - m - 12} ${mouthY - 22} Q ${x} ${mouthY - 30} ${x + m + 12} ${mouthY - 22}
      Q ${x + w * 0.6} ${y + 70} ${x + w} ${y + 6} L ${x + w} ${chinY + 30} L ${x - w} ${chinY + 30} Z
      M ${x - m} ${mouthY - 2} Q ${x} ${mouthY + lower * 3} ${x + m} ${mouthY - 2} Q ${x} ${mouthY - upper * 3} ${x - m} ${mouthY - 2} Z"
      fill="${css(look.hair, strength)}" filter="url(#soft4)"/>`;
  const moustache = `<path d="M ${x - m - 8} ${mouthY + 3} Q ${x - m * 0.5} ${mouthY - 25} ${x} ${mouthY - 18} Q ${x + m * 0.5} ${mouthY - 25} ${x + m + 8} ${mouthY + 3}
    Q ${x} ${mouthY - upper - 5} ${x - m - 8} ${mouthY + 3} Z" fill="${css(look.hair, 0.9)}" filter="url(#soft2)"/>`;
  switch (look.beard) {
    case 'full':
      return whole(0.86);
    case 'stubble':
      return whole(0.36);
    case 'goatee':
      return `${moustache}<ellipse cx="${x}" cy="${mouthY + lower + 30}" rx="${m * 0.75}" ry="26" fill="${css(look.hair, 0.85)}" filter="url(#soft4)"/>`;
    case 'moustache':
      return moustache;
    case 'none':
      return '';
  }
}

function spots(look: FaceLook, { x, y }: FaceLandmarks): string {
  const random = seeded(look.detailSeed);
  const freckles = Array.from(
    { length: look.freckles },
    () =>
      `<circle cx="${x + (random() - 0.5) * 150}" cy="${y + 20 + (random() - 0.5) * 60}" r="${1 + random() * 2}" fill="rgba(110,60,30,0.5)"/>`,
  );
  const mole = `<circle cx="${x + (random() - 0.5) * 140}" cy="${y + 20 + random() * 90}" r="${3 + random() * 3}" fill="rgba(60,30,20,0.9)"/>`;
  return freckles.join('') + (look.mole ? mole : '');
}

function eye(look: FaceLook, { x, eyeY, browY }: FaceLandmarks, side: number): string {
  const { eyes, brows } = look;
  const ex = x + side * eyes.apart;
  const { halfWidth: w, halfHeight: h } = eyes;
  const id = side < 0 ? 'left' : 'right';
  const almond = `M ${ex - w} ${eyeY} Q ${ex} ${eyeY - h * 2} ${ex + w} ${eyeY} Q ${ex} ${eyeY + h * 1.7} ${ex - w} ${eyeY} Z`;
  const upper = `M ${ex - w} ${eyeY} Q ${ex} ${eyeY - h * 2} ${ex + w} ${eyeY}`;
  const r = Math.min(w * 0.52, Math.max(h * 1.05, 9));
  const lidY = eyeY - h + eyes.lid * h * 1.5;
  const ball = `<clipPath id="${id}"><path d="${almond}"/></clipPath><path d="${almond}" fill="#eeeae4"/><g clip-path="url(#${id})">
    <circle cx="${ex}" cy="${eyeY - 1}" r="${r}" fill="${css(look.iris)}"/><circle cx="${ex}" cy="${eyeY - 1}" r="${r * 0.45}" fill="#0a0808"/>
    <circle cx="${ex - 4}" cy="${eyeY - 5}" r="2.6" fill="rgba(255,255,255,0.85)"/>
    <rect x="${ex - w}" y="${eyeY - h * 2}" width="${w * 2}" height="${lidY - eyeY + h * 2}" fill="${css(darker(look.skin, 0.72))}" filter="url(#soft2)"/></g>`;
  const crease = `M ${ex - w * 1.02} ${eyeY - h * 0.5} Q ${ex} ${eyeY - h * 2 - 8} ${ex + w * 1.02} ${eyeY - h * 0.5}`;
  const lids = `<ellipse cx="${ex}" cy="${eyeY - h - 6}" rx="${w * 1.2}" ry="${h + 2}" fill="${css(eyes.shadow, eyes.shadowStrength)}" filter="url(#soft8)"/>
    <path d="${crease}" stroke="${css(darker(look.skin, 0.5), 0.6)}" stroke-width="3" fill="none" filter="url(#soft2)"/>`;
  const lashes = `<path d="${upper}" stroke="#1c1412" stroke-width="${eyes.lashes}" fill="none"/>`;
  const [from, to, t] = [ex - side * w * 1.25, ex + side * w * 1.3, brows.thick];
  const brow = `<path transform="rotate(${side * brows.tiltDeg} ${ex} ${browY})" d="M ${from} ${browY + t * 0.5} Q ${ex} ${browY - brows.arch - t * 0.5} ${to} ${browY + 2}
    Q ${ex} ${browY - brows.arch + t * 0.6} ${from} ${browY + t * 1.1} Z" fill="${css(darker(look.hair, 0.8), brows.strength)}" filter="url(#soft2)"/>`;
  return `<g transform="rotate(${side * eyes.tiltDeg} ${ex} ${eyeY})">${lids}${ball}${lashes}</g>${brow}`;
}

/** Somebody who looks away, in a hood: nothing that could pass for eyes or a mouth. */
function behind(look: FaceLook, { x, y, top }: FaceLandmarks): string {
  const [w, h] = [look.halfWidth + 14, look.halfHeight];
  // Dark hair over shoulders is a face to BlazeFace now and then; light cloth is none.
  const [cloth, fold] = [lighter(look.clothes, 0.5), lighter(look.clothes, 0.35)];
  const folds = Array.from({ length: 13 }, (_, i) => {
    const at = (i - 6) / 7;
    return `<path d="M ${x + at * 12} ${top} Q ${x + at * w * 1.2} ${y - h * 0.4} ${x + at * w * 0.86} ${HEAD.height}" stroke="${css(fold, 0.7)}" stroke-width="5" fill="none"/>`;
  });
  return `<path d="M ${x} ${top - 14} C ${x + w * 0.8} ${top - 14} ${x + w} ${y - h * 0.6} ${x + w} ${y - 6} L ${x + w * 0.92} ${HEAD.height}
    L ${x - w * 0.92} ${HEAD.height} L ${x - w} ${y - 6} C ${x - w} ${y - h * 0.6} ${x - w * 0.8} ${top - 14} ${x} ${top - 14} Z" fill="${css(cloth)}"/>
    ${folds.join('')}`;
}
