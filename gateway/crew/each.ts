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

/** What `work` gives of each. Throws the first failure only where that is nothing: what was given must reach those it is for. */
export function gather<I, T>(items: Iterable<I>, work: (item: I) => readonly T[]): readonly T[] {
  const [given, failures]: [T[], unknown[]] = [[], []];
  for (const item of items) {
    try {
      given.push(...work(item));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0 && given.length === 0) throw failures[0];
  return given;
}
