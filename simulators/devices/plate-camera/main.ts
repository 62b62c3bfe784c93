/**
 * A simulated plate camera to run by hand: draws a vehicle, pushes what it "read" of it, and says how it was answered.
 *
 *   CAMERA_PASSWORD=… npx node simulators/devices/plate-camera/main.ts dahua --port 8431 --user camera --plate 皖A00000 --every 5
 *   npx node simulators/devices/plate-camera/main.ts hikvision --port 8432 --path /8f2c… --count 3 --triggers 3 --fault truncated
 *
 * Ends after `--count` vehicles, or with SIGINT or SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openPushClient } from './client.ts';
import { drawPass } from './pictures.ts';
import { dahuaHeartbeat, dahuaPush, hikvisionHeartbeat, hikvisionPush, PUSH_FAULTS, spoil } from './push.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string' },
    path: { type: 'string', default: '/' },
    user: { type: 'string' },
    plate: { type: 'string', default: '皖A00000' },
    count: { type: 'string', default: '1' },
    /** Seconds between vehicles. */
    every: { type: 'string', default: '5' },
    /** Messages for one vehicle, half a second apart. */
    triggers: { type: 'string', default: '1' },
    /** Before the plate, as firmware for China writes it (hikvision): 蓝, 黄, 黄绿, … */
    'colour-in-plate': { type: 'string' },
    /** Hours the camera's clock is off. */
    'clock-off': { type: 'string', default: '0' },
    /** Minutes that the camera had kept the reads before it sends them. */
    'late-min': { type: 'string', default: '0' },
    fault: { type: 'string' },
  },
});

const vendor = positionals[0];
const fault = PUSH_FAULTS.find((f) => f === values.fault);
if ((vendor !== 'hikvision' && vendor !== 'dahua') || values.port === undefined || (values.fault && !fault)) {
  console.error(
    `usage: main.ts hikvision|dahua --port PORT [--path /SECRET] [--user NAME] [--plate TEXT] [--fault ${PUSH_FAULTS.join('|')}]`,
  );
  process.exit(2);
}

// The password comes by the environment: arguments can be read by everybody on the machine.
const password = process.env['CAMERA_PASSWORD'] ?? '';
const login = values.user === undefined ? {} : { login: { user: values.user, password } };
const client = openPushClient({ host: values.host, port: Number(values.port), ...login });
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());

const pause = (seconds: number): Promise<void> =>
  sleep(seconds * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
const say = async (what: string, push: Parameters<typeof client.send>[0]): Promise<void> => {
  const answer = await client.send(push).catch((error: unknown) => String(error));
  console.log(typeof answer === 'string' ? `${what}: ${answer}` : `${what}: ${answer.status} ${answer.body.trim()}`);
};

const pictures = await drawPass(values.plate, 1);
await say('heartbeat', vendor === 'dahua' ? dahuaHeartbeat() : hikvisionHeartbeat(values.path));
for (let i = 0; i < Number(values.count) && !ending.signal.aborted; i++) {
  for (let trigger = 0; trigger < Number(values.triggers) && !ending.signal.aborted; trigger++) {
    const late = Number(values['late-min']);
    const at = new Date(Date.now() + Number(values['clock-off']) * 3_600_000 - late * 60_000);
    const seen = {
      plate: values.plate,
      at,
      confidence: 98,
      colour: 'blue',
      ...(late > 0 && { late: true as const }),
      ...pictures,
    };
    const inPlate = values['colour-in-plate'];
    const options = { path: values.path, ...(inPlate === undefined ? {} : { colourInPlate: inPlate }) };
    const push = vendor === 'dahua' ? dahuaPush(seen) : hikvisionPush(seen, options);
    await say(`vehicle ${i + 1}`, fault ? spoil(push, fault) : push);
    if (trigger + 1 < Number(values.triggers)) await pause(0.5);
  }
  if (i + 1 < Number(values.count)) await pause(Number(values.every));
}
client.close();
