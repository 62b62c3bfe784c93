/** Where the display of a lane takes the code that was made for it: the page that its QR code leads to. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Message } from '../../contracts/words/words.ts';
import { isRefusal } from '../../people/refusal.ts';
import type { Sessions } from '../../people/sessions.ts';
import { DISPLAY_COOKIE, giveCookie } from '../api/cookies.ts';
import { DISPLAY_COOKIE_S } from '../api/displays.ts';
import { statusOf } from '../api/errors.ts';
import { CREDENTIALS } from '../api/limits.ts';
import { both, escaped, problemOf, sendPage } from '../pages.ts';

const form = z.object({ code: z.string().max(100) });

export function serveDisplayTokens(app: FastifyInstance, sessions: Pick<Sessions, 'openLane'>): void {
  const config = { access: 'login', rateLimit: CREDENTIALS } as const;
  // Opening the page changes nothing: some readers of QR codes load what they find.
  app.get<{ Querystring: { code?: string } }>('/display', { config }, ({ query }, reply) =>
    askCode(reply, form.safeParse(query).data?.code ?? ''),
  );
  app.post('/display', { config }, (request, reply) => {
    const code = form.safeParse(request.body).data?.code ?? '';
    const opened = sessions.openLane(code, request.ip);
    if (isRefusal(opened)) return askCode(reply.code(statusOf(opened)), '', opened.refused);
    giveCookie(reply, DISPLAY_COOKIE, opened.token, { maxAge: DISPLAY_COOKIE_S });
    return reply.redirect(`/lanes/${opened.session.lane}`, 303);
  });
}

export function askCode(reply: FastifyReply, code: string, problem?: Message): FastifyReply {
  const body =
    `<p>${both('page-display-lead')}</p>${problemOf(problem)}<form method="post" action="/display">` +
    `<label>${both('page-display-code')}<input name="code" autocomplete="off" required value="${escaped(code)}"></label>` +
    `<button>${both('page-display-take')}</button></form>`;
  return sendPage(reply, 'page-display-title', body);
}
