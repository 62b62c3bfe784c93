/** How many times longer than on the maintainers' machine the tests wait; `vitest.config.ts` measures it. Outside tests 1. */
export const PATIENCE_FACTOR = Number(process.env['SITEBOX_PATIENCE'] ?? 1);
