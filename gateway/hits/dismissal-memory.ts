/**
 * Remembers what two people dismissed, so that the same wrong read does not ask them again: in memory only, as a digest under a key made at the
 * start. It silences only `possible` reads, of the same version of the list; an `exact` read always asks.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Hit } from '../contracts/hit.ts';

/** The oldest give way. */
const MAX_REMEMBERED = 10_000;

export class DismissalMemory {
  readonly #key = randomBytes(32);
  readonly #digests = new Set<string>();
  #silenced = 0;

  /** A hit whose state became `dismissed`. */
  remember(hit: Hit): void {
    const digest = this.#digest(hit);
    if (digest === undefined) return;
    this.#digests.add(digest);
    const [oldest] = this.#digests;
    if (this.#digests.size > MAX_REMEMBERED) this.#digests.delete(oldest!);
  }

  /** Whether people dismissed the same read against the same list. Counts each time that it is. */
  silences(hit: Hit): boolean {
    if (this.#digests.size === 0) return false;
    const digest = this.#digest(hit);
    if (digest === undefined || !this.#digests.has(digest)) return false;
    this.#silenced++;
    return true;
  }

  /** Reads that raised no hit, since the start. */
  silenced(): number {
    return this.#silenced;
  }

  /** Undefined for a hit that nothing silences. */
  #digest(hit: Hit): string | undefined {
    if ('document' in hit || hit.certainty !== 'possible') return undefined;
    const { list, entry, read } = hit;
    const parts = JSON.stringify([list.type, list.version, list.sha256, entry, read.text]);
    return createHmac('sha256', this.#key).update(parts).digest('base64');
  }
}
