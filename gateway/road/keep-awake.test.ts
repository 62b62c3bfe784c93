import { expect, test } from 'vitest';
import { playRoad, read } from './road.fixtures.ts';

const readAt = (x: number) =>
  read('皖A12345', {
    corners: [
      [x, 300],
      [x + 100, 300],
      [x + 100, 333],
      [x, 333],
    ],
  });

test('a camera stays awake for a vehicle that moves, and may sleep before one that stands', async () => {
  let woken = 0;
  const video = {
    keepAwake: () => void woken++,
    decoding: () => ({ state: 'awake', why: undefined, asleepS: 0, decodedS: 0 }) as const,
    packets: () => undefined as never,
  };
  const { see } = playRoad({
    cameras: [{ id: 'cam-1', lane: 'lane-1', views: [{ lane: 'lane-1' }], source: { video } }],
  });
  const during = async (play: () => Promise<void>): Promise<number> => {
    woken = 0;
    await play();
    return woken;
  };
  expect(await during(() => see(0, []))).toBe(0);
  const moves = async (): Promise<void> => {
    for (let i = 0; i < 15; i++) await see(200 + i * 200, [readAt(300 + i * 100)]);
  };
  expect(await during(moves)).toBe(15);
  const stands = async (): Promise<void> => {
    for (let i = 0; i < 60; i++) await see(3_200 + i * 200, [readAt(1_700)]);
  };
  await stands();
  expect(await during(() => see(15_200, [readAt(1_700)]))).toBe(0);
  // It may have gone.
  expect(await during(() => see(15_400, []))).toBe(1);
});
