/** What each reviewer opened and read of a hit, so that the opinion carries what the box saw and not what a page says. */
import type { Id, Sha256 } from '../../contracts/base.ts';
import type { ServiceNumber } from '../../contracts/people.ts';

/** Reviewer and hit. Beyond it the one untouched longest is forgotten: its pictures are opened again. */
const MAX_JUDGINGS = 1_000;

interface Judging {
  readonly opened: Set<Sha256>;
  /** At the doubtful positions, before the listed plate was shown. */
  characters?: string;
}

export class Judgings {
  /** Longest untouched first. */
  readonly #all = new Map<string, Judging>();

  noteOpened(who: ServiceNumber, hit: Id, picture: Sha256): void {
    this.#of(who, hit).opened.add(picture);
  }

  /** The first reading counts: a later one could know the listed plate. */
  noteReading(who: ServiceNumber, hit: Id, characters: string): void {
    this.#of(who, hit).characters ??= characters;
  }

  opened(who: ServiceNumber, hit: Id): readonly Sha256[] {
    return [...(this.#all.get(keyOf(who, hit))?.opened ?? [])];
  }

  characters(who: ServiceNumber, hit: Id): string | undefined {
    return this.#all.get(keyOf(who, hit))?.characters;
  }

  #of(who: ServiceNumber, hit: Id): Judging {
    const key = keyOf(who, hit);
    const judging = this.#all.get(key) ?? { opened: new Set<Sha256>() };
    this.#all.delete(key);
    this.#all.set(key, judging);
    if (this.#all.size > MAX_JUDGINGS) this.#all.delete(this.#all.keys().next().value!);
    return judging;
  }
}

function keyOf(who: ServiceNumber, hit: Id): string {
  return `${who} ${hit}`;
}
