import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Observation } from '../../../gateway/contracts/source.ts';
import { numberOf, randomCard, type Card } from '../../../simulators/devices/reader/cards.ts';
import {
  FALSE_NUMBER,
  startReader,
  type Reader,
  type ReaderOptions,
} from '../../../simulators/devices/reader/reader.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { conformsAsReader, kindsOf, numbersOf, readings, testPlace } from '../../../simulators/conformance/reader.ts';
import { openSdt } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const random = seeded(11);
const newCard = (change: Partial<Card> = {}): Card => ({ ...randomCard(random), ...change });
const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Bench {
  readonly reader: Reader;
  readonly seen: Observation[];
  readonly ended: Promise<unknown>;
  readonly abort: () => void;
  readonly said: () => string;
}

/** A simulated reader and a source that polls it quickly. */
async function start(
  options: ReaderOptions = {},
  before: (reader: Reader) => void = () => undefined,
  timeoutMs = 1_500,
): Promise<Bench> {
  const reader = await startReader(testPlace(), options);
  ends.push(() => reader.close());
  before(reader);
  const context = testContext('reader-1');
  const run = watch(openSdt({ port: reader.address, pollMs: 20, timeoutMs }, context));
  ends.push(async () => {
    run.abort();
    await run.ended;
  });
  return { reader, ...run, said: () => context.said() };
}

const until = (body: () => void): Promise<void> => vi.waitFor(body, PATIENCE);
const kinds = ({ seen }: Bench): string[] => kindsOf(seen).filter((k) => k !== 'ready');
const says = (bench: Bench, expected: readonly string[]): Promise<void> =>
  until(() => expect(kinds(bench)).toEqual(expected));
/** The reader was asked this many times more: proof that time went by on the line. */
async function goesOn({ reader }: Pick<Bench, 'reader'>, looks = 8): Promise<void> {
  const from = finds(reader);
  await until(() => expect(finds(reader)).toBeGreaterThan(from + looks));
}
const finds = (reader: Reader): number => reader.requests.filter((code) => code === '2001').length;

describe('the contract', () =>
  conformsAsReader(async () => {
    const reader = await startReader(testPlace());
    return {
      source: openSdt({ port: reader.address, pollMs: 20 }, testContext('reader-1')),
      present: () => reader.placeCard(newCard()),
      lose: () => reader.close(),
      close: () => reader.close(),
    };
  }));

describe('a card', () => {
  it.each(['resident', 'J', 'I', 'Y'] as const)('of kind %s is read once, and removed', async (kind) => {
    const bench = await start();
    const card = randomCard(random, kind);
    bench.reader.placeCard(card);
    await says(bench, ['document']);
    await goesOn(bench);
    bench.reader.removeCard();
    await says(bench, ['document', 'removed']);
    const [reading] = readings(bench.seen);
    expect(numbersOf(bench.seen)).toEqual([card.number]);
    expect(reading).toMatchObject({ reader: 'reader-1', validFrom: card.validFrom, validUntil: card.validUntil });
    expect(Buffer.from(reading!.photo!).equals(Buffer.from(card.photo))).toBe(true);
    expect(Object.keys(reading!).sort()).toEqual([
      'at',
      'number',
      'photo',
      'reader',
      'type',
      'validFrom',
      'validUntil',
    ]);
    expect(bench.said()).not.toContain(card.number);
  });

  it('is asked for with the five harmless commands only', async () => {
    const bench = await start();
    bench.reader.placeCard(newCard());
    await says(bench, ['document']);
    expect(new Set(bench.reader.requests)).toEqual(new Set(['11ff', '2001', '2002', '3001']));
  });

  it('behind another one is a second presentation, with "removed" between, also when they are swapped between two looks', async () => {
    const bench = await start();
    const [first, second] = [newCard(), newCard()];
    bench.reader.placeCard(first);
    await says(bench, ['document']);
    bench.reader.placeCard(second);
    await says(bench, ['document', 'removed', 'document']);
    expect(numbersOf(bench.seen)).toEqual([first.number, second.number]);
  });

  it('laid down again at once is the same presentation', async () => {
    const bench = await start();
    const [card, other] = [newCard(), newCard()];
    bench.reader.placeCard(card);
    await says(bench, ['document']);
    bench.reader.removeCard();
    await says(bench, ['document', 'removed']);
    bench.reader.placeCard(card);
    await goesOn(bench);
    bench.reader.removeCard();
    await goesOn(bench);
    bench.reader.placeCard(other);
    await says(bench, ['document', 'removed', 'document']);
    expect(numbersOf(bench.seen)).toEqual([card.number, other.number]);
  });

  it('that a reader does not find a second time is one presentation too', async () => {
    const bench = await start({ readsOnce: true });
    const card = newCard();
    bench.reader.placeCard(card);
    await says(bench, ['document', 'removed']);
    await goesOn(bench);
    bench.reader.placeCard(card);
    await goesOn(bench);
    expect(kinds(bench)).toEqual(['document', 'removed']);
  });

  it('keeps its reading when the reader reads it again: buffers that were handed over are not touched', async () => {
    const bench = await start();
    const card = newCard();
    bench.reader.placeCard(card);
    await says(bench, ['document']);
    const reads = (): number => bench.reader.requests.filter((code) => code === '3001').length;
    await until(() => expect(reads()).toBeGreaterThan(1));
    await goesOn(bench, 2);
    expect(numbersOf(bench.seen)).toEqual([card.number]);
  });
});

describe('cards that cannot be read', () => {
  const [a, b] = [numberOf('000000000000001'), numberOf('000000000000002')];
  it.each<[string, Partial<Card>, string]>([
    ['wrong check digit', { number: a.slice(0, 17) + b.slice(17) }, 'check digit'],
    ['unknown flag', { flag: 'Q' }, 'unknown document'],
    ['full-width digits', { number: '９９００００００００００００００００' }, 'garbled'],
    ['empty number', { number: '' }, 'garbled'],
  ])('%s: said once', async (_, change, why) => {
    const bench = await start();
    bench.reader.placeCard(newCard(change));
    await says(bench, ['unreadable']);
    await goesOn(bench);
    bench.reader.removeCard();
    await says(bench, ['unreadable', 'removed']);
    expect(bench.seen.find((o) => o.kind === 'unreadable')).toEqual({ kind: 'unreadable', why });
  });

  it.each<[Parameters<Reader['fault']>[0], string]>([
    ['read failed', 'not read'],
    ['card rejects reader', 'refused'],
    ['fingerprints', 'not read'],
  ])('%s: said once, and the card is read as soon as it can be', async (fault, why) => {
    const bench = await start();
    const card = newCard();
    bench.reader.fault(fault, { on: '3001' });
    bench.reader.placeCard(card);
    await says(bench, ['unreadable']);
    expect(bench.seen.at(-1)).toEqual({ kind: 'unreadable', why });
    await goesOn(bench, 3);
    expect(kinds(bench)).toEqual(['unreadable']);
    bench.reader.fault(undefined);
    await says(bench, ['unreadable', 'document']);
    expect(numbersOf(bench.seen)).toEqual([card.number]);
    if (fault === 'fingerprints') expect(bench.said()).toContain('discarded unread');
  });

  it('lifted between selecting and reading', async () => {
    const bench = await start({}, (reader) => reader.fault('lifted', { on: '3001', times: 1 }));
    bench.reader.placeCard(newCard());
    await says(bench, ['unreadable', 'removed']);
    expect(bench.seen.find((o) => o.kind === 'unreadable')).toEqual({ kind: 'unreadable', why: 'not read' });
  });
});

describe('a line with faults', () => {
  it.each(['split writes', 'leading noise'] as const)('%s: read all the same', async (fault) => {
    const bench = await start({}, (reader) => reader.fault(fault));
    const card = newCard();
    bench.reader.placeCard(card);
    await says(bench, ['document']);
    expect(numbersOf(bench.seen)).toEqual([card.number]);
  });

  it.each(['bad checksum', 'bad length', 'half a frame', 'no answer', 'double answers'] as const)(
    '%s, once while a card is read: it is read again',
    async (fault) => {
      const bench = await start();
      await until(() => expect(kindsOf(bench.seen)).toContain('ready'));
      const card = newCard();
      bench.reader.fault(fault, { times: 1, on: '3001' });
      bench.reader.placeCard(card);
      await says(bench, ['document']);
      expect(numbersOf(bench.seen)).toEqual([card.number]);
    },
  );

  it('after damage, nothing is said before two readings agree', async () => {
    const bench = await start();
    await until(() => expect(kindsOf(bench.seen)).toContain('ready'));
    bench.reader.fault('bad checksum', { times: 1, on: '2001' });
    await goesOn(bench, 2);
    bench.reader.fault('false reading', { times: 1, on: '3001' });
    const card = newCard();
    bench.reader.placeCard(card);
    await says(bench, ['document']);
    expect(numbersOf(bench.seen)).toEqual([card.number]);
    expect(bench.reader.requests.filter((code) => code === '3001').length).toBeGreaterThan(2);
  });

  it('without damage before it, a reading is believed at once: it is the doubt that protects', async () => {
    const bench = await start({}, (reader) => reader.fault('false reading', { times: 1, on: '3001' }));
    bench.reader.placeCard(newCard());
    await until(() => expect(numbersOf(bench.seen)[0]).toBe(FALSE_NUMBER));
  });

  const fatal: [string, Parameters<Reader['fault']>[0], RegExp][] = [
    ['silence', 'no answer', /does not answer: nothing came within [25]00 ms, 3 times in a row/],
    ['a failed self-test', 'self-test failed', /out of order: the self-test failed \(SW3 60\)/],
    ['no authorisation', 'not authorised', /out of order: the reader is not authorised \(SW3 66\)/],
    ['another device', 'another device', /is not an identity-card reader: bytes came, but no frame/],
    ['an echo', 'echo', /sends back what it is sent/],
    ['two readers on one port', 'double answers', /answers that were not requested: are two readers on one port/],
    ['lengths of FFFF', 'bad length', /is not an identity-card reader/],
  ];
  it.each(fatal)('%s from the start ends the run', async (_, fault, message) => {
    const bench = await start({}, (reader) => reader.fault(fault), fault === 'no answer' ? 200 : 1_500);
    expect(String(await bench.ended)).toMatch(message);
    expect(kinds(bench)).toEqual([]);
  });

  it.each(fatal.slice(0, 3))('%s later ends the run', async (_, fault, message) => {
    const bench = await start({}, undefined, 500);
    await until(() => expect(kindsOf(bench.seen)).toEqual(['ready']));
    bench.reader.fault(fault);
    expect(String(await bench.ended)).toMatch(message);
  });

  it('nothing but damage ends the run in the end', async () => {
    const bench = await start();
    await until(() => expect(kindsOf(bench.seen)).toEqual(['ready']));
    bench.reader.fault('bad checksum');
    expect(String(await bench.ended)).toMatch(/is disturbed: 10 answers in a row were damaged/);
  });
});

describe('abort', () => {
  it('ends a question that nobody answers at once', async () => {
    const reader = await startReader(testPlace());
    ends.push(() => reader.close());
    reader.fault('no answer');
    const run = watch(openSdt({ port: reader.address, timeoutMs: 10_000 }, testContext('reader-1')));
    await until(() => expect(reader.requests.length).toBe(1));
    run.abort();
    const first = await Promise.race([run.ended, sleep(5_000, 'late')]);
    expect(first).toBeUndefined();
  });
});

describe('configuration', () => {
  const open = (config: unknown): unknown => openSdt(config, testContext('reader-1'));
  it('takes a device path or a tcp address', () => {
    expect(open({ port: '/dev/serial/by-id/usb-reader' })).toHaveProperty('run');
    expect(open({ port: 'tcp://[::1]:4001', baud: 9600, pollMs: 20, timeoutMs: 200 })).toHaveProperty('run');
  });
  it.each([
    [{}, 'port'],
    [{ port: 'COM3' }, 'expected a device path such as /dev/serial/by-id/usb-…, or tcp://host:port'],
    [{ port: 'tcp://host' }, 'tcp://host:port'],
    [{ port: 'tcp://host:70000' }, 'tcp://host:port'],
    [{ port: '/dev/x', baud: 1200 }, 'baud'],
    [{ port: '/dev/x', pollMs: 19 }, 'pollMs'],
    [{ port: '/dev/x', timeoutMs: 0 }, 'timeoutMs'],
    [{ port: '/dev/x', fingerprints: true }, 'fingerprints'],
  ])('refuses %j', (config, message) => expect(() => open(config)).toThrow(message));
});
