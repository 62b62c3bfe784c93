/**
 * Which time the box believes, when its clock may jump. The believed time goes by the clock while that moves as the monotonic time of the
 * system does, stands still while the clock is a little behind it, and goes by the monotonic time alone while the clock is far behind or has
 * jumped ahead. A jump ahead is believed once it has lasted, two sources speak for it and none against it, or a person says so. Pure.
 */
import type { Instant } from '../contracts/base.ts';

/** Further ahead at once is a jump: NTP steps less than that on a clock that was set. */
export const MAX_STEP_MS = 5 * 60_000;
/** A jump has to last so long before sources are asked. */
export const MIN_LASTED_MS = 5 * 60_000;
export const MIN_SOURCES = 2;

export interface TimeSource {
  /** `NTP`, `the list office`, `room hq`. */
  readonly name: string;
  /** Whether the clock, which has jumped, is right: false is a veto, undefined is for want of anything to say. */
  speaksFor(wall: Instant, jump: ClockJump): boolean | undefined;
}

export interface ClockJump {
  /** How far the clock stands ahead of the believed time. */
  readonly aheadMs: number;
  readonly lastedMs: number;
}

export class BelievedTime {
  #time: Instant;
  /** When `#time` was the time. */
  #mono: number;
  /** The last look. */
  #looked: number;
  #jump: { readonly since: number; readonly offset: number } | undefined;

  /** `kept`: the time believed last, before a restart. Without it the clock is all there is. */
  constructor(kept: Instant | undefined, wall: Instant, mono: number) {
    this.#time = kept ?? wall;
    this.#mono = mono;
    this.#looked = mono;
    this.look(wall, mono);
  }

  /** At the last look. Never goes back but by `set`. */
  get time(): Instant {
    return this.#time;
  }

  look(wall: Instant, mono: number): void {
    // In whole seconds, so that instants stay whole; the rest counts at the next look.
    const passed = Math.floor(Math.max(0, mono - this.#mono) / 1000) * 1000;
    const expected = this.#time + passed;
    this.#looked = Math.max(mono, this.#looked);
    if (wall > expected + MAX_STEP_MS) {
      const offset = wall - mono;
      const same = this.#jump && Math.abs(offset - this.#jump.offset) <= MAX_STEP_MS;
      if (!same) this.#jump = { since: mono, offset };
      this.#goOn(passed);
      return;
    }
    this.#jump = undefined;
    if (wall < expected - MAX_STEP_MS) this.#goOn(passed);
    else {
      this.#time = Math.max(this.#time, wall);
      this.#mono = this.#looked;
    }
  }

  #goOn(passed: number): void {
    this.#time += passed;
    this.#mono += passed;
  }

  /** While the clock has jumped ahead and is not believed. */
  jump(wall: Instant): ClockJump | undefined {
    if (!this.#jump) return undefined;
    return { aheadMs: wall - this.#time, lastedMs: this.#looked - this.#jump.since };
  }

  /** Believes a jump that has lasted, and that enough sources speak for and none against. */
  weigh(wall: Instant, sources: readonly TimeSource[]): void {
    const jump = this.jump(wall);
    if (!jump || jump.lastedMs < MIN_LASTED_MS) return;
    const answers = sources.map((source) => source.speaksFor(wall, jump));
    if (answers.includes(false) || answers.filter((answer) => answer === true).length < MIN_SOURCES) return;
    this.set(wall, wall, this.#looked);
  }

  /** Somebody says which time it is; it may lie before the one believed. */
  set(time: Instant, wall: Instant, mono: number): void {
    this.#time = time;
    this.#mono = mono;
    this.#jump = undefined;
    this.look(wall, mono);
  }
}
