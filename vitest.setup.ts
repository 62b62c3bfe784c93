/**
 * Patience for slow machines: how long the tests wait for something grows with how much slower than the maintainers' machine this one is
 * (`vitest.config.ts` measures it). A test says how long it waits on a fast one.
 */
import { expect, vi } from 'vitest';

const factor = Number(process.env.SITEBOX_PATIENCE ?? 1);

interface Waiting {
  readonly timeout?: number;
  readonly interval?: number;
}
type WaitFor = typeof vi.waitFor;
type Poll = typeof expect.poll;

const scaled = (options: number | Waiting | undefined): Waiting => {
  const { timeout = 1_000, ...rest } = typeof options === 'number' ? { timeout: options } : (options ?? {});
  return { ...rest, timeout: timeout * factor };
};
const waitFor: WaitFor = vi.waitFor.bind(vi);
const waitUntil: typeof vi.waitUntil = vi.waitUntil.bind(vi);
const poll: Poll = expect.poll.bind(expect);
const patient: WaitFor = (work, options) => waitFor(work, scaled(options));
const patientUntil: typeof vi.waitUntil = (work, options) => waitUntil(work, scaled(options));
const patientPoll: Poll = (work, options) => poll(work, scaled(options));
Object.assign(vi, { waitFor: patient, waitUntil: patientUntil });
Object.assign(expect, { poll: patientPoll });
