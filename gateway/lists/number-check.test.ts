import { expect, test } from 'vitest';
import { checkNumber } from './number-check.ts';

test('L4: O and I are letters where the form of the document has letters, and doubted elsewhere', () => {
  // Invented numbers of the form of a permanent resident card until 2023.
  for (const number of ['MCO310188010100', 'DJI110077020299'].map((n) => n.padEnd(15, '7').slice(0, 15))) {
    expect(checkNumber(number, number)).toEqual({ number });
  }
  for (const number of ['E1234O678', 'I12345678', '11010119900307100O']) {
    expect(checkNumber(number, number)).toHaveProperty('suspicion');
  }
});
