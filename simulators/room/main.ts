/**
 * A command room to run by hand:
 *   node simulators/room/main.ts [--port 8421] [--file room.db] [--mqtt mqtt://127.0.0.1:1883] [--key key.pem --cert cert.pem]
 * The secret stands in the environment, ROOM_SECRET; without it one is made and shown. A fault is switched on by typing its name
 * (and a share, e.g. `lost-ack 0.3`), and off by an empty line.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Fault } from './faults.ts';
import { FAULTS } from './faults.ts';
import { startRoom } from './room.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8421' },
    file: { type: 'string', default: 'room.db' },
    mqtt: { type: 'string' },
    key: { type: 'string' },
    cert: { type: 'string' },
  },
});

const say = (line: string): void => console.log(line);
const secret = process.env['ROOM_SECRET'] ?? `whsec_${randomBytes(32).toString('base64')}`;
const room = await startRoom({
  port: Number(values.port),
  secret,
  file: values.file,
  ...(values.key && values.cert
    ? { tls: { key: readFileSync(values.key, 'utf8'), cert: readFileSync(values.cert, 'utf8') } }
    : {}),
  ...(values.mqtt ? { mqtt: { url: values.mqtt } } : {}),
  print: say,
});
say(`command room at ${room.url}, keeping what arrives in ${values.file}`);
if (!process.env['ROOM_SECRET']) say(`secret: ${secret}`);
say(`faults: ${FAULTS.join(', ')}`);

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [name, share] = line.trim().split(/\s+/);
  if (!name) {
    room.fault(undefined);
    say('no fault');
  } else if ((FAULTS as readonly string[]).includes(name)) {
    room.fault(name as Fault, share === undefined ? 1 : Number(share));
    say(`fault ${name}, share ${share ?? 1}`);
  } else {
    say(`unknown fault ${name}; expected one of ${FAULTS.join(', ')}`);
  }
});

const stop = (): void => {
  input.close();
  void room.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
