import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:long [-- FILTER]`: what takes minutes and prints figures. A filter that fits nothing fails. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['{gateway,adapters,models,simulators,systemd}/**/*.long.test.ts', '*.long.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
