import { describe, expect, it } from 'vitest';
import { scanOf, type ScannerOptions } from '../../../simulators/devices/reader/scanner.ts';
import { seeded } from '../../../simulators/scene/random.ts';
import { openCutter, type TicketResult } from './codec.ts';

const words = (results: readonly TicketResult[]): string[] =>
  results.map((r) => (r.kind === 'ticket' ? r.token : `refused: ${r.why}`));

function cut(...chunks: readonly (Uint8Array | string)[]): string[] {
  const cutter = openCutter();
  const results = chunks.flatMap((c) => cutter.feed(typeof c === 'string' ? Buffer.from(c) : c));
  return words([...results, ...cutter.flush()]);
}

/** 门票 in GB 18030, which is not UTF-8. */
const TICKET_GB = Uint8Array.of(0xc3, 0xc5, 0xc6, 0xb1);

describe('ticket codes', () => {
  const endings: ScannerOptions[] = [
    { end: '\r' },
    { end: '\n' },
    { end: '\r\n' },
    { end: '\x03' },
    { end: '' },
    { end: '\x03', stx: true },
    { end: '\x03', stx: true, bcc: true },
    { end: '\r', stx: true },
  ];
  it.each(endings)('ended by %j, cut anywhere', (options) => {
    const bytes = scanOf('T-2026/00042', options);
    for (let at = 0; at <= bytes.length; at++) {
      expect(cut(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['T-2026/00042']);
    }
  });

  it.each(endings.filter((o) => o.end !== ''))('ended by %j, several in one go', (options) => {
    const codes = ['A1', 'B22', '门票333', 'D4444'];
    expect(cut(Buffer.concat(codes.map((c) => scanOf(c, options))))).toEqual(codes);
  });

  it('in UTF-8, or else in GB 18030, or else not at all', () => {
    expect(cut('门票 7\r')).toEqual(['门票 7']);
    expect(cut(TICKET_GB, '7\r')).toEqual(['门票7']);
    expect(cut(Uint8Array.of(0xff, 0xff), '\r')).toEqual(['refused: it is neither UTF-8 nor GB 18030']);
  });

  it('leaves out what scanners say when they could not read, and empty lines', () => {
    expect(cut('%%NoRead\r\n', '\r\n\r\n  \r', 'T1\r', '%%NoRead')).toEqual(['T1']);
  });

  it('a separator of GS1 fields is no part of a token; other control characters refuse the code', () => {
    expect(cut('0106912345678901\x1d21AB\r')).toEqual(['010691234567890121AB']);
    expect(cut('T\x001\r', 'T\u202e2\r', 'T3\r')).toEqual([
      'refused: it has characters that cannot be printed',
      'refused: it has characters that cannot be printed',
      'T3',
    ]);
  });

  it('at most 64 characters, and at most 4 kB before the next end', () => {
    expect(cut(`${'票'.repeat(64)}\r`)).toEqual(['票'.repeat(64)]);
    expect(cut(`${'x'.repeat(65)}\r`, 'T1\r')).toEqual(['refused: it is longer than 64 characters', 'T1']);
    expect(cut('y'.repeat(5000), '\rT2\r')).toEqual(['refused: it is longer than 4096 bytes', 'T2']);
  });

  it('noise does not stop it', () => {
    const random = seeded(5);
    const cutter = openCutter();
    for (let i = 0; i < 500; i++) {
      for (const result of cutter.feed(Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256)))) {
        if (result.kind === 'ticket') expect([...result.token].length).toBeLessThanOrEqual(64);
      }
    }
    cutter.flush();
    expect(words(cutter.feed(scanOf('T9')))).toEqual(['T9']);
  });
});
