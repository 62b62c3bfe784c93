/**
 * Looks up a plate. Pure; it costs the same for ten entries as for ten thousand.
 *
 * `exact`: every character agrees. `possible`: exactly one character differs, both texts have the same form, and either
 *  - the province alone differs (the character that readers get wrong most), or
 *  - readers confuse the two characters (CONFUSED_WITH), or
 *  - the reader gave the listed character a probability of at least REAL_PROBABILITY at that position.
 * Nothing wider matches: no second difference, no character more or less. Of several possible entries the one whose character
 * the reader found most probable wins. A read of band `reject` matches nothing.
 */
import { CONFUSED_WITH, formOf, isProvincePlace } from '../../contracts/plate-text.ts';
import type { ListEntry, Match } from '../../contracts/list.ts';
import type { PlateRead } from '../../contracts/plate.ts';
import { entryInForce, type LookUpContext } from './entry-in-force.ts';
import type { EntriesByKey } from './packed.ts';

/** Below this an alternative of the reader is noise. */
export const REAL_PROBABILITY = 0.1;

export function matchPlate(index: EntriesByKey, read: PlateRead, where: LookUpContext): Match | undefined {
  if (read.band === 'reject') return undefined;
  const exact = entryInForce(index, read.text, where);
  if (exact) return { entry: exact, certainty: 'exact' };
  let best: { entry: ListEntry; weight: number } | undefined;
  for (const { text, weight } of neighbours(read)) {
    if (best && weight <= best.weight) continue;
    const entry = entryInForce(index, text, where);
    if (entry) best = { entry, weight };
  }
  return best && { entry: best.entry, certainty: 'possible' };
}

/** Every text that a read may stand for, its own left out; about 40 for a plate of 7 characters. Weight: the reader's probability there, 0 if it gave none. */
function* neighbours(read: PlateRead): Generator<{ text: string; weight: number }> {
  const form = formOf(read.text);
  if (!form) return;
  for (const [position, allowed] of form.entries()) {
    const here = read.text[position]!;
    const weights = new Map<string, number>();
    for (const other of isProvincePlace(allowed) ? allowed : (CONFUSED_WITH.get(here) ?? '')) weights.set(other, 0);
    for (const choice of read.alternatives) {
      if (choice.position !== position) continue;
      if (weights.has(choice.character) || choice.probability >= REAL_PROBABILITY) {
        weights.set(choice.character, choice.probability);
      }
    }
    for (const [other, weight] of weights) {
      // A place that holds digits only cannot hold the letter that looks like one.
      if (other === here || other.length !== 1 || !allowed.includes(other)) continue;
      yield { text: read.text.slice(0, position) + other + read.text.slice(position + 1), weight };
    }
  }
}
