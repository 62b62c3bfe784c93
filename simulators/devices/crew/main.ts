/**
 * A fleet to run by hand; README.md has examples. Devices are body-1 …, car-1 …, drone-1 …, truck-1 …, kite-1 … and jeep-1 …
 *   npx node simulators/devices/crew/main.ts --broker mqtt://127.0.0.1:1883 --bodycams 20 --vehicles 4 --drones 2 --register sitebox.yaml
 *   npx node simulators/devices/crew/main.ts --jt808 127.0.0.1:7018 --trucks 5 --mavlink 127.0.0.1:14550 --kites 1 --jeeps 1
 * Typed at it: `sos DEVICE`, `cancel DEVICE`, `battery DEVICE PERCENT`, `fault DEVICE NAME`, `well DEVICE NAME`, `leave DEVICE`,
 * `come DEVICE`. Ends with SIGINT or SIGTERM.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { CrewDevice } from '../../../gateway/contracts/crew.ts';
import { FAULTS, startFleet, type DeviceEvent, type Fault, type Fleet, type FleetDevice } from './fleet.ts';
import { registerDevices } from '../../product/register-devices.ts';

const { values } = parseArgs({
  options: {
    broker: { type: 'string' },
    ca: { type: 'string' },
    jt808: { type: 'string' },
    mavlink: { type: 'string' },
    bodycams: { type: 'string', default: '0' },
    vehicles: { type: 'string', default: '0' },
    drones: { type: 'string', default: '0' },
    trucks: { type: 'string', default: '0' },
    kites: { type: 'string', default: '0' },
    jeeps: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    interval: { type: 'string', default: '10' },
    within: { type: 'string', default: '2' },
    base: { type: 'string', default: '30.2741,120.1551' },
    /** `DEVICE:NAME`, e.g. `body-3:clock off`; several times. */
    fault: { type: 'string', multiple: true, default: [] },
    /** Lines of `id,password`. */
    credentials: { type: 'string', default: 'crew.csv' },
    /** Configuration of a box: devices without a password are registered there first. */
    register: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

function roster(): CrewDevice[] {
  const many = (
    count: string,
    name: string,
    kind: CrewDevice['kind'],
    protocol: CrewDevice['protocol'],
    serials: (n: string) => string[] = () => [],
  ) =>
    Array.from({ length: Number(count) }, (_, i): CrewDevice => {
      const n = String(i + 1).padStart(3, '0');
      return { id: `${name}-${i + 1}`, kind, role: 'officer', protocol, serials: serials(n) };
    });
  return [
    ...many(values.bodycams, 'body', 'bodycam', 'bodycam'),
    ...many(values.vehicles, 'car', 'vehicle', 'bodycam'),
    ...many(values.drones, 'drone', 'drone', 'dji', (n) => [`SIMRC${n}`, `SIMUAV${n}`]),
    ...many(values.trucks, 'truck', 'vehicle', 'jt808', (n) => [`19900000${n}`, `SIM${n}`]),
    ...many(values.kites, 'kite', 'drone', 'mavlink', (n) => [String(Number(n))]),
    ...many(values.jeeps, 'jeep', 'vehicle', 'nmea'),
  ];
}

async function passwords(devices: readonly CrewDevice[]): Promise<Map<string, string>> {
  const file = values.credentials;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const credentials = new Map(
    lines.flatMap((line) => (line.includes(',') ? [line.split(',', 2) as [string, string]] : [])),
  );
  if (values.register === undefined) return credentials;
  const missing = devices.filter((d) => !credentials.has(d.id));
  if (missing.length > 0) console.log(`registering ${missing.length} devices in ${values.register}`);
  for (const device of missing) {
    const password = (await registerDevices(values.register, [device])).get(device.id) ?? '';
    credentials.set(device.id, password);
    // After each: a password is not shown again.
    writeFileSync(file, [...credentials].map((pair) => `${pair.join(',')}\n`).join(''), { mode: 0o600 });
  }
  return credentials;
}

function addressOf(text: string | undefined) {
  const [host = '', port] = text?.split(/:(?=\d+$)/) ?? [];
  return text === undefined ? undefined : { host, port: Number(port) };
}

function faultsOf(id: string): Fault[] {
  const named = values.fault.flatMap((f) => (f.startsWith(`${id}:`) ? [f.slice(id.length + 1)] : []));
  return named.map((name) => faultNamed(name));
}

function faultNamed(name: string): Fault {
  const fault = FAULTS.find((f) => f === name);
  if (!fault) throw new Error(`there is no fault ${name}; expected one of ${FAULTS.join(', ')}`);
  return fault;
}

function wordsOf(event: DeviceEvent): string {
  switch (event.what) {
    case 'refused':
      return `refused: ${event.why}`;
    case 'command':
      return `told ${JSON.stringify(event.command)}`;
    case 'called':
      return event.state === 'raised' ? 'calls for help' : 'withdraws its call';
    case 'acknowledged':
      return 'its call is acknowledged';
    case 'answered':
      return `order ${event.order} ${event.state}`;
    case 'connected':
    case 'disconnected':
      return event.what;
  }
}

function obey(fleet: Fleet, line: string): void {
  const [verb, id = '', ...rest] = line.trim().split(/\s+/);
  const verbs: Readonly<Record<string, (device: FleetDevice) => unknown>> = {
    sos: (device) => device.sos(),
    cancel: (device) => device.cancel(),
    battery: (device) => device.set({ batteryPercent: Number(rest[0]) }),
    fault: (device) => device.fault(faultNamed(rest.join(' ')), true),
    well: (device) => device.fault(faultNamed(rest.join(' ')), false),
    leave: (device) => device.disconnect(),
    come: (device) => device.connect(),
  };
  const act = verb !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  try {
    if (act) act(fleet.device(id));
    else if (line.trim() !== '') console.log(`expected one of ${Object.keys(verbs).join(', ')}`);
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
  }
}

const devices = roster();
if (devices.length === 0) {
  console.error('name how many: --bodycams, --vehicles, --drones, --trucks, --kites, --jeeps');
  process.exit(64);
}
const mistyped = values.fault.find((f) => !FAULTS.some((name) => f.endsWith(`:${name}`)));
if (mistyped !== undefined) {
  console.error(`--fault ${mistyped}: expected DEVICE:NAME with one of ${FAULTS.join(', ')}`);
  process.exit(64);
}
const credentials = await passwords(devices);
const [lat, lon] = values.base.split(',').map(Number);
const [jt808, mavlink] = [addressOf(values.jt808), addressOf(values.mavlink)];
const ca = values.ca === undefined ? {} : { ca: readFileSync(values.ca, 'utf8') };
const fleet = await startFleet({
  seed: Number(values.seed),
  devices: devices.map(({ id, kind, protocol, serials }) => {
    return { id, kind, protocol, serials, credential: credentials.get(id) ?? '', faults: faultsOf(id) };
  }),
  ...(values.broker === undefined ? {} : { broker: { url: values.broker, ...ca } }),
  ...(jt808 ? { jt808 } : {}),
  ...(mavlink ? { mavlink } : {}),
  intervalS: Number(values.interval),
  startWithinS: Number(values.within),
  base: { lat: lat!, lon: lon! },
});
for (const device of fleet.devices) {
  const { id } = device.spec;
  if (device.address !== undefined) console.log(`${id}  is read at ${device.address}`);
  if (!values.quiet) device.follow((event) => console.log(`${id}  ${wordsOf(event)}`));
}
const input = createInterface({ input: process.stdin });
input.on('line', (line) => obey(fleet, line));
const counting = setInterval(() => console.log(JSON.stringify(fleet.counts())), 10_000);
const stop = (): void => {
  clearInterval(counting);
  input.close();
  void fleet.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
