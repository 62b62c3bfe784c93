/** Limits how many publishes wait for their PUBACK at one time: later ones wait for a place, first come, first served. */
export type Quota = ReturnType<typeof openQuota>;

export function openQuota(places: number) {
  let used = 0;
  const waiting: (() => void)[] = [];
  const place = (): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      // It goes to the next without becoming free in between.
      const next = waiting.shift();
      if (next) next();
      else used--;
    };
  };
  const take = (): (() => void) => {
    used++;
    return place();
  };
  return {
    /** Takes a place without waiting. What comes back gives it to the next; called again it does nothing. */
    take,
    /** Resolves once there was a place, and has taken it. */
    async taken(): Promise<() => void> {
      if (used < places) return take();
      await new Promise<void>((resolve) => waiting.push(resolve));
      return place();
    },
  };
}
