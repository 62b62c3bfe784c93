/** What is promised under faults, in its long form: parts of the bench, each with its figures as a table, and its bars kept on two cores that do nothing else. */
import { expect, test } from 'vitest';
import { measureFaults } from '../bench/faults.ts';
import { isMet } from '../bench/report.ts';

/** Not `loop`, whose bar the README gives as missed, and not the soak, which takes an hour: `npm run -s bench -- faults --only soak`. */
test.each(['kills', 'damage', 'disk', 'line', 'lock', 'sos', 'cycles'])('%s', async (part) => {
  const measures = await measureFaults(part, () => undefined);
  console.table(measures.map(({ name, value, unit, n, bar }) => ({ name, value, unit, n, ...bar })));
  expect(measures.filter((measure) => isMet(measure) === false)).toEqual([]);
});
