import { afterEach, describe, expect, it, vi } from 'vitest';
import { startScanner, type ScannerOptions } from '../../../simulators/devices/reader/scanner.ts';
import { PATIENCE, watch } from '../../../simulators/conformance/source.ts';
import { conformsAsReader, kindsOf, newPty, testPlace } from '../../../simulators/conformance/reader.ts';
import { openScanner } from './source.ts';
import { testContext } from '../../../simulators/conformance/context.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('on a pseudo terminal', () => {
  conformsAsReader(async () => {
    const scanner = await startScanner(newPty());
    let ticket = 0;
    return {
      source: openScanner({ port: scanner.address }, testContext('tickets')),
      present: () => scanner.scan(`T-${++ticket}`),
      lose: () => scanner.close(),
      close: () => scanner.close(),
    };
  });
});

describe('on a pseudo terminal, or a real pair of ports', () => {
  it.each<ScannerOptions>([{ end: '\r\n' }, { end: '\x03', stx: true, bcc: true }, { end: '' }])(
    'gives the token of a ticket and nothing else, with %j',
    async (options) => {
      const scanner = await startScanner(testPlace(), options);
      const heard = testContext('tickets');
      const run = watch(openScanner({ port: scanner.address }, heard));
      closers.push(async () => {
        run.abort();
        await run.ended;
        await scanner.close();
      });
      await vi.waitFor(() => expect(kindsOf(run.seen)).toEqual(['ready']), PATIENCE);
      scanner.scan('门票 2026/1');
      await vi.waitFor(() => expect(run.seen).toHaveLength(2), PATIENCE);
      // A number of an identity card, scanned as a ticket, is a token like any other: nothing here makes a document of it.
      scanner.scan('11010519491231002X');
      await vi.waitFor(() => expect(run.seen).toHaveLength(3), PATIENCE);
      expect(run.seen.slice(1)).toEqual([
        { kind: 'ticket', token: '门票 2026/1' },
        { kind: 'ticket', token: '11010519491231002X' },
      ]);
      expect(heard.said()).toBe('');
    },
  );

  it('counts what it refuses, without repeating it', async () => {
    const scanner = await startScanner(testPlace());
    const heard = testContext('tickets');
    const run = watch(openScanner({ port: scanner.address }, heard));
    closers.push(async () => {
      run.abort();
      await run.ended;
      await scanner.close();
    });
    await vi.waitFor(() => expect(kindsOf(run.seen)).toEqual(['ready']), PATIENCE);
    for (let i = 0; i < 5; i++) scanner.scan(`LONG${'7'.repeat(100)}`);
    scanner.scanUnreadable();
    scanner.scan('T1');
    await vi.waitFor(() => expect(kindsOf(run.seen)).toEqual(['ready', 'ticket']), PATIENCE);
    expect(heard.said().match(/"refused":\d+/g)).toEqual(['"refused":1', '"refused":2', '"refused":4']);
    expect(heard.said()).not.toContain('LONG');
  });
});

it('refuses a wrong configuration', () => {
  expect(() => openScanner({ port: '/dev/ttyACM0', request: 'elyctis' }, testContext('tickets'))).toThrow('request');
  expect(() => openScanner({}, testContext('tickets'))).toThrow('port');
});
