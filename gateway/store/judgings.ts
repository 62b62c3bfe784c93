/** What each reviewer opened and read of a hit on the way to an opinion. Kept over restarts, so that the opinion claims what was done, and erased with the hit. */
import type { Id, Sha256 } from '../contracts/base.ts';
import type { ServiceNumber } from '../contracts/people.ts';
import type { Db } from './db.ts';

export interface Judging {
  readonly opened: readonly Sha256[];
  /** At the doubtful positions, before the listed plate was shown. */
  readonly characters?: string;
}

const CHARACTERS = 'judgings.characters';

export function judgingOf(db: Db, hit: Id, who: ServiceNumber): Judging {
  const row = db
    .prepare('SELECT opened, characters FROM judgings WHERE hit = ? AND serviceNumber = ?')
    .get(hit, who) as { opened: string; characters: string | null } | undefined;
  const sealed = row?.characters ?? undefined;
  const characters = sealed === undefined ? undefined : db.sealing.open(CHARACTERS, `${hit} ${who}`, sealed);
  return {
    opened: row === undefined || row.opened === '' ? [] : row.opened.split(' '),
    ...(characters === undefined ? {} : { characters }),
  };
}

export function noteOpened(db: Db, hit: Id, who: ServiceNumber, pictures: readonly Sha256[]): void {
  db.write(() => {
    const opened = [...new Set([...judgingOf(db, hit, who).opened, ...pictures])].join(' ');
    db.prepare(
      `INSERT INTO judgings (hit, serviceNumber, opened) VALUES (@hit, @who, @opened)
       ON CONFLICT (hit, serviceNumber) DO UPDATE SET opened = @opened`,
    ).run({ hit, who, opened });
  });
}

/** The first reading counts: a later one could know the listed plate. Where its key is lost, the next one counts. */
export function noteReading(db: Db, hit: Id, who: ServiceNumber, characters: string): void {
  db.write(() => {
    if (judgingOf(db, hit, who).characters !== undefined) return;
    const sealed = db.sealing.seal(CHARACTERS, `${hit} ${who}`, characters);
    db.prepare(
      `INSERT INTO judgings (hit, serviceNumber, opened, characters) VALUES (@hit, @who, '', @sealed)
       ON CONFLICT (hit, serviceNumber) DO UPDATE SET characters = @sealed`,
    ).run({ hit, who, sealed });
  });
}
