/** QR codes (ISO/IEC 18004) of addresses that a screen or phone opens: for a terminal, and as a picture for a page. */
import { encode, renderSVG, renderUnicodeCompact } from 'uqr';

/** M survives 15 % of damage: a scratched phone, a reflection on the monitor. Four modules of quiet zone are what the standard asks for. */
const OPTIONS = { ecc: 'M', border: 4 } as const;

/** True for a dark module; with the quiet zone. */
export function qrModules(text: string): readonly (readonly boolean[])[] {
  return encode(text, OPTIONS).data;
}

/**
 * Two rows of modules a line, a character for each column. The filled blocks are the light modules, as on a terminal with a dark background; `colours`
 * sets white on black with the escape sequences of ECMA-48 (8.3.117), so that a terminal with a light background shows the same.
 */
export function qrLines(text: string, { colours }: { readonly colours: boolean }): string[] {
  const lines = renderUnicodeCompact(text, OPTIONS).split('\n');
  return colours ? lines.map((line) => `\u001b[97;40m${line}\u001b[0m`) : lines;
}

export function qrSvg(text: string): string {
  return renderSVG(text, OPTIONS);
}
