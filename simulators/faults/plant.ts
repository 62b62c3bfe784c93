/** A box in which a promise that nobody waits for rejects, as a part of it would do it: `node plant.ts CONFIG PART`. */
import { program } from '../../sitebox.ts';
import { start } from '../../gateway/cli/start.ts';

const [configFile = '', part = ''] = process.argv.slice(2);
await start(configFile, program, ({ supervisor }) => {
  supervisor.attempt(part, () => {
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- that is what is tried here
    Promise.reject(new Error('planted'));
  });
});
