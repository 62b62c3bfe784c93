/** What /health and the alarms say of the keys that the store is sealed with. */
import { single, type Problem, type Status } from '../../contracts/status.ts';
import { problem } from '../../contracts/words/problem.ts';
import { joined, words, type Value } from '../../contracts/words/words.ts';
import type { Db } from '../db.ts';
import { lostKeys, lostRows, unacceptedKeys } from './lost-keys.ts';

export function sealingStatus(db: Db): Status {
  let counted = '';
  let rows: Value = '';
  /** Counted once for each set of lost keys: that reads whole tables. */
  const lostText = (ids: readonly string[]): Value => {
    if (counted === ids.join()) return rows;
    counted = ids.join();
    const lost = Object.entries(lostRows(db, ids));
    // The same in both languages: an alarm is found again in the store by its English text alone.
    rows = lost.length === 0 ? words('seal-lost-none') : lost.map(([column, n]) => `${column} ${n}`).join(', ');
    return rows;
  };
  return {
    problems(): Problem[] {
      const ids = unacceptedKeys(db);
      if (ids.length === 0) return [];
      const files = db.sealing.keys.unreadable.map(({ file, why }) =>
        words('seal-file-unreadable', { file, cause: why }),
      );
      const causes = joined(files, { en: '', zh: '' });
      return [problem('seal-key-lost', 'seal-key-lost', { rows: lostText(ids), causes })];
    },
    readings: () => [
      single(
        'sitebox_seal_key_in_file',
        'gauge',
        '1 while the key of the store lies in a file beside it, so that theft of the box opens everything',
        () => Number(db.sealing.keys.kept === 'file'),
      ),
    ],
    health: () => ({
      sealing: {
        key: db.sealing.keys.kept,
        theftOpensAll: db.sealing.keys.kept !== 'credential',
        lostKeys: lostKeys(db),
      },
    }),
  };
}
