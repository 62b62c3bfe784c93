/** How long the event loop was held up at most between two calls: for tests and the bench. */
export function watchLoop(everyMs = 5): { stop(): number } {
  let longest = 0;
  let due = performance.now() + everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - due);
    due = now + everyMs;
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(longest, performance.now() - due);
    },
  };
}
