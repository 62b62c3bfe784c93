/**
 * A small strict reader for the XML that cameras send: elements, text, CDATA, comments. Document types, entities of one's own and
 * processing instructions are refused, so nothing can grow or reach out while it is read; namespaces are passed over.
 */
import { PushError } from './codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

export const MAX_XML_BYTES = 64 * 1024;
const MAX_DEPTH = 16;

/** White space of XML; JavaScript's has more. */
const S = '[ \\t\\r\\n]';
const NAME = '[A-Za-z_][\\w.-]*';
/** An opening, closing or empty tag with its attributes: closing, name or prefix, local name, empty. */
const TAG = new RegExp(
  `<(/?)(${NAME})(?::(${NAME}))?(?:${S}+[A-Za-z_][\\w.:-]*${S}*=${S}*(?:"[^"<]*"|'[^'<]*'))*${S}*(/?)>`,
  'y',
);
const DECLARATION =
  /^<\?xml\s+version\s*=\s*["']1\.[01]["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/i;
const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Outside the Char production of XML 1.0. */
const NO_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * The text of the elements that `wanted` names by path, e.g. `Alert/ANPR/licensePlate`: local names, whatever the namespace. Of
 * elements that stand there twice the first counts; everything else is passed over. Throws a PushError with the place of the mistake.
 */
export function readXml(text: string, wanted: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const open: { readonly name: string; readonly path: string; text: string | undefined }[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  at += DECLARATION.exec(text.slice(at))?.[0].length ?? 0;
  let root = false;

  const refuse = (problem: string): PushError => new PushError(400, english('push-xml', { at, problem }));
  const stray = NO_CHARACTER.exec(text);
  if (stray) {
    at = stray.index;
    throw refuse(english('push-xml-control'));
  }
  const skipPast = (mark: string, from: number): number => {
    const end = text.indexOf(mark, from);
    if (end < 0) throw refuse(english('push-xml-mark', { mark }));
    return end;
  };
  const write = (words: string): void => {
    const element = open.at(-1);
    if (!element) throw refuse(english('push-xml-one-element'));
    if (element.text !== undefined) element.text += words;
  };
  const enter = (name: string, path: string): void => {
    if (open.length === MAX_DEPTH) throw refuse(english('push-xml-too-deep', { most: MAX_DEPTH }));
    if (open.length === 0 && root) throw refuse(english('push-xml-one-element'));
    root = true;
    open.push({ name, path, text: wanted.has(path) && !found.has(path) ? '' : undefined });
  };
  const leave = (name: string): void => {
    const element = open.pop();
    if (element?.name !== name) throw refuse(english('push-xml-other-end'));
    if (element.text !== undefined) found.set(element.path, element.text);
  };
  const tag = (): void => {
    TAG.lastIndex = at;
    const match = TAG.exec(text);
    if (!match) throw refuse(english('push-xml-tag'));
    const name = match[3] === undefined ? match[2]! : `${match[2]}:${match[3]}`;
    if (match[1] === '/') leave(name);
    else {
      const parent = open.at(-1)?.path;
      enter(name, parent === undefined ? (match[3] ?? match[2]!) : `${parent}/${match[3] ?? match[2]}`);
      if (match[4] === '/') leave(name);
    }
    at = TAG.lastIndex;
  };

  while (at < text.length) {
    if (text.startsWith('<!--', at)) at = skipPast('-->', at + 4) + 3;
    else if (text.startsWith('<![CDATA[', at)) {
      const end = skipPast(']]>', at);
      write(unixLines(text.slice(at + 9, end)));
      at = end + 3;
    } else if (text.startsWith('<!', at)) throw refuse(english('push-xml-doctype'));
    else if (text.startsWith('<?', at)) throw refuse(english('push-xml-instruction'));
    else if (text[at] === '<') tag();
    else {
      const end = text.indexOf('<', at);
      const words = text.slice(at, end < 0 ? text.length : end);
      if (words.includes(']]>')) throw refuse(english('push-xml-cdata'));
      if (open.length > 0 || /[^ \t\r\n]/.test(words)) write(resolved(unixLines(words), refuse));
      at += words.length;
    }
  }
  if (!root || open.length > 0) throw refuse(english('push-xml-not-closed'));
  return found;
}

/** Text with its references to characters resolved; to anything else it may not refer. */
function resolved(words: string, refuse: (problem: string) => PushError): string {
  return words.replace(/&(?:#(\d{1,7}|x[\da-f]{1,6});|([a-z]{2,4});)?/gi, (_, number?: string, name?: string) => {
    const character = number === undefined ? PREDEFINED[name ?? ''] : characterOf(number);
    if (character === undefined) throw refuse(english('push-xml-reference'));
    return character;
  });
}

function characterOf(number: string): string | undefined {
  const code = /^x/i.test(number) ? Number.parseInt(number.slice(1), 16) : Number(number);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
  return NO_CHARACTER.test(character) ? undefined : character;
}

/** As XML 1.0 wants it (2.11): however a line ends, its end is read as a line feed. */
function unixLines(words: string): string {
  return words.replace(/\r\n?/g, '\n');
}
