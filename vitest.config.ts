import { defineConfig } from 'vitest/config';

// Tests speak to real processes (ffmpeg, brokers, child gateways); two cores carry two files at a time.
export default defineConfig({
  test: {
    include: ['{gateway,adapters,models,simulators,systemd}/**/*.test.ts', '*.test.ts'],
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
