import { describe, expect, it } from 'vitest';
import { openTimeReader } from './time.codec.ts';

const shanghai = openTimeReader('Asia/Shanghai');
const berlin = openTimeReader('Europe/Berlin');

describe('times of cameras', () => {
  it.each([
    ['2026-11-21T10:02:03.847+08:00', '2026-11-21T02:02:03.847Z'],
    ['2026-11-21T10:02:03+0800', '2026-11-21T02:02:03.000Z'],
    ['2026-11-21T10:02:03-05:30', '2026-11-21T15:32:03.000Z'],
    ['2026-11-21T02:02:03Z', '2026-11-21T02:02:03.000Z'],
    ['2026-11-21 10:02:03.123', '2026-11-21T02:02:03.123Z'],
    ['2026-11-21 10:02:03.5', '2026-11-21T02:02:03.500Z'],
    ['2028-02-29T00:00:00.123456789+00:00', '2028-02-29T00:00:00.123Z'],
  ])('%s', (text, utc) => {
    expect(new Date(shanghai(text)!).toISOString()).toBe(utc);
  });

  it('without a zone counts in the zone of the camera, in summer and on the day that it changes', () => {
    const utc = (text: string): string => new Date(berlin(text)!).toISOString().slice(0, 16);
    expect(utc('2026-07-01 12:00:00')).toBe('2026-07-01T10:00');
    expect(utc('2026-12-01 12:00:00')).toBe('2026-12-01T11:00');
    expect(utc('2026-03-29 01:30:00')).toBe('2026-03-29T00:30');
    expect(utc('2026-03-29 03:30:00')).toBe('2026-03-29T01:30');
    expect(utc('2026-10-25 03:30:00')).toBe('2026-10-25T02:30');
  });

  it.each([
    '',
    'now',
    '1970-01-01T00:00:12+08:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T25:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21',
    '20261121T100203Z',
    '2026-11-21T10:02:03+8',
    '9999-11-21T10:02:03Z',
  ])('%j is none', (text) => {
    expect(shanghai(text)).toBeUndefined();
  });
});
