import { describe, expect, it } from 'vitest';
import { colourOf, readWrittenPlate } from './codec.ts';

describe('P1: the plate as cameras write it', () => {
  it.each([
    ['蓝皖A12345', '皖A12345', 'blue'],
    ['黄皖A12345', '皖A12345', 'yellow'],
    ['白皖A1234警', '皖A1234警', 'white'],
    ['绿皖AD12345', '皖AD12345', 'green'],
    ['黄绿皖AD12345', '皖AD12345', 'yellow-green'],
    ['黄绿双拼色皖AD12345', '皖AD12345', 'yellow-green'],
    ['渐变绿皖AD12345', '皖AD12345', 'green'],
    ['蓝色皖A12345', '皖A12345', 'blue'],
    ['蓝牌 皖A·12345', '皖A·12345', 'blue'],
    ['【蓝】皖A12345', '皖A12345', 'blue'],
    ['蓝-皖A12345', '皖A12345', 'blue'],
    ['blue皖A12345', '皖A12345', 'blue'],
    ['Yellow Green 皖AD12345', '皖AD12345', 'yellow-green'],
    ['newEnergyYellowGreen_皖AD12345', '皖AD12345', 'yellow-green'],
    ['皖A12345蓝', '皖A12345', 'blue'],
    ['皖A12345(蓝色)', '皖A12345', 'blue'],
    ['皖A12345 blue', '皖A12345', 'blue'],
    ['红皖A12345', '皖A12345', 'unknown'],
    ['未知皖A12345', '皖A12345', 'unknown'],
    ['蓝皖Ａ１２３４５', '皖A12345', 'blue'],
    ['白WJ皖1234X', 'WJ皖1234X', 'white'],
    ['黑使123456', '使123456', 'black'],
    ['黑123456使', '123456使', 'black'],
    ['皖A12345\u0000\u0000', '皖A12345', undefined],
    ['\ufeff皖A12345 ', '皖A12345', undefined],
    // Black is a province too.
    ['黑A12345', '黑A12345', undefined],
    ['黑A1234学', '黑A1234学', undefined],
    ['黑12345领', '黑12345领', undefined],
    ['黑黑A12345', '黑A12345', 'black'],
    ['蓝黑A12345', '黑A12345', 'blue'],
    ['黑皖A12345', '皖A12345', 'black'],
    ['黑色黑A12345', '黑A12345', 'black'],
    // Siblings: named with what is written on it, twice, in other brackets, with what nobody sees, in the older characters.
    ['蓝底白字皖A12345', '皖A12345', 'blue'],
    ['蓝牌照皖A12345', '皖A12345', 'blue'],
    ['蓝皖A12345蓝', '皖A12345', 'blue'],
    ['蓝蓝皖A12345', '皖A12345', 'blue'],
    ['黄底黑字 黑A12345', '黑A12345', 'yellow'],
    ['蓝(皖A12345)', '皖A12345', 'blue'],
    ['<蓝>皖A12345', '皖A12345', 'blue'],
    ['“蓝”、皖A12345', '皖A12345', 'blue'],
    ['蓝+皖A12345', '皖A12345', 'blue'],
    ['蓝\u0000皖A12345', '皖A12345', 'blue'],
    ['蓝\u202e皖A12345', '皖A12345', 'blue'],
    ['藍皖A12345', '皖A12345', 'blue'],
    ['双拼黄绿皖AD12345', '皖AD12345', 'yellow-green'],
    ['黄绿双色皖AD12345', '皖AD12345', 'yellow-green'],
    ['yellow/green皖AD12345', '皖AD12345', 'yellow-green'],
    ['绿色渐变皖AD12345', '皖AD12345', 'green'],
    ['大型新能源皖AD12345', '皖AD12345', 'yellow-green'],
    ['混色皖A12345', '皖A12345', 'unknown'],
    ['无色皖A12345', '皖A12345', 'unknown'],
    ['123456使 黑', '123456使', 'black'],
    // These letters are of the plate.
    ['皖A12RED', '皖A12RED', undefined],
    ['蓝皖A1BLUE', '皖A1BLUE', 'blue'],
    ['皖A12345red', '皖A12345', 'unknown'],
    // Nothing comes off what would not be a plate then.
    ['蓝12345', '蓝12345', undefined],
    ['blueA12345', 'blueA12345', undefined],
  ])('%j is %s, %s', (written, text, colour) => {
    expect(readWrittenPlate(written)).toEqual({ kind: 'plate', text, colour });
  });

  it.each([
    '',
    ' ',
    '\u0000',
    '--',
    '****',
    '无车牌',
    ' 无 牌 ',
    '未识别',
    'Unknown',
    'NO_PLATE',
    '蓝无车牌',
    '无牌车黄',
    '蓝临时车牌',
    '未上牌',
    '蓝',
  ])('%j is no plate', (written) => expect(readWrittenPlate(written)).toEqual({ kind: 'none' }));

  it('names colours in fields of their own, with or without 色', () => {
    const words = ['蓝', '蓝色', 'Blue', 'Shadow Green', '双拼', '民航黑', 'constructor', undefined];
    expect(words.map(colourOf)).toEqual([
      'blue',
      'blue',
      'blue',
      'green',
      'yellow-green',
      'unknown',
      'unknown',
      'unknown',
    ]);
  });
});
