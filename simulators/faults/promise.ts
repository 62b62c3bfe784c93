/** The promise that is checked after faults: what was committed arrived, once, and nothing else did. Pure. */

export interface ReceivedHit {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly sequence?: number | undefined;
  readonly data: unknown;
}

export interface HitAccount {
  /** Hits that were committed at some moment: found on disk after a kill, or told of in the log. */
  readonly committed: ReadonlySet<string>;
  /** Hits on disk at the end. */
  readonly kept: ReadonlySet<string>;
  /** What the command room holds, in the order in which it came in first. */
  readonly held: readonly ReceivedHit[];
}

const HIT = 'io.sitebox.plate.hit.v2';

/** Every breach of the promise as a sentence; none when it was kept. */
export function breaches({ committed, kept, held }: HitAccount): string[] {
  const hits = held.filter((e) => e.type === HIT);
  const raised = hits.filter((e) => hitOf(e) === e.id);
  const arrived = new Set(raised.map((e) => e.id));
  return [
    ...[...committed].filter((id) => !kept.has(id)).map((id) => `hit ${id} was committed and is not on disk any more`),
    ...[...kept].filter((id) => !arrived.has(id)).map((id) => `hit ${id} never arrived`),
    ...hits.filter((e) => !kept.has(hitOf(e))).map((e) => `hit ${hitOf(e)} arrived and was never committed`),
    ...repeated(held.map((e) => `${e.source} ${e.id}`)).map((key) => `event ${key} is held more than once`),
    ...repeated(raised.map((e) => e.id)).map((id) => `hit ${id} is held more than once`),
    ...outOfOrder(hits),
  ];
}

/** Hits that are on disk and not at the command room yet; for waiting. */
export function missing({ kept, held }: Pick<HitAccount, 'kept' | 'held'>): number {
  const arrived = new Set(held.map((e) => e.id));
  return [...kept].filter((id) => !arrived.has(id)).length;
}

function hitOf(event: ReceivedHit): string {
  return String((event.data as { id?: unknown } | null)?.id);
}

/** Keys that are there already, each time that they come again. */
export function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size === seen.add(key).size);
}

/** The news of one hit come in the order in which they were written. */
function outOfOrder(hits: readonly ReceivedHit[]): string[] {
  const highest = new Map<string, number>();
  return hits.flatMap((e) => {
    const [hit, sequence] = [hitOf(e), e.sequence ?? 0];
    const before = highest.get(hit) ?? 0;
    highest.set(hit, Math.max(before, sequence));
    return sequence < before ? [`news ${e.id} of hit ${hit} came after later ones`] : [];
  });
}
