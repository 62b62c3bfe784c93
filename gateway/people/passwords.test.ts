import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { loadCommonPasswords, passwordMistake, pinMistake } from './passwords.ts';
import { serviceNumberOf } from './service-number.ts';

const LI = { serviceNumber: '100427', name: '李 小 舟' };
const ANNA = { serviceNumber: 'FJ2204', name: 'Anna Bo Marten' };
const common = () => new Set(['qwertyuiop', 'password123']);
const mistake = (password: string, person = LI) => passwordMistake(password, person, common)?.code;

describe('a password', () => {
  it('has at least 10 characters, counted as people count them, and may be a long sentence', () => {
    expect(mistake('ninechars')).toBe('password-short');
    expect(mistake('七个绿色的风筝飞了')).toBe('password-short');
    expect(mistake('七个绿色的风筝飞走了')).toBeUndefined();
    expect(mistake('🪁'.repeat(9))).toBe('password-short');
    expect(mistake('a long sentence '.repeat(8))).toBeUndefined();
    expect(mistake('a'.repeat(129))).toBe('password-long');
  });

  it('is none of the commonest, in whichever letters it is typed', () => {
    for (const one of ['qwertyuiop', 'QWERTYUIOP', 'Password123', 'ｐａｓｓｗｏｒｄ１２３'])
      expect(mistake(one)).toBe('password-common');
  });

  it('holds neither the service number nor the name', () => {
    for (const one of ['boat 100427 boat', '李小舟的绿色大风筝飞', '李 小 舟的绿色大风筝'])
      expect(mistake(one)).toBe('password-personal');
    for (const one of ['green fj2204 kite', 'marten in a boat', 'ANNABOMARTEN!'])
      expect(mistake(one, ANNA)).toBe('password-personal');
    // `Bo` is in too many words.
    expect(mistake('a boat and a kite', ANNA)).toBeUndefined();
  });

  it('is refused where the list of the commonest is not installed', () => {
    expect(passwordMistake('seven green kites', LI, () => undefined)?.code).toBe('password-list-missing');
  });

  const isInstalled = loadCommonPasswords() !== undefined;
  it.runIf(isInstalled)(
    'the list of the package has the commonest 3,000 in small letters, and its licence is MIT',
    () => {
      const list = loadCommonPasswords()!;
      expect(list.size).toBeGreaterThan(3_000);
      for (const one of ['1q2w3e4r5t', 'qwertyuiop', '1234567890']) expect(list.has(one)).toBe(true);
      expect([...list].every((one) => one === one.toLowerCase())).toBe(true);
      const { license } = createRequire(import.meta.url)('@zxcvbn-ts/language-common/package.json') as {
        license: string;
      };
      expect(license).toBe('MIT');
    },
  );
});

describe('a PIN', () => {
  it('has six digits that are no run and not part of the service number', () => {
    const pin = (text: string, serviceNumber = '00270413') => pinMistake(text, { serviceNumber })?.code;
    expect(['12345', '1234567', '12345a', ''].map((text) => pin(text))).toEqual(Array(4).fill('pin-form'));
    expect(['000000', '123456', '987654', '270413'].map((text) => pin(text))).toEqual(Array(4).fill('pin-simple'));
    expect(pin('270414')).toBeUndefined();
  });
});

describe('a service number', () => {
  it('is one person however it is typed', () => {
    expect([' 04a21 ', '０４Ａ２１', '04A21'].map(serviceNumberOf)).toEqual(Array(3).fill('04A21'));
    expect(['', '12', '1 2 3', 'x'.repeat(21), '李小舟'].map(serviceNumberOf)).toEqual(Array(5).fill(undefined));
  });
});
