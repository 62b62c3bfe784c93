/** Plain pages of the box, in both languages and without scripts. */
import type { FastifyReply } from 'fastify';
import { words, type Code, type Given } from '../contracts/words/words.ts';
import { PAGE_HEADERS } from './assets.ts';

/** Text for HTML, also between quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A message, Chinese first, as the people at a gate read it. */
export function both<C extends Code>(code: C, ...values: Given<C>): string {
  const { en, zh } = words(code, ...values);
  return `<span lang="zh">${escaped(zh)}</span><br><span lang="en">${escaped(en)}</span>`;
}

/** `body` is HTML. */
export function sendPage(
  reply: FastifyReply,
  title: Extract<Code, 'trust-title'>,
  body: string,
  headers: Readonly<Record<string, string>> = PAGE_HEADERS,
): FastifyReply {
  const { en, zh } = words(title);
  const html =
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${zh} · ${en}</title><link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="/page/plain.css">` +
    `<body><main><h1>${both(title)}</h1>${body}</main></body></html>`;
  return reply.headers(headers).type('text/html; charset=utf-8').send(html);
}
