import { expect, it } from 'vitest';
import { seeded } from '../../../simulators/scene/random.ts';
import { SleepWatch } from './sleep.ts';

const FPS = 25;
const [WIDTH, HEIGHT] = [192, 108];

/** What an empty road costs an encoder: more just after a key picture, and never twice the same. */
interface Road {
  readonly keyEveryS?: number;
  /** Bytes of a predicted picture, on top of the noise of the encoder. */
  readonly extra?: (tS: number) => number;
  /** A box as large as a vehicle, grey level 40, in key pictures. */
  readonly vehicle?: (tS: number) => boolean;
  /** Cells of a swaying tree, or of a clock. */
  readonly draw?: (rgb: Uint8Array, tS: number) => void;
}

function rig({ keyEveryS = 1, extra = () => 0, vehicle = () => false, draw }: Road, maySleep = true) {
  const random = seeded(7);
  let picture = 0;
  const watch = new SleepWatch(maySleep, () => (picture * 1000) / FPS);
  let decoded = 0;
  const frame = (tS: number) => {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3).map(() => 118 + 4 * random());
    if (vehicle(tS)) for (let y = 40; y < 70; y++) rgb.fill(40, (y * WIDTH + 60) * 3, (y * WIDTH + 110) * 3);
    draw?.(rgb, tS);
    return { width: WIDTH, height: HEIGHT, rgb };
  };
  return {
    watch,
    /** Until the clip's second `toS`; returns the seconds at which it woke. */
    playTo: (toS: number, each?: (tS: number) => void): number[] => {
      const woken: number[] = [];
      for (; picture < toS * FPS; picture++) {
        const tS = picture / FPS;
        const place = picture % Math.round(keyEveryS * FPS);
        const usual = 800 * (1 + 1.2 / Math.max(1, place)) * (0.9 + 0.2 * random());
        const bytes = { length: Math.round(place === 0 ? 90_000 : usual + extra(tS)) } as Uint8Array;
        const before = watch.state;
        const isDecoded = watch.take({ codec: 'h264', key: place === 0, bytes });
        if (place === 0 || (isDecoded && picture % 5 === 0)) watch.seen(frame(tS));
        if (before === 'asleep' && watch.state === 'awake') woken.push(tS);
        if (watch.state !== 'asleep') decoded++;
        each?.(tS);
      }
      return woken;
    },
    decodedS: () => decoded / FPS,
  };
}

it('learns what is usual, sleeps, wakes with the first picture of a vehicle, and sleeps when it has gone', () => {
  const { watch, playTo } = rig({ extra: (tS) => (tS >= 20.5 && tS < 23 ? 1500 : 0) });
  expect(playTo(4.5)).toEqual([]);
  expect(watch.state).toBe('awake');
  playTo(6);
  expect(watch.state).toBe('asleep');
  expect(playTo(24.9)).toEqual([20.52]);
  expect(watch.state).toBe('awake');
  playTo(25.2);
  expect(watch.state).toBe('asleep');
  expect(watch.why).toBeUndefined();
});

it('wakes for a vehicle that comes from afar and grows by a few per cent with each picture', () => {
  const { playTo } = rig({ extra: (tS) => (tS < 20 ? 0 : 60 * 1.02 ** ((tS - 20) * FPS)) });
  expect(playTo(24)[0]).toBeLessThan(22.5);
});

it('wakes for what a key picture shows, though no size says it', () => {
  const { playTo } = rig({ vehicle: (tS) => tS >= 20 && tS < 22 });
  expect(playTo(24)).toEqual([20]);
});

it('stays awake while its lane follows a vehicle, and not for ever where it does not', () => {
  const { watch, playTo } = rig({ extra: (tS) => (tS >= 20 && tS < 60 ? 1500 : 0) });
  playTo(21);
  playTo(35, () => watch.keepAwake());
  expect(watch.state).toBe('awake');
  playTo(42);
  expect(watch.state).toBe('awake');
  playTo(60);
  expect(watch.state).toBe('asleep');
});

const sways = (tS: number): number => 1 + Math.sin(tS * 2) * Math.sin(tS * 0.13);
const NOISES = {
  'the noise of its encoder': {},
  'rain that begins': {
    extra: (tS: number) => (tS < 30 ? 0 : 4_000 * (0.9 + 0.2 * (((tS * 7919) % 13) / 13))),
    draw: (rgb: Uint8Array, tS: number) => {
      const random = seeded(Math.round(tS * FPS));
      for (let i = 0; tS >= 30 && i < 60; i++) {
        const [x, y] = [Math.floor(random() * WIDTH), Math.floor(random() * (HEIGHT - 20))];
        for (let k = 0; k < 20; k++) rgb.fill(205, ((y + k) * WIDTH + x) * 3, ((y + k) * WIDTH + x + 1) * 3);
      }
    },
  },
  'a swaying tree': {
    extra: (tS: number) => 300 * sways(tS),
    draw: (rgb: Uint8Array, tS: number) => {
      const left = 10 + Math.round(6 * sways(tS));
      for (let y = 5; y < 40; y++) rgb.fill(60, (y * WIDTH + left) * 3, (y * WIDTH + left + 20) * 3);
    },
  },
  'the clock in the picture': {
    extra: (tS: number) => (Math.abs(tS - Math.round(tS)) < 0.5 / FPS || tS % 1 < 1 / FPS ? 600 : 0),
    draw: (rgb: Uint8Array, tS: number) => {
      for (let y = 2; y < 10; y++)
        rgb.fill(Math.floor(tS) % 2 === 0 ? 250 : 10, (y * WIDTH + 2) * 3, (y * WIDTH + 12) * 3);
    },
  },
} satisfies Readonly<Record<string, Road>>;

it.each(Object.keys(NOISES) as (keyof typeof NOISES)[])('sleeps 95 of 100 seconds beside %s', (noise) => {
  const { playTo, decodedS } = rig(NOISES[noise]);
  playTo(600);
  expect(decodedS() / 600).toBeLessThan(0.05);
});

it('still wakes for a vehicle after a long rain, and after a clock was learnt', () => {
  const passes = (tS: number): number => (tS >= 300.2 && tS < 303 ? 4_000 : 0);
  const rain = NOISES['rain that begins'].extra;
  expect(
    rig({ extra: (tS) => rain(tS) + passes(tS) })
      .playTo(304)
      .at(-1),
  ).toBeLessThan(300.5);
  const clock = NOISES['the clock in the picture'];
  expect(
    rig({ ...clock, extra: (tS) => clock.extra(tS) + passes(tS) })
      .playTo(304)
      .at(-1),
  ).toBeLessThan(300.5);
});

it('does not sleep where key pictures are far apart, and says so', () => {
  const { watch, playTo } = rig({ keyEveryS: 4 });
  playTo(40);
  expect(watch.state).toBe('full');
  expect(watch.why).toContain('key frames are 4 s apart');
  const two = rig({ keyEveryS: 2 });
  two.playTo(12);
  expect(two.watch.state).toBe('asleep');
});

it('does not sleep where vehicles do not show in the sizes, and says so', () => {
  const every20s = (tS: number): boolean => tS >= 20 && tS % 20 < 3;
  const { watch, playTo } = rig({ vehicle: every20s });
  const follow = (tS: number): void => (every20s(tS) ? watch.keepAwake() : undefined);
  playTo(55, follow);
  expect(watch.state).toBe('asleep');
  playTo(75, follow);
  expect(watch.state).toBe('full');
  expect(watch.why).toContain('do not show that something moves');
});

it('does not sleep where the configuration says so', () => {
  const { watch, playTo } = rig({}, false);
  playTo(20);
  expect(watch.state).toBe('full');
  expect(watch.why).toContain('sleep: false');
});

it('leaves MJPEG to what is looked at', () => {
  const { watch } = rig({});
  expect(watch.take({ codec: 'mjpeg', key: true, bytes: new Uint8Array(9) })).toBe(true);
  expect(watch.why).toContain('MJPEG');
});
