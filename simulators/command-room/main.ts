/**
 * Runs a command room by hand:
 *   npx node simulators/command-room/main.ts [--port 8421] [--file room.db] [--mqtt mqtt://127.0.0.1:1883] [--key key.pem --cert cert.pem]
 *     [--box /sites/SITE/boxes/BOX] [--acknowledge-sos]
 * The environment variable ROOM_SECRET holds the secret; without it one is made and shown. Type a fault's name to switch it on
 * (with a share, e.g. `lost-ack 0.3`), and an empty line to switch it off. A line that begins with `tell` instructs the box:
 *   tell order cam-1,cam-2 go to the north bridge
 *   tell mode emergency 60 landslide on the east road        (60 minutes)
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { RoomFault } from './faults.ts';
import { FAULTS } from './faults.ts';
import { startRoom } from './room.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8421' },
    file: { type: 'string', default: 'room.db' },
    mqtt: { type: 'string' },
    key: { type: 'string' },
    cert: { type: 'string' },
    box: { type: 'string' },
    'acknowledge-sos': { type: 'boolean', default: false },
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
  ...(values.box ? { box: values.box } : {}),
  autoAcknowledgeSos: values['acknowledge-sos'],
  print: say,
});
say(`command room at ${room.url}, keeping what arrives in ${values.file}`);
if (!process.env['ROOM_SECRET']) say(`secret: ${secret}`);
say(`faults: ${FAULTS.join(', ')}`);

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [name, share, ...rest] = line.trim().split(/\s+/);
  if (name === 'tell') {
    const message = instruction(share, rest);
    if (message) room.tell(message);
    say(message ? `told ${message.id}` : 'expected: tell order DEVICE,… TEXT, or tell mode MODE MINUTES REASON');
  } else if (!name) {
    room.fault(undefined);
    say('no fault');
  } else if ((FAULTS as readonly string[]).includes(name)) {
    room.fault(name as RoomFault, share === undefined ? 1 : Number(share));
    say(`fault ${name}, share ${share ?? 1}`);
  } else {
    say(`unknown fault ${name}; expected one of ${FAULTS.join(', ')}`);
  }
});

/** Undefined for neither an order nor a mode. The content is not checked: that is up to the box. */
function instruction(kind: string | undefined, [first = '', ...words]: readonly string[]): RoomMessage | undefined {
  const head = { id: randomBytes(8).toString('hex'), at: Date.now(), by: 'duty officer' };
  if (kind === 'order') return { ...head, kind, order: { text: words.join(' '), to: first.split(',') } };
  if (kind !== 'mode' || !(first === 'normal' || first === 'heightened' || first === 'emergency')) return undefined;
  const [minutes, ...reason] = words;
  const until = head.at + Math.round(Number(minutes) * 60_000);
  return Number.isFinite(until) ? { ...head, kind, mode: first, reason: reason.join(' '), until } : undefined;
}

const stop = (): void => {
  input.close();
  void room.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
