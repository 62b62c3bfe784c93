import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../../gateway/contracts/rig.fixtures.ts';
import { PATIENCE } from '../../conformance/source.ts';
import { openSerialConnection, type SerialConnection } from '../../../adapters/shared/serial-connection.ts';
import { openSdt } from '../../../adapters/readers/sdt/source.ts';
import { supervise } from '../../../gateway/supervise.ts';
import { seeded } from '../../scene/random.ts';
import { randomCard } from './cards.ts';
import { READER_FAULTS, startReader, type Reader } from './reader.ts';
import { testContext } from '../../conformance/context.ts';

const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const ptyPath = (): string => join(tempFolder(), 'port');
const until = (body: () => void): Promise<void> => vi.waitFor(body, PATIENCE);

/** Sends `request` and waits until `bytes` have come back. */
async function reply(link: SerialConnection, request: string, bytes: number): Promise<string> {
  const got: number[] = [];
  link.onBytes((chunk) => void got.push(...chunk));
  link.write(Buffer.from(request.replaceAll(' ', ''), 'hex'));
  await until(() => expect(got.length).toBe(bytes));
  return Buffer.from(got).toString('hex').toUpperCase();
}

describe('the table of commands', () => {
  async function open(): Promise<{ reader: Reader; link: SerialConnection }> {
    const reader = await startReader({ tcp: 0 });
    ends.push(() => reader.close());
    const settings = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const;
    const link = await openSerialConnection(reader.address, settings, new AbortController().signal);
    ends.push(() => link.close());
    return { reader, link };
  }
  const short = (status: string): string => `AAAAAA9669000400${status}`;

  it.each([
    ['reset', 'AAAAAA9669 0003 10FF EC', short('009094')],
    ['status', 'AAAAAA9669 0003 11FF ED', short('009094')],
    ['find, nothing there', 'AAAAAA9669 0003 2001 22', short('008084')],
    ['select, nothing there', 'AAAAAA9669 0003 2002 21', short('008185')],
    ['read, nothing selected', 'AAAAAA9669 0003 3001 32', short('004145')],
    ['baud', 'AAAAAA9669 0003 6000 63', short('009094')],
    ['largest block', 'AAAAAA9669 0004 61FF50 CA', short('009094')],
    ['find with a wrong checksum', 'AAAAAA9669 0003 2001 21', short('001014')],
    ['a command nobody knows', 'AAAAAA9669 0003 7777 03', short('002420')],
  ])('%s', async (_, request, expected) => {
    const { link } = await open();
    expect(await reply(link, request, 11)).toBe(expected);
  });

  it('find, select and read with a card, in this order only', async () => {
    const { reader, link } = await open();
    reader.placeCard(randomCard(seeded(1)));
    expect(await reply(link, 'AAAAAA9669 0003 3001 32', 11)).toBe(short('004145'));
    expect(await reply(link, 'AAAAAA9669 0003 2001 22', 15)).toBe('AAAAAA9669000800009F0000000097');
    expect(await reply(link, 'AAAAAA9669 0003 2002 21', 19)).toBe('AAAAAA9669000C00009000000000000000009C');
    expect(await reply(link, 'AAAAAA9669 0003 3001 32', 1_295)).toMatch(/^AAAAAA96690508000090010004/);
    expect(await reply(link, 'AAAAAA9669 0003 12FF EE', 27)).toMatch(/^AAAAAA96690014000090/);
    expect(READER_FAULTS.length).toBeGreaterThan(10);
  });
});

it('a reader that is unplugged and plugged back is opened again under its name, and reads', async () => {
  const pty = ptyPath();
  const first = await startReader({ pty });
  ends.push(() => first.close());
  const seen: string[] = [];
  const failures: string[] = [];
  const controller = new AbortController();
  const source = openSdt({ port: pty, pollMs: 20 }, testContext('reader-1'));
  const failed = (error: unknown) => void failures.push(String(error));
  const running = supervise(
    (signal) =>
      source.run(
        (o) => void seen.push(o.kind === 'document' ? Buffer.from(o.reading.number).toString() : o.kind),
        signal,
      ),
    { firstMs: 50, maxMs: 200 },
    failed,
    controller.signal,
  );
  ends.push(async () => {
    controller.abort();
    await running;
  });
  const [before, after] = [randomCard(seeded(2)), randomCard(seeded(3))];
  first.placeCard(before);
  await until(() => expect(seen).toEqual(['ready', before.number]));
  await first.close();
  await until(() => expect(failures.join('\n')).toContain('no such device'));
  expect(failures[0]).toContain('was lost');
  const second = await startReader({ pty });
  ends.push(() => second.close());
  second.placeCard(after);
  await until(() => expect(seen).toEqual(['ready', before.number, 'ready', after.number]));
});

it('paces what it sends as a serial line would', async () => {
  const reader = await startReader({ tcp: 0 }, { paceBaud: 115_200 });
  ends.push(() => reader.close());
  const settings = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const;
  const link = await openSerialConnection(reader.address, settings, new AbortController().signal);
  ends.push(() => link.close());
  reader.placeCard(randomCard(seeded(1)));
  await reply(link, 'AAAAAA9669 0003 2001 22', 15);
  await reply(link, 'AAAAAA9669 0003 2002 21', 19);
  const asked = performance.now();
  await reply(link, 'AAAAAA9669 0003 3001 32', 1_295);
  // 12,950 bits; a busy machine can only make it longer.
  expect(performance.now() - asked).toBeGreaterThan(110);
});
