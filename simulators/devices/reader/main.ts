/**
 * An identity-card reader to play with:
 *   npx node simulators/devices/reader/main.ts [--pty /tmp/reader | --tcp 4700] [--reads-once]
 * Commands are lines: `lay`, `lay J`, `lay I`, `lay Y` (a new card of nobody), `again` (the last one), `lift`, a fault by its name,
 * an empty line for no fault.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { seeded } from '../../scene/random.ts';
import { CARD_KINDS, randomCard, type Card } from './cards.ts';
import { READER_FAULTS, startReader } from './reader.ts';

const { values } = parseArgs({
  options: {
    pty: { type: 'string' },
    tcp: { type: 'string', default: '0' },
    'reads-once': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

const say = (line: string): void => console.log(line);
const random = seeded(Number(values.seed));
const place = values.pty === undefined ? { tcp: Number(values.tcp) } : { pty: values.pty };
const reader = await startReader(place, { readsOnce: values['reads-once'] });
say(`identity-card reader at ${reader.address}`);
say(`commands: lay [J|I|Y], again, lift; faults: ${READER_FAULTS.join(', ')}; an empty line ends a fault`);

let last: Card | undefined;
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [word = '', flag = 'resident'] = line.trim().split(/\s+/);
  const kind = CARD_KINDS.find((k) => k === flag);
  const fault = READER_FAULTS.find((f) => f === line.trim());
  if (word === '') reader.fault(undefined);
  else if (fault) reader.fault(fault);
  else if (word === 'lift') reader.removeCard();
  else if (word === 'lay' && kind) reader.placeCard((last = randomCard(random, kind)));
  else if (word === 'again' && last) reader.placeCard(last);
  else return say(`not understood: ${line}`);
  say(word === 'lay' || word === 'again' ? `card ${last?.number} lies there` : line.trim() || 'no fault');
});

const stop = (): void => {
  input.close();
  void reader.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
