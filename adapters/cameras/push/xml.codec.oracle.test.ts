/** XML against saxes: what is read alike, and whether anything is read that is not well-formed. */
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { PushError } from './codec.ts';
import { readXml } from './xml.codec.ts';

const WANTED = new Set(['a', 'a/b', 'a/b/a', 'a/a', 'a/a/b']);

/** Undefined: refused. */
function byUs(text: string): Record<string, string> | undefined {
  try {
    return Object.fromEntries(readXml(text, WANTED));
  } catch (error) {
    expect(error).toBeInstanceOf(PushError);
    return undefined;
  }
}

/** By local names, the first of a path, as here. */
function byOracle(text: string): Record<string, string> | undefined {
  const open: { path: string; text: string }[] = [];
  const found: Record<string, string> = {};
  const parser = new SaxesParser();
  const write = (words: string): void => {
    const element = open.at(-1);
    if (element) element.text += words;
  };
  parser.on('text', write);
  parser.on('cdata', write);
  parser.on('opentag', ({ name }) => {
    const parent = open.at(-1)?.path;
    const local = name.replace(/^.*:/, '');
    const path = parent === undefined ? local : `${parent}/${local}`;
    open.push({ path, text: '' });
  });
  parser.on('closetag', () => {
    const { path, text } = open.pop()!;
    if (WANTED.has(path)) found[path] ??= text;
  });
  try {
    parser.write(text).close();
    return found;
  } catch {
    return undefined;
  }
}

/** What may lie between tags. */
const text = fc.constantFrom(
  ...[
    '1',
    ' ',
    '\r\n',
    '\n',
    '\r',
    '\u00a0',
    '鄂',
    '"',
    ';',
    '>',
    '&lt;',
    '&amp;',
    '&#65;',
    '&#13;',
    '&#xd;',
    '&#x9102;',
  ],
  ...['<![CDATA[<&\r\n]]>', '<!-- a -->'],
);
const tag = fc.constantFrom(
  ...['<a>', '</a>', '<b>', '</b>', '<x:b y="1">', '</x:b>', '<a/>', '<b x="1" y=\'2\'/>', '<a x=">">', '<a x="&lt;">'],
  ...['<a\n>', '</a >'],
);
const broken = fc.constantFrom(
  ...['&', '&e;', '&#0;', '&#xffff;', '&#xd800;', '&#x110000;', ']]>', '<', '<![CDATA[', '\0', '\u001f', '\ufffe'],
  ...['</ a>', '< a>', '<-a>', '<a:b:c>', '<a x>', '<a x=1>', '<a x="1"y="2">', '<a x="<">'],
);

/** Elements in each other, with whatever may lie between them. */
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(fc.constantFrom('a', 'b', 'x:a', 'a:b'), fc.constantFrom('', ' ', '\r\n c="&lt;>"'), tie('content'))
    .map(([name, rest, content]) => `<${name}${rest}>${content}</${name}>`),
  content: fc
    .array(fc.oneof({ depthSize: 'small' }, text, tie('element')), { maxLength: 4 })
    .map((all) => all.join('')),
}));
const documents = fc
  .tuple(fc.constantFrom('', '\ufeff', '<?xml version="1.0" encoding="UTF-8"?>', ' ', '<!-- a -->'), element)
  .map(([head, root]) => `${head}${root.replace(/^<.*?(?=[\s>])/, '<a').replace(/<\/[^<]*$/, '</a>')}\n`);
/** Where they differ on purpose, see below: references in attributes, two hyphens in a comment, names beyond ASCII, declarations. */
const ON_PURPOSE = /="[^"<]*&(?!lt;)|='[^'<]*&(?!lt;)|<!--(?:(?!-->)[^])*?--(?!>)|<[^>]*鄂|<\?/;
const damaged = fc
  .tuple(documents, fc.nat(), fc.nat(3), fc.oneof(text, tag, broken))
  .map(([text, n, lost, put]) => text.slice(0, n % text.length) + put + text.slice((n % text.length) + lost))
  .filter((text) => !ON_PURPOSE.test(text));

describe('XML and saxes', () => {
  it('read the same text', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const ours = byUs(text);
        expect(ours).toHaveProperty('a');
        expect(ours).toEqual(byOracle(text));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('accept and refuse a damaged document alike, and read the same text', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        expect(byUs(text)).toEqual(byOracle(text));
      }),
      { seed: 1, numRuns: 1500 },
    );
  });

  it.each([
    ['an attribute that stands twice', '<a x="1" x="2"/>'],
    ['an unknown entity in an attribute', '<a x="&e;"/>'],
    ['two hyphens in a comment', '<a><!-- -- --></a>'],
  ])('on purpose: %s is passed over here and refused there', (_, text) => {
    expect([byUs(text), byOracle(text)]).toEqual([{ a: '' }, undefined]);
  });

  it.each([
    ['a document type', '<!DOCTYPE a><a/>'],
    ['a processing instruction', '<a><?b c?></a>'],
    ['a name that is not of ASCII letters', '<a><名/></a>'],
    ['a version of XML that does not exist', '<?xml version="1.10"?><a/>'],
  ])('on purpose: %s is refused here and read there', (_, text) => {
    expect([byUs(text), byOracle(text)]).toEqual([undefined, { a: '' }]);
  });
});
