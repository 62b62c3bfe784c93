/** The files of the lane page, held in memory, and the headers that every response of the page carries. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
};

/** No other file of the folder is served. */
const FILES = [
  'lane.css',
  'list.css',
  'plain.css',
  'lane.js',
  'draw.js',
  'show.js',
  'words.js',
  'sound.js',
  'settings.js',
  'icon.svg',
];

/**
 * Scripts and styles come only from our own files, no other page may frame this one, and no string becomes markup, so that the text of a list
 * cannot inject any (Content Security Policy Level 3, Trusted Types).
 */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
    "require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Throws where a file is missing: the installation is broken. */
export function loadAssets() {
  const load = (name: string): Asset => ({
    type: TYPES[name.slice(name.lastIndexOf('.') + 1) as keyof typeof TYPES],
    bytes: readFileSync(new URL(`./client/${name}`, import.meta.url)),
  });
  const lane = load('lane.html');
  const files = new Map(FILES.map((name) => [name, load(name)]));
  const hash = createHash('sha256');
  for (const asset of [lane, ...files.values()]) hash.update(asset.bytes);
  return {
    /** The page of one lane. */
    lane,
    /** By file name: what the page loads from /page/. */
    files,
    /** Changes with any of the files, so that a display notices an update of the box. */
    version: hash.digest('hex').slice(0, 16),
  };
}

/** The list of lanes, in both languages, because only the person who sets up a display sees it. Lane ids need no escaping. */
export function lanesPage(ids: readonly string[], missing: boolean): string {
  const items = ids.map((id) => `<li><a href="/lanes/${id}">${id}</a></li>`).join('');
  const note = missing
    ? '<p class="missing">没有这个验证通道。请选择：<br>There is no such gate lane. Choose one:</p>'
    : '';
  const none = ids.length === 0 ? '<p>没有配置验证通道。<br>No gate lane is configured.</p>' : '';
  return (
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    '<title>验证通道 Gate lanes</title><link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="/page/list.css">' +
    `<body><h1>验证通道 <span>Gate lanes</span></h1>${note}<ul>${items}</ul>${none}</body></html>`
  );
}
