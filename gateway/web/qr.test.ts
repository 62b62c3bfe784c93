/** What is drawn as a QR code is read back by a decoder that shares no code with the encoder. */
import fc from 'fast-check';
import jsqr from 'jsqr';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { newCode } from '../people/credentials.ts';
import { qrLines, qrModules, qrSvg } from './qr.ts';

const jsQR = jsqr.default;

const MODULE_PX = 4;

/** As a camera would see the modules: true is dark. */
function decoded(modules: readonly (readonly boolean[])[]): string | undefined {
  const side = modules.length * MODULE_PX;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (modules[Math.floor(y / MODULE_PX)]![Math.floor(x / MODULE_PX)]!)
        pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  return jsQR(pixels, side, side, { inversionAttempts: 'dontInvert' })?.data;
}

/** The modules that a terminal with a dark background shows: a filled half is light. */
function shown(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => {
    const cells = [...line];
    return [cells.map((cell) => !'█▀'.includes(cell)), cells.map((cell) => !'█▄'.includes(cell))];
  });
}

const address = (): string => `https://gate-box.lan:8420/display?code=${newCode(7)}`;

it('the lines of a terminal hold the address, whatever it is', () => {
  for (let i = 0; i < 20; i++) {
    const text = address();
    const lines = qrLines(text, { colours: false });
    expect(decoded(shown(lines).slice(0, [...lines[0]!].length))).toBe(text);
  }
});

it('with colours the lines are the same, white on black', () => {
  const text = address();
  const plain = qrLines(text, { colours: false });
  expect(qrLines(text, { colours: true })).toEqual(plain.map((line) => `\u001b[97;40m${line}\u001b[0m`));
});

it('the SVG is the same picture, without anything that a page would run or load', async () => {
  const text = address();
  const svg = qrSvg(text);
  expect(svg).not.toMatch(/script|href|url\(|on\w+=/);
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  expect(jsQR(new Uint8ClampedArray(data), info.width, info.height)?.data).toBe(text);
});

it('any text of printable ASCII comes back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,120}$/), (text) => {
      expect(decoded(qrModules(text))).toBe(text);
    }),
    { numRuns: 50 },
  );
});
