/** Which clients use the token of one lane display: two at a time are a copied token, or a screen that somebody has to know of. */
import type { Id, Instant } from '../contracts/base.ts';
import type { Problem } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';

/** Two clients within this time are two screens, not one that got another address. */
export const SHARED_MS = 10 * 60_000;
const MAX_CLIENTS = 8;

interface DisplayClients {
  readonly lane: string;
  /** The last use of each, the newest last. */
  readonly last: Map<string, Instant>;
}

export class TokenClients {
  readonly #displays = new Map<Id, DisplayClients>();

  /** `client`: what tells one browser from another, such as its address and a name of its own. */
  note({ id, lane }: { readonly id: Id; readonly lane: string }, client: string, now: Instant): void {
    const display = this.#displays.get(id) ?? { lane, last: new Map<string, Instant>() };
    this.#displays.set(id, display);
    display.last.delete(client);
    display.last.set(client, now);
    if (display.last.size > MAX_CLIENTS) display.last.delete(display.last.keys().next().value!);
  }

  forget(id: Id): void {
    this.#displays.delete(id);
  }

  problems(now: Instant): Problem[] {
    return [...this.#displays].flatMap(([id, { lane, last }]) => {
      const recent = [...last.values()].filter((at) => now - at < SHARED_MS);
      return recent.length < 2 ? [] : [problem(`display-shared:${lane}:${id}`, 'display-shared', { lane })];
    });
  }
}
