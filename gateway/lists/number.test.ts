import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ascii, nobody, SALT } from './lists.fixtures.ts';
import { digestNumber, normaliseNumber } from './number.ts';
import { checkDigitFits } from '../contracts/citizen-number.ts';

const normal = (written: string) => {
  const result = normaliseNumber(new TextEncoder().encode(written));
  return 'number' in result ? Buffer.from(result.number).toString('latin1') : result;
};
const problem = (written: string) => {
  const result = normal(written);
  return typeof result === 'string' ? undefined : result.problem;
};

describe('the normal form of a number', () => {
  it('has capital letters, and neither blanks nor hyphens', () => {
    expect(normal('11010519491231002x')).toBe('11010519491231002X');
    expect(normal(' 110105 19491231-002X ')).toBe('11010519491231002X');
    expect(normal('L898902c3')).toBe('L898902C3');
  });

  it('refuses full-width digits by that name, and everything else that no number has', () => {
    expect(problem('１１０１０５１９４９１２３１００２Ｘ')).toContain('full-width');
    expect(problem('11010519491231002\uff38')).toContain('full-width');
    for (const other of ['11010519491231002<', 'A123.456', '编号12345', '12345\u0000', 'L898902\u202eC3']) {
      expect(problem(other)).toContain('something else');
      expect(problem(other)).not.toContain(other);
    }
    for (const size of ['', ' - ', '123', 'A'.repeat(25)]) expect(problem(size)).toContain('4 to 24');
    expect(normal('A'.repeat(24))).toHaveLength(24);
  });

  it('is the same again for what already has it, and leaves what it was given alone', () => {
    const written = ascii('ab-12345');
    const result = normaliseNumber(written);
    if (!('number' in result)) throw new Error(result.problem);
    expect(normaliseNumber(result.number)).toEqual(result);
    result.number.fill(0);
    expect(written).toEqual(ascii('ab-12345'));
  });
});

describe('the check digit (GB 11643)', () => {
  it('fits the examples of the standard', () => {
    for (const good of ['11010519491231002X', '440524188001010014', '34052419800101001X']) {
      expect(checkDigitFits(ascii(good))).toBe(true);
    }
    for (const bad of ['110105194912310021', '440524188001010015', '1101051949123100X2', '11010519491231002x', '']) {
      expect(checkDigitFits(ascii(bad))).toBe(false);
    }
  });

  it('notices every wrong digit and every two neighbours changed over', () => {
    const missed = (fits: (number: Uint8Array) => boolean) => {
      let count = 0;
      for (let n = 0; n < 20; n++) {
        const number = ascii(nobody(n));
        for (let i = 0; i < 17; i++) {
          const swapped = number.slice();
          [swapped[i], swapped[i + 1]] = [number[i + 1]!, number[i]!];
          if (swapped[i] !== number[i] && fits(swapped)) count++;
          const wrong = number.slice();
          wrong[i] = 0x30 + ((number[i]! - 0x30 + 1 + n) % 10);
          if (wrong[i] !== number[i] && fits(wrong)) count++;
        }
      }
      return count;
    };
    expect(missed(checkDigitFits)).toBe(0);
    // A plain sum of the digits would miss those changed over.
    const sum = (number: Uint8Array) => number.reduce((s, byte) => s + byte, 0);
    const sums = new Set(Array.from({ length: 20 }, (_, n) => sum(ascii(nobody(n)))));
    expect(missed((number) => sums.has(sum(number)))).toBeGreaterThan(0);
  });
});

describe('the digest of a number', () => {
  it('is scrypt (RFC 7914) with N = 2048, r = 8, p = 1 and the salt of the list, in 64 hexadecimal digits', async () => {
    const number = ascii(nobody(1));
    const expected = scryptSync(number, SALT, 32, { N: 2048, r: 8, p: 1 }).toString('hex');
    expect(await digestNumber(number, SALT)).toBe(expected);
    // The example of docs/lists.md: lists that were signed once must go on matching.
    expect(await digestNumber(ascii('11010519491231002X'), SALT)).toBe(
      '3a88dce5a7702b19057d9941253df2b5a6ce71e0d6d4fd603360a6d1b484363c',
    );
    expect(await digestNumber(number, SALT.with(0, 8))).not.toBe(expected);
    expect(await digestNumber(ascii(nobody(2)), SALT)).not.toBe(expected);
  });

  it('has its own copy of the number, which may be wiped at once', async () => {
    const number = ascii(nobody(1));
    const digest = digestNumber(number, SALT);
    number.fill(0);
    expect(await digest).toBe(await digestNumber(ascii(nobody(1)), SALT));
    expect(await digest).not.toBe(await digestNumber(number, SALT));
  });

  it('is made beside the event loop', async () => {
    let turned = false;
    setImmediate(() => (turned = true));
    await digestNumber(ascii(nobody(1)), SALT);
    expect(turned).toBe(true);
  });
});
