/** The set-up page: the code of the console, then one form for each person. Plain HTML, so that any browser at hand will do. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { words, type Code, type Message } from '../../contracts/words/words.ts';
import { isRefusal } from '../../people/refusal.ts';
import type { MissingPeople, SetUp } from '../../people/setup-code.ts';
import { giveCookie, SETUP_COOKIE, takeCookie } from '../api/cookies.ts';
import { statusOf } from '../api/errors.ts';
import { CREDENTIALS } from '../api/limits.ts';
import { both, escaped, problemOf, sendPage } from '../pages.ts';

const ROLES = ['officer', 'auditor', 'technician'] as const;
const KINDS = ['police', 'auxiliary'] as const;

const NAMES = {
  officer: 'page-setup-officer',
  auditor: 'page-setup-auditor',
  technician: 'page-setup-technician',
  police: 'page-setup-police',
  auxiliary: 'page-setup-auxiliary',
} as const;

const codeForm = z.object({ code: z.string().max(100) });
const personForm = z.object({
  serviceNumber: z.string().max(40),
  name: z.string().max(200),
  kind: z.enum(KINDS),
  role: z.enum(ROLES),
  password: z.string().max(1_000),
  again: z.string().max(1_000),
});

const SETUP_PAGE = '/setup';
const PEOPLE_PAGE = '/setup/people';

export function serveSetUp(app: FastifyInstance, setUp: SetUp, isSetUp: () => boolean): void {
  // application/x-www-form-urlencoded, of these forms alone.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  });
  const config = { access: 'set-up', rateLimit: CREDENTIALS } as const;
  app.get('/', { config }, (_request, reply) => reply.redirect(isSetUp() ? '/lanes' : SETUP_PAGE, 303));
  app.get(SETUP_PAGE, { config }, (_request, reply) => askCode(reply));
  app.post(SETUP_PAGE, { config }, (request, reply) => {
    const form = codeForm.safeParse(request.body);
    const opened = setUp.open(form.data?.code ?? '', request.ip);
    if (isRefusal(opened)) return askCode(reply.code(statusOf(opened)), opened.refused);
    giveCookie(reply, SETUP_COOKIE, opened.token);
    // The CSRF cookie comes with it, before the form that needs it.
    reply.generateCsrf();
    return reply.redirect(PEOPLE_PAGE, 303);
  });
  app.get(PEOPLE_PAGE, { config }, (request, reply) =>
    request.cookies[SETUP_COOKIE] === undefined ? reply.redirect(SETUP_PAGE, 303) : askPerson(reply, {}),
  );
  app.post(PEOPLE_PAGE, { config: { ...config, csrf: true } }, (request, reply) => enter(request, reply, setUp));
}

async function enter(request: FastifyRequest, reply: FastifyReply, setUp: SetUp): Promise<FastifyReply> {
  const form = personForm.safeParse(request.body);
  if (!form.success) return askPerson(reply.code(400), { problem: words('api-form', { where: '/' }) });
  const { serviceNumber, name, kind, role, password, again } = form.data;
  const given = { serviceNumber, name, kind, role };
  if (password !== again) return askPerson(reply.code(400), { problem: words('page-setup-differ'), given });
  const token = request.cookies[SETUP_COOKIE] ?? '';
  const missing = await setUp.enter(token, { serviceNumber, name, kind, roles: [role] }, password);
  if (isRefusal(missing)) return askPerson(reply.code(statusOf(missing)), { problem: missing.refused, given });
  if (missing.officers + missing.others > 0) return askPerson(reply, { missing });
  takeCookie(reply, SETUP_COOKIE);
  return sendPage(reply, 'page-setup-title', `<p class="done">${both('page-setup-done')}</p>`);
}

function askCode(reply: FastifyReply, problem?: Message): FastifyReply {
  const body =
    `<p>${both('page-setup-lead')}</p>${problemOf(problem)}<form method="post" action="${SETUP_PAGE}">` +
    field(
      'page-setup-code',
      '<input name="code" autocomplete="off" autocapitalize="none" spellcheck="false" required>',
    ) +
    `<button>${both('page-setup-next')}</button></form>`;
  return sendPage(reply, 'page-setup-title', body);
}

interface PersonAsked {
  readonly problem?: Message;
  readonly missing?: MissingPeople;
  /** What was typed and not taken; never a password. */
  readonly given?: Omit<z.infer<typeof personForm>, 'password' | 'again'>;
}

function askPerson(reply: FastifyReply, { problem, missing, given }: PersonAsked): FastifyReply {
  const value = (text = ''): string => `value="${escaped(text)}"`;
  const secret = (name: string): string =>
    `<input name="${name}" type="password" autocomplete="new-password" minlength="10" required>`;
  const body =
    `<p>${both('page-setup-lead')}</p>` +
    (missing ? `<p class="done">${both('page-setup-missing', { ...missing })}</p>` : '') +
    `${problemOf(problem)}<form method="post" action="${PEOPLE_PAGE}">` +
    `<input type="hidden" name="csrfToken" value="${reply.generateCsrf()}">` +
    field(
      'page-setup-number',
      `<input name="serviceNumber" autocomplete="off" required ${value(given?.serviceNumber)}>`,
    ) +
    field('page-setup-name', `<input name="name" autocomplete="off" required ${value(given?.name)}>`) +
    field('page-setup-kind', choice('kind', KINDS, given?.kind)) +
    field('page-setup-role', choice('role', ROLES, given?.role)) +
    field('page-setup-password', secret('password')) +
    field('page-setup-again', secret('again')) +
    `<button>${both('page-setup-enter')}</button></form>`;
  return sendPage(reply, 'page-setup-title', body);
}

function field(
  label: 'page-setup-name' | Extract<Code, `page-setup-${'code' | 'number' | 'kind' | 'role' | 'password' | 'again'}`>,
  input: string,
): string {
  return `<label>${both(label)}${input}</label>`;
}

function choice(name: string, ids: readonly (keyof typeof NAMES)[], chosen: string | undefined): string {
  const options = ids.map((id) => {
    const { zh, en } = words(NAMES[id]);
    return `<option value="${id}"${id === chosen ? ' selected' : ''}>${escaped(zh)} · ${escaped(en)}</option>`;
  });
  return `<select name="${name}">${options.join('')}</select>`;
}
