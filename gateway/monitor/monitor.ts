/** Gathers the status of every room into /health, the alarms and /metrics. It always answers, also when a room throws. */
import { iso } from '../contracts/time.ts';
import type { Instant } from '../contracts/base.ts';
import { causeOf } from '../contracts/errors.ts';
import type { Problem, Reading, Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';

export interface BoxFacts {
  readonly site: string;
  readonly box: string;
  readonly version: string;
  readonly startedAt: Instant;
}

export class Monitor {
  readonly facts: BoxFacts;
  readonly #rooms: readonly Status[];

  constructor(facts: BoxFacts, rooms: readonly Status[]) {
    this.facts = facts;
    this.#rooms = rooms;
  }

  /** Everything that is wrong now. A room whose status throws is a problem too. */
  problems(): readonly Problem[] {
    return this.#ask();
  }

  /** The answer of /health: the blocks of all rooms by their keys. Times are RFC 3339. */
  health(): { readonly status: 'ok' | 'alarm'; readonly problems: readonly Problem[] } & Readonly<
    Record<string, unknown>
  > {
    const blocks: Record<string, unknown> = {};
    const problems = this.#ask((room) => void Object.assign(blocks, room.health?.()));
    const { site, box, version, startedAt } = this.facts;
    const status = problems.length === 0 ? 'ok' : 'alarm';
    return { status, problems, site, box, version, startedAt: iso(startedAt), ...blocks };
  }

  /** The figures behind /metrics, each read at scrape time. Names and labels are documented in docs/metrics.md. */
  readings(): readonly Reading[] {
    return this.#rooms.flatMap((room) => room.readings?.() ?? []);
  }

  /** What throws in a room costs neither its other answer nor those of other rooms. */
  #ask(alsoOf?: (room: Status) => void): readonly Problem[] {
    const problems: Problem[] = [];
    let unknown: Problem | undefined;
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        unknown ??= problem('health', 'state-unknown', { cause: causeOf(error) });
      }
    };
    for (const room of this.#rooms) {
      attempt(() => void problems.push(...(room.problems?.() ?? [])));
      attempt(() => alsoOf?.(room));
    }
    return unknown ? [...problems, unknown] : problems;
  }
}
