import { afterEach, describe, expect, it, vi } from 'vitest';
import { envelope, ENVELOPES, zoneOfNobody } from '../../../simulators/devices/reader/mrz-zone.ts';
import { startPageReader, type PageReader, type PageReaderOptions } from '../../../simulators/devices/reader/mrz.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import {
  conformsAsReader,
  kindsOf,
  numbersOf,
  readings,
  newPty,
  testPlace,
} from '../../../simulators/conformance/reader.ts';
import { openMrz } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const zone = (seed: number): ReturnType<typeof zoneOfNobody> => zoneOfNobody(seeded(seed), 'TD3');
const card = zoneOfNobody(seeded(100), 'TD1');

describe('on a pseudo terminal', () => {
  conformsAsReader(async () => {
    const reader = await startPageReader(newPty());
    let seed = 0;
    return {
      source: openMrz({ port: reader.address }, testContext('page')),
      present: () => reader.present(zone(++seed)),
      lose: () => reader.close(),
      close: () => reader.close(),
    };
  });
});

describe('on a pseudo terminal, or a real pair of ports', () => {
  /** A reader, and a source that is ready. */
  async function start(
    options: PageReaderOptions = {},
    config: object = {},
  ): Promise<{ reader: PageReader; run: ReturnType<typeof watch>; said: () => string }> {
    const reader = await startPageReader(testPlace(), options);
    const heard = testContext('page');
    const run = watch(openMrz({ port: reader.address, ...config }, heard));
    closers.push(async () => {
      run.abort();
      await run.ended;
      await reader.close();
    });
    await vi.waitFor(() => expect(kindsOf(run.seen)).toEqual(['ready']), PATIENCE);
    return { reader, run, said: () => heard.said() };
  }
  const arrives = (run: ReturnType<typeof watch>, kinds: readonly string[]): Promise<void> =>
    vi.waitFor(() => expect(kindsOf(run.seen)).toEqual(['ready', ...kinds]), PATIENCE);

  it.each(ENVELOPES)('reads a passport and a card from %s', async (kind) => {
    const { reader, run, said } = await start({ envelope: kind });
    reader.present(zone(1));
    await arrives(run, ['document']);
    reader.present(card);
    await arrives(run, ['document', 'document']);
    expect(readings(run.seen)).toMatchObject([
      { reader: 'page', type: 'passport', validUntil: zone(1).validUntil },
      { reader: 'page', type: 'travel-card', validUntil: card.validUntil },
    ]);
    expect(numbersOf(run.seen)).toEqual([zone(1).number, card.number]);
    expect(said()).toBe('');
  });

  it('says why a document gave no number, and reads on', async () => {
    const { reader, run } = await start();
    reader.presentMisread(zone(1), seeded(1));
    reader.presentHalf(zone(2));
    reader.send(envelope('desko', [zone(3).lines[0]!, zone(3).lines[1]!.slice(1)]));
    reader.presentNothing();
    reader.presentBoth(zone(4), zone(5));
    await arrives(run, ['unreadable', 'unreadable', 'unreadable', 'document', 'document']);
    expect(run.seen.flatMap((o) => (o.kind === 'unreadable' ? [o.why] : []))).toEqual([
      'check digit',
      'not read',
      'garbled',
    ]);
    expect(numbersOf(run.seen)).toEqual([zone(4).number, zone(5).number]);
  });

  it('takes the same document within five seconds for one presentation, and another one for another', async () => {
    const { reader, run } = await start();
    reader.present(zone(1));
    reader.present(zone(1));
    reader.present(zone(2));
    reader.present(zone(1));
    await arrives(run, ['document', 'document', 'document']);
    expect(numbersOf(run.seen)).toEqual([zone(1).number, zone(2).number, zone(1).number]);
    const later = performance.now() + 5_001;
    const clock = vi.spyOn(performance, 'now').mockReturnValue(later);
    closers.push(() => clock.mockRestore());
    reader.present(zone(1));
    await vi.waitFor(() => expect(readings(run.seen)).toHaveLength(4), { timeout: 15_000, interval: 20 });
  });

  it('asks an Elyctis reader again after each read, also one that found nothing', async () => {
    const { reader, run } = await start({ envelope: 'elyctis', onRequest: true }, { request: 'elyctis' });
    await vi.waitFor(() => expect(reader.requests()).toBe(1), PATIENCE);
    reader.present(zone(1));
    await arrives(run, ['document']);
    await vi.waitFor(() => expect(reader.requests()).toBe(2), PATIENCE);
    reader.presentNothing();
    await vi.waitFor(() => expect(reader.requests()).toBe(3), PATIENCE);
    reader.present(zone(2));
    await arrives(run, ['document', 'document']);
  });

  it('is not put off by noise', async () => {
    const { reader, run } = await start();
    const random = seeded(3);
    for (let i = 0; i < 100; i++) reader.send(Uint8Array.from({ length: 100 }, () => Math.floor(random() * 256)));
    reader.present(zone(1));
    await vi.waitFor(() => expect(numbersOf(run.seen)).toEqual([zone(1).number]), PATIENCE);
  });
});

it.each([
  [{ port: 'COM3' }, 'expected a device path'],
  [{ port: '/dev/ttyUSB0', baud: 5 }, 'baud'],
  [{ port: '/dev/ttyUSB0', parity: 'mark' }, 'parity'],
  [{ port: '/dev/ttyUSB0', dataBits: 9 }, 'dataBits'],
  [{ port: '/dev/ttyUSB0', request: 'desko' }, 'request'],
  [{ port: '/dev/ttyUSB0', speed: 9600 }, 'speed'],
])('refuses %j', (config, words) => {
  expect(() => openMrz(config, testContext('page'))).toThrow(words);
});

it('rejects with words for people when there is no such device', async () => {
  const source = openMrz({ port: '/dev/sitebox-no-such-reader', baud: 256_000, parity: 'odd' }, testContext('page'));
  expect(String(await watch(source).ended)).toMatch(/no such device/);
});
