/** The sentences of zod, the library that checks the shape of files, found again by their English words (`inChinese`). */
import { area } from './area.ts';

/** What zod calls the types of values. */
export const zodTypes = new Map([
  ['string', '文字'],
  ['number', '数'],
  ['int', '整数'],
  ['boolean', 'true 或 false'],
  ['array', '列表'],
  ['object', '一组键'],
  ['record', '一组键'],
  ['null', '空值'],
  ['undefined', '缺少'],
]);

export const zod = area({
  'zod-input': { en: 'Invalid input: {problem}', zh: '{problem}' },
  'zod-option': { en: 'Invalid option: {problem}', zh: '{problem}' },
  'zod-missing': { en: 'expected {expected}, received undefined', zh: '缺少（应为 {expected}）' },
  'zod-missing-string': { en: 'expected string, received undefined', zh: '缺少（应为文字）' },
  'zod-missing-number': { en: 'expected number, received undefined', zh: '缺少（应为数）' },
  'zod-missing-array': { en: 'expected array, received undefined', zh: '缺少（应为列表）' },
  'zod-missing-object': { en: 'expected object, received undefined', zh: '缺少（应为一组键）' },
  'zod-string': { en: 'expected string, received {received}', zh: '应为文字，实际是 {received}' },
  'zod-number': { en: 'expected number, received {received}', zh: '应为数，实际是 {received}' },
  'zod-array': { en: 'expected array, received {received}', zh: '应为列表，实际是 {received}' },
  'zod-object': { en: 'expected object, received {received}', zh: '应为一组键，实际是 {received}' },
  'zod-type': { en: 'expected {expected}, received {received}', zh: '应为 {expected}，实际是 {received}' },
  'zod-value': { en: 'expected "{value}" and nothing else', zh: '应为 "{value}"' },
  'zod-one-of': { en: 'expected one of {values}', zh: '应为其中之一：{values}' },
  'zod-number-too-big': { en: 'Too big: expected number to be <={most}', zh: '过大：应不超过 {most}' },
  'zod-number-too-small': { en: 'Too small: expected number to be >={least}', zh: '过小：应不小于 {least}' },
  'zod-number-not-above': { en: 'Too small: expected number to be >{above}', zh: '过小：应大于 {above}' },
  'zod-int-too-big': { en: 'Too big: expected int to be <={most}', zh: '过大：应不超过 {most}' },
  'zod-int-too-small': { en: 'Too small: expected int to be >={least}', zh: '过小：应不小于 {least}' },
  'zod-string-too-long': { en: 'Too big: expected string to have <={most} characters', zh: '过长：最多 {most} 个字符' },
  'zod-string-too-short': {
    en: 'Too small: expected string to have >={least} characters',
    zh: '过短：至少 {least} 个字符',
  },
  'zod-array-too-long': { en: 'Too big: expected array to have <={most} items', zh: '过多：最多 {most} 项' },
  'zod-array-too-short': { en: 'Too small: expected array to have >={least} items', zh: '过少：至少 {least} 项' },
  'zod-pattern': { en: 'Invalid string: must match pattern {pattern}', zh: '格式不对：应符合 {pattern}' },
  'zod-key': { en: 'Invalid key in record', zh: '键的名称不对' },
  'zod-time': { en: 'Invalid ISO datetime', zh: '应为 RFC 3339 格式的时间' },
  'zod-unknown-key': { en: 'Unrecognized key: {key}', zh: '没有这个键：{key}' },
  'zod-unknown-keys': { en: 'Unrecognized keys: {keys}', zh: '没有这些键：{keys}' },
  'zod-discriminator-value': { en: 'Invalid discriminator value. Expected {values}', zh: '应为其中之一：{values}' },
  'zod-discriminator': { en: 'No matching discriminator', zh: '没有这个种类' },
});
