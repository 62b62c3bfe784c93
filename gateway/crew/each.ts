/** Several things to do of which none waits for the others to succeed. */

/** Does each; throws the first failure when all were tried. */
export function doEach(works: Iterable<() => void>): void {
  const failures: unknown[] = [];
  for (const work of works) {
    try {
      work();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
