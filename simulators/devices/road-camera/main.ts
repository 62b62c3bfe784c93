/**
 * A simulated road camera to run by hand or as a child of a demo. Prints one JSON line once it serves:
 * {"url","port","vehicles":[{"plate","style"}]}. Ends with SIGINT or SIGTERM.
 *
 *   npx node simulators/devices/road-camera/main.ts --port 8554 --seed 1 --count 12 --plate 皖A00000
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openScene, randomTraffic, type SceneVehicle } from '../../scene/scene.ts';
import { encodeClip } from '../../scene/clip.ts';
import { startCamera } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    fps: { type: 'string', default: '25' },
    /** Vehicles in the clip, and the pause between them in seconds. */
    count: { type: 'string', default: '8' },
    every: { type: 'string', default: '2.5' },
    /** Plates of the first vehicles that carry blue plates; for a list that is to match. */
    plate: { type: 'string', multiple: true, default: [] },
    night: { type: 'boolean', default: false },
    /** Keeps the clip here, and plays it from here the next time. */
    clip: { type: 'string' },
    user: { type: 'string' },
  },
});

const traffic = randomTraffic(Number(values.seed), { count: Number(values.count), everyS: Number(values.every) });
const vehicles: SceneVehicle[] = traffic.map((vehicle, i) => {
  const plate = values.plate[i];
  return plate === undefined ? vehicle : { ...vehicle, plate, style: 'standard' };
});

async function clipBytes(): Promise<Buffer<ArrayBuffer>> {
  if (values.clip !== undefined && existsSync(values.clip)) return readFileSync(values.clip);
  const scene = await openScene({ seed: Number(values.seed), vehicles, night: values.night });
  const bytes = await encodeClip(scene, { seconds: scene.durationS, fps: Number(values.fps) });
  if (values.clip !== undefined) writeFileSync(values.clip, bytes);
  return bytes;
}

// The password comes by the environment: arguments can be read by everybody on the machine.
const password = process.env['CAMERA_PASSWORD'] ?? '';
const camera = await startCamera({
  clip: await clipBytes(),
  port: Number(values.port),
  fps: Number(values.fps),
  ...(values.user === undefined ? {} : { user: values.user, password }),
});
// Before the line is printed: whoever reads it may end us at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void camera.close());
const shown = vehicles.map(({ plate, style }) => ({ plate, style }));
process.stdout.write(`${JSON.stringify({ url: camera.url, port: camera.port, vehicles: shown })}\n`);
