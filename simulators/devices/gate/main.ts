/**
 * A simulated gate to run by hand: its camera shows one visitor after another, with an empty lane between them. Prints one JSON line
 * once it serves, {"url","port","listed"}, and one for each visitor, {"visitor","kind","expected","card"}, whose card (photo in base64)
 * may then be laid on the simulated reader. Ends after the last visitor, or with SIGINT or SIGTERM.
 *
 *   npx node simulators/devices/gate/main.ts --port 8081 --seed 1 --count 20 --every 4 --portraits /tmp/portraits
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openGate } from './gate.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20' },
    /** Seconds from one visitor to the next; half of them stands the lane empty. */
    every: { type: 'string', default: '4' },
    portraits: { type: 'string' },
  },
});

const stop = new AbortController();
// Before the first line is printed: whoever reads it may end us at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const gate = await openGate({
  seed: Number(values.seed),
  count: Number(values.count),
  port: Number(values.port),
  ...(values.portraits === undefined ? {} : { portraits: values.portraits }),
});
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
print({ url: gate.camera.url, port: gate.camera.port, listed: gate.listed });
const pause = async (): Promise<void> => {
  await sleep(Number(values.every) * 500, undefined, { signal: stop.signal }).catch(() => undefined);
};
for (const visitor of gate.visitors()) {
  if (stop.signal.aborted) break;
  await gate.camera.show(visitor);
  const { index, kind, expected, card } = visitor;
  print({ visitor: index, kind, expected, card: { ...card, photo: Buffer.from(card.photo).toString('base64') } });
  await pause();
  await gate.camera.show();
  await pause();
}
await gate.camera.close();
