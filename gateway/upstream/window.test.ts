import { beforeEach, describe, expect, it } from 'vitest';
import { SendWindow, type SendUnderWay } from './window.ts';

let now: number;
let window: SendWindow;
beforeEach(() => {
  now = 0;
  window = new SendWindow({ min: 4, max: 64, mono: () => now });
});

const fill = (bytes = 0): SendUnderWay[] => {
  const sends: SendUnderWay[] = [];
  while (window.places() > 0 && window.fits(bytes)) sends.push(window.begin(bytes));
  return sends;
};

/** As many rounds as asked for: all places are used, and all are answered after `ms`, which may depend on how many there are. */
function rounds(n: number, ms: (underWay: number) => number, bytes = 0): number[] {
  return Array.from({ length: n }, () => {
    const sends = fill(bytes);
    now += ms(sends.length);
    for (const send of sends) send.end('answered');
    return window.size();
  });
}

describe('W9: the window of sends', () => {
  it('doubles from 4 to 64 while answers come as fast as on the idle line', () => {
    expect(rounds(6, () => 50)).toEqual([8, 16, 32, 64, 64, 64]);
  });

  it('finds how much a room that serves eight at a time can bear, and stays near it', () => {
    const sizes = rounds(200, (underWay) => 50 * Math.ceil(underWay / 8));
    const later = sizes.slice(50);
    expect(Math.max(...later)).toBeLessThan(32);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(8);
  });

  it('halves once for all that fail together, down to 4, and grows by one a round afterwards', () => {
    rounds(4, () => 50);
    for (const send of fill()) send.end('failed');
    expect(window.size()).toBe(32);
    expect(rounds(3, () => 50)).toEqual([33, 34, 35]);
    for (let i = 0; i < 6; i++) for (const send of fill()) send.end('failed');
    expect(window.size()).toBe(4);
  });

  it('does not grow where it is not used, nor by what says nothing about the line', () => {
    for (let i = 0; i < 100; i++) {
      const send = window.begin(0);
      now += 50;
      send.end('answered');
    }
    for (let i = 0; i < 20; i++) for (const send of fill()) send.end('given up');
    expect(window.size()).toBe(4);
    expect(window.underWay()).toBe(0);
  });

  it('shrinks on a line that became slower, and grows again once it knows the line for what it is', () => {
    rounds(4, () => 50);
    const sizes = rounds(60, () => 400);
    expect(Math.min(...sizes)).toBe(4);
    expect(sizes.at(-1)).toBeGreaterThan(30);
  });

  it('begins anew after an outage', () => {
    rounds(4, () => 50);
    window.restart();
    expect(window.size()).toBe(4);
    expect(rounds(2, () => 50)).toEqual([8, 16]);
  });

  it('sends one with pictures at a time over 32 kbit/s, and what has none beside it', () => {
    for (let i = 0; i < 10; i++) {
      const sends = fill(120_000);
      expect(sends).toHaveLength(1);
      expect(window.fits(120_000)).toBe(false);
      expect(window.fits(0)).toBe(true);
      expect(window.places()).toBeGreaterThan(0);
      now += 120_000 / 4;
      sends[0]!.end('answered');
    }
  });

  it('fills a fast line with pictures within a few rounds, and never holds more than 16 MiB of them', () => {
    for (let i = 0; i < 20; i++) rounds(1, () => 100, 120_000);
    expect(fill(120_000).length).toBe(64);
    window = new SendWindow({ min: 64, max: 64, mono: () => now });
    for (let i = 0; i < 20; i++) rounds(1, () => 100, 2 ** 20);
    expect(fill(2 ** 20)).toHaveLength(16);
  });
});
