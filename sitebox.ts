/** The whole program on one screen: adapters, models and the demo are handed to the command line, which knows none of them by itself. */
import * as adapters from './adapters/index.ts';
import { main } from './gateway/cli/index.ts';
import type { Program } from './gateway/contracts/program.ts';
import { openModels } from './models/index.ts';

export const program: Program = {
  adapters,
  models: openModels(),
  // Without a configuration there is nothing to run but the demo, which is made of simulators.
  demo: async () => (await import('./simulators/demo/demo.ts')).demo(),
};

export function sitebox(argv: readonly string[]): Promise<void> {
  return main(argv, program);
}
