/** Eight cameras before an empty road: what each costs asleep, and with every picture decoded. */
import { measure, type Measure } from '../report.ts';
import { emptyClip } from './clips.ts';
import { processorsUsed, startBox, until } from './box.ts';

const CAMERAS = 8;
const FOR_MS = 25_000;
const MAX_START_MS = 40_000;

export async function measureIdle(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  progress('drawing an empty road');
  const clip = await emptyClip();
  const cameras = Array.from({ length: CAMERAS }, (_, i) => ({ id: `cam-${i + 1}`, clip, fromS: i }));
  const run = async (name: string, keys: object, state: string) => {
    progress(`${CAMERAS} cameras, ${state}`);
    await using box = await startBox({ folder: `${folder}/${name}`, cameras, keys });
    await box.upAt();
    await until(async () => (await box.states()).every((s) => s === state), MAX_START_MS);
    const used = await processorsUsed(box, FOR_MS);
    const states = await box.states();
    return { ...used, memory: box.memoryMiB(), inState: states.filter((s) => s === state).length };
  };
  const asleep = await run('asleep', {}, 'asleep');
  const full = await run('full', { sleep: false }, 'full');
  const cores = (used: number): number => Math.round((used / CAMERAS) * 10_000) / 10_000;
  return [
    measure('an idle camera', cores(asleep.box), 'of a core', CAMERAS, { most: 0.035 }),
    measure('the same, every picture decoded', cores(full.box), 'of a core', CAMERAS),
    measure('asleep against decoded', Math.round((asleep.box / full.box) * 100), '%', CAMERAS),
    measure('cameras asleep at the end', asleep.inState, `of ${CAMERAS}`, CAMERAS, { least: CAMERAS }),
    measure('the simulated cameras, each', cores(asleep.simulators), 'of a core', CAMERAS),
    measure('memory of the box, children included', Math.round(asleep.memory), 'MiB', CAMERAS, { most: 900 }),
  ];
}
