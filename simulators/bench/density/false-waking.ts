/** Empty roads on which something moves all the same: night noise, rain, a tree, the clock in the picture. */
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, share, type Measure } from '../report.ts';
import { falseAlarms } from './clips.ts';
import { startBox } from './box.ts';

const CLIP_S = 20;
/** The box learns first; what is measured is what it has learnt. */
const LEARN_MS = 20_000;
const FOR_MS = 120_000;

export async function measureFalseWaking(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  progress('drawing night, rain, a tree and a clock');
  const clips = await falseAlarms(CLIP_S);
  const ids = Object.keys(clips);
  await using box = await startBox({ folder, cameras: ids.map((id) => ({ id, clip: clips[id]! })) });
  await box.upAt();
  await sleep(LEARN_MS);
  const all = () => Promise.all(ids.map((id) => box.decoded(id)));
  const before = await all();
  progress(`watching for ${FOR_MS / 1000} s`);
  await sleep(FOR_MS);
  const after = await all();
  return ids.map((id, i) => {
    const awakeS = after[i]!.decodedS - before[i]!.decodedS;
    const allS = awakeS + after[i]!.asleepS - before[i]!.asleepS;
    return measure(`awake for ${id}`, share(awakeS, allS), '%', Math.round(allS), { most: 5 });
  });
}
