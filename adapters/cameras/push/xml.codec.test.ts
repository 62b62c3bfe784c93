import { describe, expect, it } from 'vitest';
import { readXml } from './xml.codec.ts';

const WANTED = new Set(['a', 'a/b', 'a/c/d']);
const read = (text: string): Record<string, string> => Object.fromEntries(readXml(text, WANTED));

describe('XML', () => {
  it.each<[string, string, Record<string, string>]>([
    ['elements by path', '<a><b>1</b><c><d>2</d></c><d>3</d></a>', { a: '', 'a/b': '1', 'a/c/d': '2' }],
    ['any prefix, any namespace', '<x:a xmlns:x="u"><y:b q=\'1\' x:r = "2">1</y:b></x:a>', { a: '', 'a/b': '1' }],
    ['empty elements', '<a><b/><c ><d x="1" /></c></a >', { a: '', 'a/b': '', 'a/c/d': '' }],
    [
      'a declaration, a mark and space',
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<a><b>1</b></a>\n',
      { a: '', 'a/b': '1' },
    ],
    ['comments', '<!-- <b>0</b> --><a><b>1<!-- & -->2</b></a>', { a: '', 'a/b': '12' }],
    ['CDATA as it stands', '<a><b><![CDATA[<&x;]]>1</b></a>', { a: '', 'a/b': '<&x;1' }],
    [
      'references to characters',
      '<a><b>&lt;&gt;&amp;&quot;&apos;&#30340;&#x7696;</b></a>',
      { a: '', 'a/b': '<>&"\'的皖' },
    ],
    ['line ends as line feeds', '<a><b>1\r\n2\r3<![CDATA[\r\n]]>&#13;</b></a>', { a: '', 'a/b': '1\n2\n3\n\r' }],
    ['the first of two', '<a><b>1</b><b>2</b></a>', { a: '', 'a/b': '1' }],
    ['only the text of the element itself', '<a>1<b>2<e>3</e>4</b>5</a>', { a: '15', 'a/b': '24' }],
  ])('gives %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no element', 'hello'],
    ['two roots', '<a/><a/>'],
    ['text beside the root', '<a/>x'],
    ['an element without end', '<a><b></a>'],
    ['no end at all', '<a><b>1'],
    ['an end without beginning', '</a>'],
    ['a tag without end', '<a><b'],
    ['an attribute without quotes', '<a b=1/>'],
    ['a comment without end', '<a><!-- </a>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity', '<a><b>&e;</b></a>'],
    ['an entity where nothing is read', '<a><other>&e;</other></a>'],
    ['a bare ampersand', '<a><b>1 & 2</b></a>'],
    ['a character that is none', '<a><b>&#0;</b></a>'],
    ['half a character', '<a><b>&#xD800;</b></a>'],
    ['a reference to what is no character', '<a><b>&#xFFFF;</b></a>'],
    ['a control character', '<a><b>1\u00012</b></a>'],
    ['an end of CDATA that did not begin', '<a><b>1]]>2</b></a>'],
    ['a space that is not one of XML in a tag', '<a\u00a0><b>1</b></a>'],
    ['a space that is not one of XML beside the root', '<a/>\u00a0'],
    ['a reference beside the root', '<a/>&#32;'],
    ['a character beyond all', '<a><b>&#x110000;</b></a>'],
    ['an instruction', '<a><?php echo 1?></a>'],
    ['a declaration further on', '<a/><?xml version="1.0"?>'],
    ['another encoding', '<?xml version="1.0" encoding="GB2312"?><a/>'],
    ['17 elements in each other', `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`],
    ['100,000 elements in each other', '<a>'.repeat(100_000)],
  ])('%s is refused, with the place', (_, text) => {
    expect(() => read(text)).toThrow(/^XML, character \d+: expected /);
  });

  it('takes 16 elements in each other', () => {
    expect(read(`${'<a>'.repeat(16)}${'</a>'.repeat(16)}`)).toEqual({ a: '' });
  });

  it('64 kB of openings, quotes or references take no longer than they are', () => {
    for (const piece of ['<', '<a ', '<a b="', "<a b='1' ", '&', '&#', '<!-', '<![CDATA[', ' ', '<a:']) {
      expect(() => read(piece.repeat(64_000 / piece.length))).toThrow('XML, character');
    }
  });
});

describe('entities that grow', () => {
  const bomb =
    '<!DOCTYPE a [<!ENTITY e0 "ha">' +
    Array.from({ length: 4 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('') +
    ']><a><b>&e4;</b></a>';
  /** True when a reader makes no more of the bomb than it is. */
  const withstands = (reader: (text: string) => Record<string, string>): boolean => {
    try {
      return (reader(bomb)['a/b'] ?? '').length <= bomb.length;
    } catch {
      return true;
    }
  };
  /** What a reader does that believes in document types. */
  const believing = (text: string): Record<string, string> => {
    const entities = new Map([...text.matchAll(/<!ENTITY (\w+) "([^"]*)">/g)].map((m) => [m[1]!, m[2]!]));
    const grow = (words: string): string => words.replace(/&(\w+);/g, (_, name: string) => grow(entities.get(name)!));
    return read(grow(text.replace(/<!DOCTYPE[^\]]*\]>/, '')));
  };

  it('do not grow here; a reader that lets them would be caught', () => {
    expect(withstands(read)).toBe(true);
    expect(withstands(believing)).toBe(false);
  });
});
