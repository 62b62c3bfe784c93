import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../simulators/scene/random.ts';
import { openSdtParser, frame, request, statusText, type SdtMessage, type SdtCommand } from './codec.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
type Got = { kind: string; status?: number; bytes?: number };

/** Feeds `pieces`, then says that the line is quiet. */
function parse(...pieces: Uint8Array[]): Got[] {
  const got: Got[] = [];
  const parser = openSdtParser((a) => got.push(plain(a)));
  for (const piece of pieces) parser.push(piece);
  parser.quiet();
  expect(parser.heldBytes()).toBe(0);
  return got;
}
const plain = (a: SdtMessage): Got =>
  a.kind === 'reply' ? { kind: a.kind, status: a.status, bytes: a.data.length } : { kind: a.kind };

const NOTHING = hex('AAAAAA9669 0004 000080 84');
const nothing = { kind: 'reply', status: 0x80, bytes: 0 };
const noise = { kind: 'noise' };

describe('requests', () => {
  it.each<[SdtCommand, string]>([
    ['reset', 'AAAAAA9669 0003 10FF EC'],
    ['status', 'AAAAAA9669 0003 11FF ED'],
    ['find', 'AAAAAA9669 0003 2001 22'],
    ['select', 'AAAAAA9669 0003 2002 21'],
    ['read', 'AAAAAA9669 0003 3001 32'],
  ])('%s', (command, bytes) => expect(request(command)).toEqual(new Uint8Array(hex(bytes))));

  it('has no way to ask for fingerprints or addresses', () => {
    for (const file of ['codec.ts', 'connection.ts', 'source.ts', 'card.codec.ts']) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      expect(text).not.toMatch(/0x30, ?0x(10|03)\b|3010|3003/i);
    }
  });
});

describe('replies', () => {
  it.each<[string, string, Got]>([
    ['done', 'AAAAAA9669 0004 000090 94', { kind: 'reply', status: 0x90, bytes: 0 }],
    ['self-test failed', 'AAAAAA9669 0004 000060 64', { kind: 'reply', status: 0x60, bytes: 0 }],
    ['found', 'AAAAAA9669 0008 00009F 00000000 97', { kind: 'reply', status: 0x9f, bytes: 4 }],
    ['no card', 'AAAAAA9669 0004 000080 84', nothing],
    ['selected', 'AAAAAA9669 000C 000090 0000000000000000 9C', { kind: 'reply', status: 0x90, bytes: 8 }],
    ['not selected', 'AAAAAA9669 0004 000081 85', { kind: 'reply', status: 0x81, bytes: 0 }],
    ['not read', 'AAAAAA9669 0004 000041 45', { kind: 'reply', status: 0x41, bytes: 0 }],
    ['no such item', 'AAAAAA9669 0004 000091 95', { kind: 'reply', status: 0x91, bytes: 0 }],
  ])('%s', (_, bytes, reply) => expect(parse(hex(bytes))).toEqual([reply]));

  it('gives every status of the table words, and keeps the number beside them', () => {
    for (const status of [0x90, 0x9f, 0x10, 0x11, 0x21, 0x24, 0x31, 0x32, 0x33, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80]) {
      expect(statusText(status)).toMatch(/^[a-z][a-z -]+ \(SW3 [0-9A-F]{2}\)$/);
      expect(statusText(status)).not.toContain('unknown status');
    }
    expect(statusText(0x77)).toBe('unknown status (SW3 77)');
  });

  it('are found however they are cut', () => {
    const three = Buffer.concat([NOTHING, hex('AAAAAA9669 0008 00009F 00000000 97'), NOTHING]);
    const whole = parse(three);
    expect(whole).toHaveLength(3);
    expect(parse(...[...three].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    for (let cut = 1; cut < three.length; cut++) {
      expect(parse(three.subarray(0, cut), three.subarray(cut))).toEqual(whole);
    }
  });
});

describe('noise', () => {
  it('find with checksum 21, as one public program sends it, is not a frame', () =>
    expect(parse(hex('AAAAAA9669 0003 2001 21'))).toEqual([noise]));

  it('before, between and behind frames is stepped over', () => {
    const junk = hex('AA AA 00 FF AA AA AA 96 00');
    expect(parse(Buffer.concat([junk, NOTHING, junk, NOTHING, junk]))).toEqual([noise, nothing, noise, nothing, noise]);
    // More of the byte with which the preamble begins does not hide it.
    expect(parse(Buffer.concat([hex('AAAA'), NOTHING]))).toEqual([noise, nothing]);
  });

  it('a wrong checksum costs that frame, not the next', () => {
    const bad = NOTHING.with(NOTHING.length - 1, 0x85);
    expect(parse(Buffer.concat([bad, NOTHING]))).toEqual([noise, nothing]);
    expect(parse(bad, NOTHING)).toEqual([noise, nothing]);
  });

  it.each(['FFFF', '1001', '0000', '0509'])('a length that no reply has is not waited for: %s', (length) => {
    const got: Got[] = [];
    const parser = openSdtParser((a) => got.push(plain(a)));
    parser.push(hex(`AAAAAA9669 ${length} 000090`));
    expect(parser.heldBytes()).toBe(0);
    parser.push(NOTHING);
    expect(got.at(-1)).toEqual(nothing);
  });

  it('a frame whose end never comes is given up when the line is quiet, and the one behind it is read', () => {
    const half = hex('AAAAAA9669 0508 000090 0100 0400').subarray(0, 12);
    const got: Got[] = [];
    const parser = openSdtParser((a) => got.push(plain(a)));
    parser.push(half);
    parser.push(NOTHING);
    expect(got).toEqual([]);
    parser.quiet();
    expect(got).toEqual([noise, nothing]);
  });

  it('a frame that lost bytes and is filled up with the next one is not believed, even where the checksum fits by chance', () => {
    const found = hex('AAAAAA9669 0008 00009F 00000000 97');
    const short = Buffer.concat([found.subarray(0, 10), found.subarray(12)]);
    expect(parse(Buffer.concat([short, NOTHING]))).toEqual([noise, nothing]);
  });

  it('status words that are never sent are no reply', () =>
    expect(parse(frame(Uint8Array.of(0x01, 0, 0x90)))).toEqual([noise]));

  it('what is sent back is known as an echo', () => expect(parse(request('find'))).toEqual([{ kind: 'echo' }]));

  it('never holds more than one frame, whatever comes', () => {
    const random = seeded(7);
    const parser = openSdtParser(() => undefined);
    for (let i = 0; i < 2_000; i++) {
      const junk = Uint8Array.from({ length: 700 }, () => Math.floor(random() * 256));
      if (i % 3 === 0) junk.set(hex('AAAAAA9669 090A'), 600);
      parser.push(junk);
      expect(parser.heldBytes()).toBeLessThan(7 + 0x090a);
    }
  });
});

describe('what must not stay', () => {
  const FINGERPRINTS = frame(new Uint8Array(0x090a - 1).fill(0x5a).with(0, 0).with(1, 0).with(2, 0x90));

  it('a reply with fingerprints is counted and gone, and the next one is read', () => {
    expect(FINGERPRINTS).toHaveLength(2_321);
    expect(parse(Buffer.concat([FINGERPRINTS, NOTHING]))).toEqual([{ kind: 'forbidden' }, nothing]);
  });

  it('the buffer of the parser is zero again behind each frame, behind damage and after clear', () => {
    const held = new Uint8Array(7 + 0x090a);
    const during: number[] = [];
    const parser = openSdtParser((a) => void (a.kind === 'reply' && during.push(a.data[100] ?? 0)), held);
    const card = frame(new Uint8Array(0x0508 - 1).fill(0x77).with(0, 0).with(1, 0).with(2, 0x90));
    const isWiped = (): boolean => held.every((byte) => byte === 0);
    parser.push(card);
    expect(during).toEqual([0x77]);
    expect(isWiped()).toBe(true);
    parser.push(FINGERPRINTS);
    expect(isWiped()).toBe(true);
    parser.push(card.with(700, 0x78));
    expect(isWiped()).toBe(true);
    parser.push(card.subarray(0, 900));
    expect(isWiped()).toBe(false);
    parser.clear();
    expect(isWiped()).toBe(true);
    parser.push(card.subarray(0, 900));
    parser.quiet();
    expect(isWiped()).toBe(true);
    expect(parser.heldBytes()).toBe(0);
  });

  it('is wiped even when the receiver fails', () => {
    const held = new Uint8Array(7 + 0x090a);
    const parser = openSdtParser(() => {
      throw new Error('receiver');
    }, held);
    expect(() => parser.push(frame(new Uint8Array(11).fill(0).with(2, 0x90)))).toThrow('receiver');
    expect(held.every((byte) => byte === 0)).toBe(true);
  });
});
