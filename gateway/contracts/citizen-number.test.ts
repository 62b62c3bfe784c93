import { describe, expect, it } from 'vitest';
import { checkDigit, checkDigitFits } from './citizen-number.ts';

const fits = (text: string): boolean => checkDigitFits(Buffer.from(text, 'utf8'));

describe('check digit of identity numbers', () => {
  it.each(['11010519491231002X', '440524188001010014', '34052419800101001X'])('%s fits', (number) =>
    expect(fits(number)).toBe(true),
  );

  it.each([
    ['another check digit', '110105194912310021'],
    ['another check digit', '440524188001010015'],
    ['two digits swapped', '44052418800101004１'],
    ['lower case', '11010519491231002x'],
    ['X in the middle', '1101051949X231002X'],
    ['too short', '1101051949123100'],
    ['too long', '11010519491231002X0'],
    ['empty', ''],
    ['full-width digits', '１１０１０５'],
  ])('refuses %s: %s', (_, number) => expect(fits(number)).toBe(false));

  it('finds each single wrong digit and each swap of neighbours', () => {
    const good = Buffer.from('440524188001010014');
    for (let i = 0; i < 17; i++) {
      for (let digit = 0x30; digit <= 0x39; digit++) {
        if (digit === good[i]) continue;
        expect(checkDigitFits(good.with(i, digit))).toBe(false);
      }
      if (i < 16 && good[i] !== good[i + 1]) {
        expect(checkDigitFits(good.with(i, good[i + 1]!).with(i + 1, good[i]!))).toBe(false);
      }
    }
  });

  it('makes the digit that belongs to seventeen others', () => {
    expect(checkDigit(Buffer.from('11010519491231002'))).toBe('X'.charCodeAt(0));
    expect(checkDigit(Buffer.from('44052418800101001'))).toBe('4'.charCodeAt(0));
    expect(checkDigit(Buffer.from('4405241880010100'))).toBeUndefined();
    expect(checkDigit(Buffer.from('4405241880010100A'))).toBeUndefined();
  });
});
