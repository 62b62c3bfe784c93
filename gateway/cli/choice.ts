/** Asks a person to choose one of a few things: by its number in the list, its id, or its name in either language. */
import { named, type Named } from '../contracts/words/names.ts';
import { EXIT_USAGE, Stop } from './exit.ts';
import { say } from './language.ts';
import type { Terminal } from './terminal.ts';

/** Asks again after an answer that is none of them; a script that gave one is told what was expected. */
export async function chosen<Id extends string>(
  terminal: Terminal,
  question: string,
  of: Named,
  ids: readonly Id[],
): Promise<Id> {
  for (;;) {
    const answer = (await terminal.ask(question)).trim().toLowerCase();
    const found = ids.find((id, i) => namesOf(of, id, i).some((name) => name.toLowerCase() === answer));
    if (found !== undefined) return found;
    const why = say('no-such-answer', { answer, most: ids.length });
    if (!terminal.isInteractive) throw new Stop(why, EXIT_USAGE);
    console.error(why);
  }
}

function namesOf(of: Named, id: string, i: number): readonly string[] {
  const { en, zh } = named(of, id);
  return [String(i + 1), id, en, zh];
}
