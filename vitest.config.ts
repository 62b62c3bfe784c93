import { createHash } from 'node:crypto';
import { defineConfig } from 'vitest/config';

/** What `work` below takes on a quiet core of the machine on which the limits were chosen, in milliseconds. */
const REFERENCE_MS = 60;
const MAX_PATIENCE = 16;

/** How many times slower this machine is now than that one, at least 1: load counts, a single slow moment does not (median of five). */
function slowness(): number {
  const work = (): number => {
    const start = performance.now();
    let text = '';
    for (let i = 0; i < 60_000; i++) text = createHash('sha256').update(`${text}${i}`).digest('hex');
    return performance.now() - start;
  };
  work();
  const median = Array.from({ length: 5 }, work).sort((a, b) => a - b)[2]!;
  return Math.min(MAX_PATIENCE, Math.max(1, median / REFERENCE_MS));
}

export const patience = Number(process.env['SITEBOX_PATIENCE'] ?? slowness().toFixed(1));

// Tests speak to real processes (ffmpeg, brokers, child gateways); two cores carry two files at a time.
export default defineConfig({
  test: {
    include: ['{gateway,adapters,models,simulators,systemd}/**/*.test.ts', '*.test.ts'],
    exclude: ['**/*.long.test.ts', '**/node_modules/**'],
    // What the tests read is English, wherever they run.
    env: { ORT_DISABLE_TELEMETRY: '1', SITEBOX_PATIENCE: String(patience), LC_ALL: 'C.UTF-8' },
    globalSetup: ['./vitest.global.ts'],
    setupFiles: ['./vitest.setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000 * patience,
    hookTimeout: 120_000 * patience,
  },
});
