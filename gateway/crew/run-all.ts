/** Several things to do of which none waits for the others to succeed. */

/** Does each; throws the first failure when all were tried. */
export function runAll(tasks: Iterable<() => void>): void {
  const failures: unknown[] = [];
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** What `work` gives of each. Throws the first failure only where that is nothing: what was given must reach those it is for. */
export function collect<I, T>(items: Iterable<I>, task: (item: I) => readonly T[]): readonly T[] {
  const [results, failures]: [T[], unknown[]] = [[], []];
  for (const item of items) {
    try {
      results.push(...task(item));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0 && results.length === 0) throw failures[0];
  return results;
}
