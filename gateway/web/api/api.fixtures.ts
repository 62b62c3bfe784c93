/** A box with accounts and its API on loopback, and clients that keep cookies as a browser does. */
import { SILENT_LOG } from '../../contracts/base.ts';
import { reviewRig } from '../../hits/reviews.fixtures.ts';
import { openPeopleRig, passwordOf } from '../../people/people.fixtures.ts';
import { openServer } from '../server.ts';
import { openStand } from '../server.fixtures.ts';
import type { ApiRooms } from './rooms.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Another one on the same `rig` is the box after a restart. */
export async function openApiRig(more: Partial<ApiRooms> = {}, rig = openPeopleRig()) {
  const judging = reviewRig(rig.db, { accounts: rig.accounts, now: rig.now });
  const gate = openStand('gate-1');
  const problem = {
    key: 'k',
    code: 'clock-jump' as const,
    what: 'w',
    todo: 't',
    zh: { what: 'w', todo: 't' },
    secret: 'x',
  };
  const health = () => ({ status: 'alarm' as const, problems: [problem], crew: { places: 'secret' } });
  const api: ApiRooms = {
    accounts: rig.accounts,
    sessions: rig.sessions,
    setUp: rig.setUp,
    handovers: rig.handovers,
    hits: { reviews: judging.reviews, db: rig.db, now: rig.now },
    crew: undefined,
    health,
    problems: () => [problem],
    lists: () => [['plate-list', { state: 'not in force', why: 'no list', detail: '' }]],
    displaysAreOpen: () => false,
    log: SILENT_LOG,
    ...more,
  };
  const server = await openServer(
    { host: '127.0.0.1', port: 0 },
    {
      health,
      metrics: async () => ({ contentType: 'text/plain', text: 'sitebox_build_info 1' }),
      lanes: new Map([
        ['gate-1', gate.feed],
        ['gate-2', openStand('gate-2').feed],
      ]),
    },
    { api },
  );
  const client = () => new Client(server.url);
  return {
    rig,
    judging,
    server,
    client,
    /** Logged in, with a CSRF token. */
    async as(serviceNumber: string, kind: 'personal' | 'duty' = 'personal'): Promise<Client> {
      const one = client();
      await one.logIn(serviceNumber, kind);
      return one;
    },
  };
}

export class Client {
  readonly cookies = new Map<string, string>();
  csrfToken: string | undefined;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async logIn(serviceNumber: string, kind: 'personal' | 'duty' = 'personal'): Promise<Answer> {
    const body = { serviceNumber, password: passwordOf(serviceNumber), kind };
    const answer = await this.call('POST', '/api/v1/sessions', body);
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
    this.csrfToken = answer.json['csrfToken'] as string;
    return answer;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isForm = body instanceof URLSearchParams;
    const response = await fetch(this.#url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(this.csrfToken === undefined ? {} : { 'csrf-token': this.csrfToken }),
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/Max-Age=0|1970/.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    // A stream of events does not end.
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }
}
