import { expect, it } from 'vitest';
import { KINDS, type Kind } from './lines.ts';
import { damageAll, mutationMeasures } from './mutations.ts';

it('damaged packets of every codec trip nothing and misplace nobody', async () => {
  const verdicts = await damageAll(2_000);
  expect(verdicts.flatMap((v) => v.errors)).toEqual([]);
  expect(
    mutationMeasures(verdicts)
      .slice(0, 3)
      .map((m) => m.value),
  ).toEqual([0, 0, 0]);
  // Where the line is mostly whole, positions come through; otherwise there was nothing to be wrong.
  for (const v of verdicts.filter((v) => v.oneIn === 100)) expect(v.believed).toBeGreaterThan(v.sent / 4);
});

it('the count sees a codec that trips and one that misplaces', async () => {
  const [bodycam] = KINDS as [Kind];
  const { device } = bodycam;
  const tripping: Kind = {
    ...bodycam,
    open: (host) => {
      const line = bodycam.open(host) as Awaited<ReturnType<Kind['open']>>;
      return { ...line, feed: (bytes) => void (JSON.parse(Buffer.from(bytes).toString()) as unknown) };
    },
  };
  const misplacing: Kind = {
    ...bodycam,
    open: (host) => {
      const line = bodycam.open(host) as Awaited<ReturnType<Kind['open']>>;
      const feed = (): void =>
        host.report({ device: device.id, at: Date.now(), position: { lat: 10, lon: 10, trusted: true } });
      return { ...line, feed };
    },
  };
  const [tripped, misplaced] = [await damageAll(100, [tripping]), await damageAll(100, [misplacing])];
  expect(mutationMeasures(tripped)[0]!.value).toBeGreaterThan(50);
  expect(mutationMeasures(misplaced)[1]!.value).toBeGreaterThan(50);
});
