/** What a plate camera reports of a plate, as a read like those of the box itself. */
import { plateKindOf } from '../contracts/plate-text.ts';
import type { PushedRead } from '../contracts/push.ts';
import type { PlateRead } from '../contracts/plate.ts';

/** From this confidence on the camera's read is accepted. Its confidence is not calibrated; integrations treat less as doubtful. */
const SURE_CONFIDENCE = 0.8;
/** Of a camera that gives none: a person has to compare, unless the box reads the same in the scene. */
const UNKNOWN_CONFIDENCE = 0.5;
const NOWHERE = [0, 0] as const;

/** `text` is canonical and has a form. The camera names no alternatives, and no place in a picture. */
export function toPlateRead(text: string, { confidence, colour }: PushedRead): PlateRead {
  const probability = confidence ?? UNKNOWN_CONFIDENCE;
  const kind = plateKindOf(text) ?? 'standard';
  return {
    text,
    kind,
    colour,
    probability,
    // Of the two-line kinds, only a trailer's text tells that it has two lines.
    lines: kind === 'trailer' ? 2 : 1,
    band: probability >= SURE_CONFIDENCE ? 'accept' : 'check',
    characters: Array.from(text, () => probability ** (1 / text.length)),
    alternatives: [],
    corners: [NOWHERE, NOWHERE, NOWHERE, NOWHERE],
    sharpness: 0,
  };
}
