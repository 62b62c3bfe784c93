/**
 * Documents held to the files: links and anchors lead somewhere; `docs/libraries.md` has a row for every codec, and names no path that is not there;
 * the index of decisions has a row for every record, in the order of their numbers, and for nothing else; the map has a row for every room.
 */
import { posix } from 'node:path';
import type { Files } from './tidy.ts';

const TABLE = 'docs/libraries.md';
const CODEC = /^adapters\/(.*[/.])?codec\.ts$/;

/** Codecs without a row, rows without a path, and paths of rows that are no file and no folder. */
export function checkLibraries(files: Files): string[] {
  const paths = [...files.keys()];
  const problems: string[] = [];
  const named = new Set<string>();
  for (const [i, line] of (files.get(TABLE) ?? '').split('\n').entries()) {
    const cell = /^\| *([^|]*)\|/.exec(line)?.[1];
    if (cell === undefined || /^(Written here|-+) *$/.test(cell)) continue;
    const inRow = [...cell.matchAll(/`([^`]*)`/g)].map((found) => found[1]!);
    if (inRow.length === 0) problems.push(`${TABLE}:${i + 1}: names no path of what is written here`);
    for (const path of inRow) {
      named.add(path);
      const isThere = files.has(path) || (path.endsWith('/') && paths.some((other) => other.startsWith(path)));
      if (!isThere) problems.push(`${TABLE}:${i + 1}: ${path} is not there`);
    }
  }
  const without = paths.filter((path) => CODEC.test(path) && !named.has(path));
  return [
    ...problems,
    ...without.map((path) => `${path}: has no row in ${TABLE}; say which library could do it, and why not`),
  ];
}

const INDEX = 'docs/decisions/README.md';
const RECORD = /^docs\/decisions\/((\d{3})-[a-z0-9-]+\.md)$/;

/** Records without a row, rows without a record, rows out of order or under another number or title than the record's. */
export function checkDecisions(files: Files): string[] {
  const records = new Map<string, string>();
  for (const [path, text] of files) {
    const found = RECORD.exec(path);
    if (found) records.set(found[1]!, `${found[2]}: ${/^# \d{3}: (.*)$/m.exec(text)?.[1]?.toLowerCase()}`);
  }
  const rows = [...(files.get(INDEX) ?? '').matchAll(/^\| \[(\d{3})\]\(([^)]*)\) \| ([^|]*?) \|/gm)];
  const named = rows.map(([, , file]) => file!);
  const wrong = rows.filter(([, number, file, title]) => records.get(file!) !== `${number}: ${title!.toLowerCase()}`);
  return [
    ...[...records.keys()].filter((file) => !named.includes(file)).map((file) => `${INDEX}: has no row for ${file}`),
    ...wrong.map(([, number, file]) => `${INDEX}: row ${number} is not the number and title of ${file}`),
    ...(named.join() === [...new Set(named)].sort().join() ? [] : [`${INDEX}: rows are out of order, or there twice`]),
  ];
}

const MAP = 'ARCHITECTURE.md';
/** Folders whose own folders are rooms. */
const HOUSES = ['gateway', 'simulators'];

/** Rooms that the table of the map does not name, and folders of the gateway, adapters and models that the row of their room does not name. */
export function checkMap(files: Files): string[] {
  const table = /^## Rooms, top down$(.*?)^## /ms.exec(files.get(MAP) ?? '')?.[1] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| '));
  const rowOf = (room: string): string | undefined =>
    rows.find((row) => [`](${room})`, `](${room}/README.md)`].some((link) => row.includes(link)));
  const rooms = new Map<string, Set<string>>();
  for (const path of files.keys()) {
    const parts = path.split('/').slice(0, -1);
    const depth = HOUSES.includes(parts[0] ?? '') ? 2 : ['adapters', 'models'].includes(parts[0] ?? '') ? 1 : Infinity;
    if (parts.length < depth) continue;
    const room = parts.slice(0, depth).join('/');
    const inner = rooms.get(room) ?? new Set();
    const folder = room.startsWith('simulators/') ? undefined : parts[depth];
    rooms.set(room, folder === undefined || folder === 'testdata' ? inner : inner.add(folder));
  }
  return [...rooms].flatMap(([room, folders]) => {
    const row = rowOf(room);
    if (row === undefined) return [`${MAP}: has no row for ${room}/`];
    return [...folders]
      .filter((f) => !row.includes(`\`${f}/\``))
      .map((f) => `${MAP}: the row of ${room}/ has no ${f}/`);
  });
}

/** Links of Markdown files to files or folders of the repository, or to headings, that are not there. Code blocks are passed over. */
export function checkLinks(files: Files): string[] {
  const problems: string[] = [];
  const there = (path: string): boolean =>
    path === '.' || files.has(path) || [...files.keys()].some((p) => p.startsWith(`${path.replace(/\/$/, '')}/`));
  for (const [path, text] of files) {
    if (!path.endsWith('.md')) continue;
    const prose = proseOf(text).replace(/`[^`\n]*`/g, '');
    for (const link of prose.matchAll(/\]\(<?([^)\s>]+)/g)) {
      const [target = '', anchor] = decodeURI(link[1]!).split('#');
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
      const at = `${path}:${prose.slice(0, link.index).split('\n').length}`;
      const to = target === '' ? path : posix.normalize(posix.join(posix.dirname(path), target));
      if (!there(to)) problems.push(`${at}: links to ${target}, which is not there`);
      else if (anchor !== undefined && to.endsWith('.md') && !anchorsOf(files.get(to)!).has(anchor))
        problems.push(`${at}: links to ${target}#${anchor}, which is no heading there`);
    }
  }
  return problems;
}

/** The text with its blocks of code empty. */
function proseOf(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, (block) => block.replace(/[^\n]/g, ''));
}

/** The anchors that GitHub makes of headings: lower case, without punctuation, `-` for blanks, and `-1` behind one that is there already. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(text).matchAll(/^#{1,6} +(.*?)[ #]*$/gm)) {
    const plain = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of text.matchAll(/<a (?:id|name)="([^"]*)"/g)) anchors.add(id);
  return anchors;
}

/** Commands in documents that start a TypeScript file by the Node of the reader, which may be too old for it. */
export function checkCommands(files: Files): string[] {
  return [...files].flatMap(([path, text]) =>
    path.endsWith('.md')
      ? text.split('\n').flatMap((line, i) => {
          const [, command] =
            /(?<!npx )(?<![\w./-])(node (?:adapters|gateway|models|simulators)\/[\w./-]+\.ts)/.exec(line) ?? [];
          return command === undefined
            ? []
            : [`${path}:${i + 1}: ${command}: write npx node, which is the one that ./setup brought`];
        })
      : [],
  );
}
