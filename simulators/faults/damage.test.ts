/** W6: a box whose store has a damaged page serves and names it, with its store or without; it never refuses to start for ever. */
import { expect, test } from 'vitest';
import { PATIENCE_FACTOR } from '../patience.ts';
import { damageStores, type DamageResult } from './damage.ts';

/** `FAULTS_LONG=1`: all of them, as a table. Otherwise those that met the box's own loops: a table, an index of the outbox, the list of tables. */
const LONG = process.env['FAULTS_LONG'] === '1';

test(
  'W6: single damaged pages are served or named, and none goes unnoticed',
  { timeout: 900_000 * PATIENCE_FACTOR },
  async () => {
    const parts = LONG ? undefined : ['hits', 'outboxDue', 'meta', 'sqlite_schema'];
    const results = await damageStores(parts ? { parts, count: parts.length } : { count: 46 });
    if (LONG)
      console.table(
        results.map(({ damage, outcome, push, named }) => ({ damage, outcome, push, named: named.slice(0, 80) })),
      );
    const bad = (r: DamageResult): boolean => r.outcome === 'ends' || r.outcome === 'refuses' || r.named === '';
    expect(results.filter(bad)).toEqual([]);
    // What cannot be written is refused, not lost in silence.
    expect(results.find((r) => r.damage.startsWith('hits '))).toMatchObject({ outcome: 'serves', push: 503 });
    // Which lists the box has had cannot be read any more, so that none is in force: no read is looked up, the camera keeps it, and that is an alarm.
    for (const part of ['meta ', 'sqlite_schema ']) {
      const result = results.find((r) => r.damage.startsWith(part))!;
      expect(result).toMatchObject({ outcome: 'without store', push: 503 });
      expect(result.named).toContain('the box goes on without it');
    }
  },
);
