/** Who may call a route: declared beside it, checked before anything of the request is read. A route that does not say it is an error at the start. */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { AccountRole } from '../../contracts/people.ts';
import type { Accounts } from '../../people/accounts.ts';
import { isRefusal, refuse } from '../../people/refusal.ts';
import type { Session, Sessions } from '../../people/sessions.ts';
import { allowed, RefusedError } from './errors.ts';
import { DISPLAY_COOKIE, SESSION_COOKIE } from './cookies.ts';

/** Of a personal session the roles of its person; the screen of the duty room; the display of one lane. */
export type Holder = AccountRole | 'duty' | 'lane';

/**
 * `anyone`: holds nothing of people, hits or crew. `set-up`: takes the code of the console. `login`: takes a password or a display's code; not before
 * the box has accounts.
 */
export type Access = 'anyone' | 'set-up' | 'login' | readonly Holder[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Refreshes a view on its own, and so does not keep a session from becoming idle. */
    refreshes?: boolean;
    /** By which an idle session is opened again or ended. */
    whenIdle?: boolean;
    /** Needs the password once more, within five minutes. */
    proved?: boolean;
    /** Needs a CSRF token; routes of the API that change something always do. */
    csrf?: boolean;
  }
  interface FastifyRequest {
    /** Whose request it is, where the route needs that. */
    holder: Session | undefined;
    /** Asked again while a stream goes on, and renews `holder`: a token may end, and a box that had no accounts may get some. */
    mayGoOn?: () => boolean;
  }
}

export interface AccessRooms {
  readonly accounts: Pick<Accounts, 'isSetUp'>;
  readonly sessions: Pick<Sessions, 'find' | 'use'>;
  /** Lane displays need no token: only this machine reaches the box, or it had displays before it had accounts. */
  readonly displaysAreOpen: () => boolean;
}

/** What a route was declared with; for the table of docs/api.md and its test. */
export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

/** Throws at the registration of a route without access, or of the API without schemas. Returns all that are registered later. */
export function declareRoutes(app: FastifyInstance): readonly DeclaredRoute[] {
  const routes: DeclaredRoute[] = [];
  app.addHook('onRoute', ({ method, url, config, schema }: RouteOptions) => {
    const access = config?.access;
    if (access === undefined) throw new Error(`${String(method)} ${url} does not say who may call it`);
    const isOfApi = url.startsWith('/api/');
    if (isOfApi && !(schema?.response as object | undefined))
      throw new Error(`${String(method)} ${url} has no schema of what it answers`);
    if (isOfApi && ['POST', 'PUT', 'PATCH'].includes(String(method)) && schema?.body === undefined)
      throw new Error(`${String(method)} ${url} has no schema of what it takes`);
    for (const one of [method].flat()) routes.push({ method: one, url, access });
  });
  return routes;
}

export function guardRoutes(app: FastifyInstance, rooms: AccessRooms): void {
  app.decorateRequest('holder', undefined);
  app.decorateRequest('mayGoOn', undefined);
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'anyone') return;
    if (isForeign(request)) throw new RefusedError(refuse('api-foreign'));
    request.holder = admitted(request, access, rooms);
    request.mayGoOn = () => isAdmitted(request, access, rooms);
  });
  // After the body was read, since a form has the token there.
  app.addHook('preValidation', (request, reply, done) => {
    if (needsCsrfToken(request)) app.csrfProtection(request, reply, done);
    else done();
  });
}

/** Whose request it is, where the route needs that. Throws RefusedError. */
function admitted(request: FastifyRequest, access: Access, rooms: AccessRooms): Session | undefined {
  if (access === 'set-up' || access === 'anyone' || isOpenDisplay(access, rooms)) return undefined;
  if (!rooms.accounts.isSetUp()) throw new RefusedError(refuse('api-not-set-up'));
  return access === 'login' ? undefined : holderOf(request, access, rooms);
}

function isAdmitted(request: FastifyRequest, access: Access, rooms: AccessRooms): boolean {
  try {
    request.holder = admitted(request, access, rooms);
    return true;
  } catch (error) {
    // A store that cannot be read for a moment ends no display and no stream.
    return !(error instanceof RefusedError);
  }
}

function isOpenDisplay(access: Access, { displaysAreOpen }: AccessRooms): boolean {
  return Array.isArray(access) && access.includes('lane') && displaysAreOpen();
}

function holderOf(request: FastifyRequest, access: readonly Holder[], { sessions }: AccessRooms): Session {
  const { refreshes = false, whenIdle = false, proved = false } = request.routeOptions.config;
  const tokens = [SESSION_COOKIE, ...(access.includes('lane') ? [DISPLAY_COOKIE] : [])];
  const client = `${request.ip} ${request.headers['user-agent'] ?? ''}`;
  const held = tokens.flatMap((name) => {
    const token = request.cookies[name];
    const session = token === undefined ? undefined : sessions.find(token, client);
    return token === undefined || !session || isRefusal(session) ? [] : [{ token, session }];
  });
  if (held.length === 0) throw new RefusedError(refuse('session-ended'));
  const fitting = held.find(({ session }) => holdersOf(session).some((holder) => access.includes(holder)));
  if (!fitting) throw new RefusedError(refuse('api-role'));
  const { lane } = request.params as { lane?: string };
  if (fitting.session.kind === 'lane' && lane !== undefined && lane !== fitting.session.lane)
    throw new RefusedError(refuse('api-other-lane'));
  const isAct = !refreshes && !whenIdle;
  const session = isAct ? allowed(sessions.use(fitting.token)) : fitting.session;
  if (session.isIdle && !whenIdle) throw new RefusedError(refuse('session-idle', { minutes: 15 }));
  if (proved && !session.isProved) throw new RefusedError(refuse('session-not-proved'));
  return session;
}

function holdersOf({ kind, person, lane }: Session): readonly Holder[] {
  if (kind === 'duty') return ['duty'];
  if (kind === 'lane') return lane === undefined ? [] : ['lane'];
  return kind === 'personal' ? (person?.roles ?? []) : [];
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether another site's page sends it. Browsers send Sec-Fetch-Site (W3C Fetch Metadata) over TLS and to localhost, and Origin with every POST; other
 * programs send neither, and have no cookies of people.
 */
export function isForeign({ method, headers }: FastifyRequest): boolean {
  if (SAFE.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

function needsCsrfToken({ method, routeOptions }: FastifyRequest): boolean {
  if (SAFE.has(method)) return false;
  const { config, url = '' } = routeOptions;
  return config.csrf ?? (Array.isArray(config.access) && url.startsWith('/api/'));
}
