/** The catalogue: both languages say the same, every English text finds its Chinese one again. */
import { describe, expect, it } from 'vitest';
import { area } from './area.ts';
import { problem } from './problem.ts';
import { catalogue, english, inChinese, joined, words, type Code } from './words.ts';

const codes = Object.keys(catalogue) as Code[];
const namesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name!).sort();
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
      expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    }
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
