/** The catalogue: both languages say the same, every English text finds its Chinese one again. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { area } from './area.ts';
import { problem } from './problem.ts';
import { catalogue, english, inChinese, joined, words, type Code } from './words.ts';

const codes = Object.keys(catalogue) as Code[];
const namesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name!).sort();
/** Commands and names alone are the same in both languages. */
const SAME_IN_BOTH = ['sitebox：{why}', 'chmod {right} {path}'];
/** What is English in a Chinese text: a word that only sentences have, or all of a text without one Chinese character. */
function englishIn(zh: string): string | undefined {
  const own = zh.replace(/\{[^}]*\}|`[^`]*`/g, '');
  const isChinese = /\p{sc=Han}/u.test(own) || !/[a-z]/i.test(own) || SAME_IN_BOTH.includes(zh);
  return isChinese
    ? /(?<![-.])\b(the|is|are|was|of|and|or|to|an?|in|for|with|not|it|this|that)\b(?![-.=])/.exec(own)?.[0]
    : own;
}
const lettersOf = (code: Code): number => catalogue[code].en.replace(/\{[^}]*\}|[^a-z]/gi, '').length;
/** Any message with a value for each of its names. */
const sample = (code: Code): { readonly en: string; readonly zh: string } => {
  const names = namesIn(catalogue[code].en);
  const values = Object.fromEntries(names.map((name, i) => [name, `v${i}-${name}`]));
  return (words as (code: Code, values: object) => { en: string; zh: string })(code, values);
};

describe('the catalogue', () => {
  it('has the same parameters in both languages, Chinese words, and no mark of the other language', () => {
    for (const code of codes) {
      const { en, zh } = catalogue[code];
      expect([code, namesIn(zh).filter((n, i, all) => all.indexOf(n) === i)]).toEqual([
        code,
        namesIn(en).filter((n, i, all) => all.indexOf(n) === i),
      ]);
      expect(en, code).not.toMatch(/[\u3000-\u303f\uff00-\uff60]/);
      expect([code, englishIn(zh)]).toEqual([code, undefined]);
      expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    }
  });

  it.each([
    ['the picture is empty', 'the picture is empty'],
    ['gone: {id}', 'gone: '],
    ['摄像机 {id} is gone', 'is'],
    ['摄像机 {id}：see the log', 'the'],
    ['执行 npx sitebox verify-store --repair', undefined],
    ['用 `journalctl -u sitebox` 查看', undefined],
    ['{file}：{why}', undefined],
  ])('sees English in a Chinese text: %s', (zh, found) => expect(englishIn(zh)).toBe(found));

  it('finds the alarm of a lost key again, with what is lost', () => {
    const alarm = english('seal-key-lost', { rows: 'hits.body 6, evidence.bytes 1', causes: '' });
    expect(inChinese(alarm)).toMatch(/^存储的一把密钥丢失.*hits\.body 6, evidence\.bytes 1$/);
  });

  it('says each number once: `{n|one|many}` is the number and its word', () => {
    const twice = (en: string): boolean => /\{(\w+)\} \{\1\|/.test(en);
    expect(twice('{n} {n|hit|hits}')).toBe(true);
    expect(codes.filter((code) => twice(catalogue[code].en))).toEqual([]);
  });

  it('finds a message inside of another in brackets, and what libraries say in others', () => {
    const cause = english('store-newer', { layout: 99, known: 9 });
    const advice = english('store-advice-newer');
    expect(inChinese(english('store-unusable', { folder: '/a', cause, advice }))).toBe(
      '存储目录 /a 不能用：存储由更新版本的 sitebox 写成（格式 99，本版本只认到 9）（请启动写出它的那个版本或更新的版本；存储没有改动）',
    );
    expect(inChinese(english('store-unusable', { folder: '/a (b', cause: 'EIO', advice }))).toContain(
      '目录 /a (b 不能用',
    );
    expect(inChinese('expected object, received string')).toBe('应为一组键，实际是文字');
    expect(inChinese('the list of tables: file is not a database')).toBe('表目录：文件不是数据库');
    expect(inChinese(english('store-file-gone', { path: '/a/sitebox.db' }))).toBe('文件 /a/sitebox.db 不见了');
    expect(inChinese('heightened is over')).toBe('战时已到时结束');
  });

  it('knows in Chinese what zod says of each check that a form here makes', () => {
    const time = z.iso.datetime();
    const checks: readonly (readonly [z.ZodType, unknown])[] = [
      ...[time, z.string().min(1), z.string().regex(/^a$/), z.enum(['a', 'b'])].map((one) => [one, ''] as const),
      ...[z.int(), z.number().positive(), z.int().min(-1), z.literal([4, 5])].map((one) => [one, -2.5] as const),
      ...[z.int(), z.int().max(9), z.boolean(), z.array(time), z.object({})].map((one) => [one, 1e300] as const),
      ...[z.int(), z.record(z.string().max(1), z.int()), z.strictObject({})].map((one) => [one, { ab: 1 }] as const),
      ...[z.array(z.int()).max(1), z.object({})].map((one) => [one, [1, 2]] as const),
      ...[z.array(z.int()).min(1), z.string(), z.null()].map((one) => [one, []] as const),
      [z.int(), -1e300],
      [z.string().max(1), 'ab'],
      [z.object({ a: z.string(), b: z.int(), c: z.array(z.int()), d: z.object({}), e: z.boolean() }), {}],
    ];
    const said = checks.flatMap(([form, value]) => form.safeParse(value).error?.issues.map((i) => i.message) ?? []);
    expect(said.length).toBeGreaterThanOrEqual(checks.length - 1);
    expect(said.filter((message) => inChinese(message) === message)).toEqual([]);
  });

  it('does not compile with a parameter that one language lacks, an unknown code or a missing value', () => {
    // @ts-expect-error The Chinese words lack {id}.
    area({ 'camera-gone': { en: 'camera {id} is gone', zh: '摄像机不见了' } });
    // @ts-expect-error There is no such code.
    expect(() => english('camera-gone')).toThrow();
    // @ts-expect-error `seconds` and `cause` are missing.
    expect(english('camera-silent', { id: 'a', lane: 'b' })).toContain('camera a');
    // @ts-expect-error It says nothing of what to do.
    expect(() => problem('x', 'camera-frozen')).toThrow();
  });

  it('finds the Chinese words of an English text, with those inside of it', () => {
    const missing = codes
      .filter((code) => !code.startsWith('help-'))
      .filter((code) => !catalogue[code].en.includes('{') || lettersOf(code) >= 8)
      .filter((code) => catalogue[code].en.includes(' '))
      .filter((code) => inChinese(sample(code).en) !== sample(code).zh);
    expect(missing).toEqual([]);
    expect(
      inChinese(english('camera-silent', { id: 'n', lane: 'in', seconds: 9, cause: english('camera-frozen') })),
    ).toBe('摄像机 n（通道 in）已有 9 秒没有新画面：画面不变');
    expect(inChinese('a.jpg: is not a picture; expected JPEG, PNG, WebP or BMP\n\nb.jpg: is empty (0 bytes)')).toBe(
      'a.jpg：不是图片；应为 JPEG、PNG、WebP 或 BMP\n\nb.jpg：是空的（0 字节）',
    );
    expect(inChinese('issued is missing; expires is missing')).toBe('issued 缺少；expires 缺少');
    expect(inChinese(english('list-none-under-root', { list: 'doc-list', version: 2 }))).toMatch(/导入证件布控名单；/);
    expect(inChinese('connect ECONNREFUSED 10.0.0.1:554')).toBe('connect ECONNREFUSED 10.0.0.1:554');
  });

  it('counts in English, and puts each language between the parts of a list', () => {
    expect(english('outbox-sent-again', { sent: 1 })).toBe('1 event is sent again');
    expect(english('outbox-sent-again', { sent: 2 })).toBe('2 events are sent again');
    expect(joined(['a', words('camera-frozen')])).toEqual({ en: 'a, the picture does not change', zh: 'a、画面不变' });
    // What somebody wrote is no pattern.
    expect(words('order-missing', { id: '{id} $& \\1' }).en).toBe('REFUSED: there is no order {id} $& \\1');
  });
});
