/** Plain pages of the box, in both languages and without scripts. */
import type { FastifyReply } from 'fastify';
import { words, type Code, type Given, type Message } from '../contracts/words/words.ts';
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

/** Why a form was not taken. */
export function problemOf(problem: Message | undefined): string {
  if (!problem) return '';
  const { zh, en } = problem;
  return `<p class="problem" role="alert"><span lang="zh">${escaped(zh)}</span><br><span lang="en">${escaped(en)}</span></p>`;
}

/** As on the lane page, but for forms, which go to the box alone. */
const FORM_HEADERS = {
  ...PAGE_HEADERS,
  // Without one a browser sends `Origin: null` with a form.
  'referrer-policy': 'same-origin',
  'content-security-policy': PAGE_HEADERS['content-security-policy'].replace(
    "form-action 'none'",
    "form-action 'self'",
  ),
};

/** `body` is HTML. */
export function sendPage(reply: FastifyReply, title: Extract<Code, `${string}-title`>, body: string): FastifyReply {
  const { en, zh } = words(title);
  const html =
    '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>${zh} · ${en}</title><link rel="icon" href="/page/icon.svg"><link rel="stylesheet" href="/page/plain.css">` +
    `<body><main><h1>${both(title)}</h1>${body}</main></body></html>`;
  return reply.headers(FORM_HEADERS).type('text/html; charset=utf-8').send(html);
}
