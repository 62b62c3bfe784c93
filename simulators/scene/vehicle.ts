/** Draws vehicles from the front or from behind, each with its plate, as sprites. */
import { plateSize, type PlatePainter } from './plate.ts';
import type { PlateStyle } from './plate-text.ts';
import { pick, type Random } from './random.ts';
import { drawSprite, type Rgb, type Sprite } from './raster.ts';

type VehicleSide = 'front' | 'rear';

export interface VehicleSprite {
  readonly sprite: Sprite;
  readonly widthM: number;
  readonly heightM: number;
  /** The plate within the sprite, metres from its top left corner. */
  readonly plate: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** About that of the nearest vehicle in a scene of 1280 pixels. */
const PX_PER_M = 360;
const MOTORCYCLES: readonly PlateStyle[] = ['motorcycle-yellow', 'motorcycle-blue'];

/** Goods vehicles and coaches carry yellow plates and are drawn as a box on wheels. */
const LARGE: readonly PlateStyle[] = ['standard-yellow', 'standard-yellow-two-line', 'trailer', 'new-energy-large'];

interface VehicleLook {
  readonly plate: string;
  readonly style: PlateStyle;
  readonly view: VehicleSide;
  readonly night: boolean;
  /** Pixels a metre of the sprite, which then has this one size; unless told 360, and half of it, a quarter and so on. */
  readonly pxPerM?: number;
}

export async function drawVehicle(painter: PlatePainter, look: VehicleLook, random: Random): Promise<VehicleSprite> {
  const { pxPerM = PX_PER_M } = look;
  const body = LARGE.includes(look.style) ? TRUCK : MOTORCYCLES.includes(look.style) ? MOTORCYCLE : CAR;
  const { size } = body;
  const mm = plateSize(look.style);
  const picture = await painter.draw(look.plate, look.style, Math.round((mm.widthMm / 1000) * pxPerM));
  if (look.night) dim(picture);
  const left = Math.round((size.width * pxPerM - picture.width) / 2);
  const top = Math.round((size.height - 0.62) * pxPerM - picture.height / 2);
  const colour = shade(pick(random, body.colours), look.night ? 0.3 : 1);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(size.width * pxPerM)}" height="${Math.ceil(size.height * pxPerM)}"
    viewBox="0 0 ${size.width * 1000} ${size.height * 1000}">${body.svg(colour, look.view, look.night)}</svg>`;
  const sprite = await drawSprite(
    svg,
    [{ picture, x: left, y: top }],
    look.pxPerM === undefined ? undefined : Infinity,
  );
  const metres = (px: number): number => px / pxPerM;
  const plate = { x: metres(left), y: metres(top), width: metres(picture.width), height: metres(picture.height) };
  return { sprite, widthM: size.width, heightM: size.height, plate };
}

/** At night a plate is lit by its own lamp or by infrared: darker and with less contrast, still readable. */
function dim(picture: Rgb): void {
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = 14 + picture.data[i]! * 0.68;
}

function shade(hex: string, by: number): string {
  const parts = [1, 3, 5].map((i) => Math.round(Number.parseInt(hex.slice(i, i + 2), 16) * by));
  return `rgb(${parts.join(',')})`;
}

const wheels = (width: number, bottom: number): string =>
  [110, width - 330]
    .map((x) => `<rect x="${x}" y="${bottom - 330}" width="220" height="330" rx="50" fill="#0c0c0e"/>`)
    .join('');

function lamps(view: VehicleSide, night: boolean, places: readonly { x: number; y: number }[]): string {
  const on = view === 'front' ? '#fff8dc' : '#ff2a1a';
  const off = view === 'front' ? '#dfe6ea' : '#8e1712';
  const glow = view === 'front' ? 190 : 110;
  return places
    .map(({ x, y }) => {
      const lamp = `<ellipse cx="${x}" cy="${y}" rx="120" ry="62" fill="${night ? on : off}"/>`;
      return night ? `<circle cx="${x}" cy="${y}" r="${glow}" fill="${on}" opacity="0.28"/>${lamp}` : lamp;
    })
    .join('');
}

function car(colour: string, view: VehicleSide, night: boolean): string {
  const glass = night ? '#07090c' : '#26323c';
  return `${wheels(1800, 1450)}
    <path d="M90 1290 L70 760 Q75 660 200 620 L380 150 Q400 80 520 70 L1280 70 Q1400 80 1420 150 L1600 620 Q1725 660 1730 760 L1710 1290 Z" fill="${colour}"/>
    <path d="M300 600 L440 190 Q455 150 520 148 L1280 148 Q1345 150 1360 190 L1500 600 Z" fill="${glass}"/>
    <rect x="80" y="1080" width="1640" height="220" rx="60" fill="#17191c"/>
    <rect x="560" y="690" width="680" height="12" fill="#000" opacity="0.35"/>
    ${lamps(view, night, [
      { x: 260, y: 730 },
      { x: 1540, y: 730 },
    ])}`;
}

function truck(colour: string, view: VehicleSide, night: boolean): string {
  const glass = night ? '#07090c' : '#2b3842';
  const upper =
    view === 'front'
      ? `<rect x="130" y="420" width="2140" height="860" rx="60" fill="${glass}"/>`
      : `<path d="M1200 120 V1980 M160 300 H2240 M160 1700 H2240" stroke="#000" stroke-width="16" opacity="0.35"/>`;
  return `${wheels(2400, 2900)}
    <rect x="40" y="40" width="2320" height="2560" rx="70" fill="${colour}"/>${upper}
    <rect x="60" y="2040" width="2280" height="520" rx="40" fill="#1a1c1f"/>
    ${lamps(view, night, [
      { x: 330, y: 2180 },
      { x: 2070, y: 2180 },
    ])}`;
}

/** A motorcycle carries its plate behind only, so it is seen from there, without its rider. */
function motorcycle(colour: string, _view: VehicleSide, night: boolean): string {
  const lamp = night ? '#ff2a1a' : '#8e1712';
  return `<rect x="300" y="380" width="200" height="820" rx="90" fill="#0c0c0e"/>
    <path d="M60 130 Q400 40 740 130" fill="none" stroke="#1b1d20" stroke-width="36" stroke-linecap="round"/>
    <path d="M250 300 Q400 170 550 300 L590 480 L540 690 L260 690 L210 480 Z" fill="${colour}"/>
    <path d="M270 210 Q400 150 530 210 L545 300 L255 300 Z" fill="#15161a"/>
    <rect x="270" y="395" width="260" height="80" rx="36" fill="${lamp}"/>
    <rect x="270" y="490" width="260" height="170" fill="#1a1c1f"/>`;
}

const CAR_COLOURS = ['#c9ccd0', '#2a2d33', '#7d1f23', '#e9e9e6', '#3b5a4a', '#5a6a80', '#8c8f94'];
const TRUCK_COLOURS = ['#35507a', '#8a3a2a', '#6f7478', '#3f6650'];

interface Body {
  /** Metres. */
  readonly size: { readonly width: number; readonly height: number };
  readonly colours: readonly string[];
  /** Millimetres. */
  svg(colour: string, view: VehicleSide, night: boolean): string;
}

const CAR: Body = { size: { width: 1.8, height: 1.45 }, colours: CAR_COLOURS, svg: car };
const TRUCK: Body = { size: { width: 2.4, height: 2.9 }, colours: TRUCK_COLOURS, svg: truck };
const MOTORCYCLE: Body = { size: { width: 0.8, height: 1.2 }, colours: CAR_COLOURS, svg: motorcycle };
