/** Every route that the web server registers, called over TLS at a real box by somebody who holds nothing: before it has accounts, and after. */
import { join } from 'node:path';
import { SILENT_LOG } from '../../../gateway/contracts/base.ts';
import { openDb } from '../../../gateway/store/db.ts';
import type { DeclaredRoute } from '../../../gateway/web/api/access.ts';
import type { ApiRooms } from '../../../gateway/web/api/rooms.ts';
import { openServer } from '../../../gateway/web/server.ts';
import { BoxCertificate } from '../../../gateway/web/tls/certificate.ts';
import type { GatewayProcess } from '../../product/gateway.ts';
import { measure, type Measure } from '../report.ts';
import { ApiClient, type ApiAnswer } from './api-client.ts';
import { AUDITOR, layPeopleBox, openBox, type OpenBox } from './people-box.ts';

/** What a box answers to everybody: monitoring, its authority, the forms of the set-up and of a display's code, and their style sheet. */
const OPEN = /^\/(health|metrics|trust(\/.*)?|setup(\/.*)?|display|page\/:file|)$/;
/** Of these, what the issue of the numbers does not name. None holds anything of people, hits or crew. */
const FORMS = /^\/(trust(\/.*)?|display|page\/:file)$/;

type Call = (method: string, path: string, body?: object) => Promise<Pick<ApiAnswer, 'status'>>;

export async function measureRoutes(folder: string): Promise<Measure[]> {
  const routes = await registeredRoutes(folder);
  const box = await layPeopleBox({ folder, hasPeople: false });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => box.close());
  const first = box.start();
  const before = await callAll(routes, first, undo);
  await first.stop();
  await box.enterPeople();
  const after = await callAll(routes, box.start(), undo);
  const open = [...new Set(after.answered.filter(({ url }) => FORMS.test(url)).map(({ url }) => url))];
  const without = withoutSchema(routes, await describedBy(after));
  const count = (name: string, value: number, most?: number): Measure =>
    measure(name, value, 'routes', routes.length, most === undefined ? undefined : { most });
  return [
    count('registered, each with its methods', routes.length),
    count('without role and schema', without.length, 0),
    count('answered to nobody, before there are accounts', beyond(before.answered).length, 0),
    count('answered to nobody, afterwards', beyond(after.answered).length, 0),
    count('beside /health, /metrics and set-up: forms and files without data', open.length),
  ];
}

const beyond = (answered: readonly DeclaredRoute[]): DeclaredRoute[] => answered.filter(({ url }) => !OPEN.test(url));

/** Those that answered; a refusal, a mistake in what was sent, or a place to go instead is no answer. */
export async function answeredTo(routes: readonly DeclaredRoute[], call: Call): Promise<DeclaredRoute[]> {
  const answered: DeclaredRoute[] = [];
  for (const route of routes) {
    const { status } = await call(route.method, filled(route.url), route.method === 'POST' ? {} : undefined);
    if (status < 300) answered.push(route);
  }
  return answered;
}

/** Well-formed, and of things that the box has where it can be. */
const filled = (url: string): string => url.replace(':file', 'plain.css').replace(/:\w+/g, '100001');

type Described = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** Routes of the API that the document of the box does not describe, which is made of their schemas; HEAD comes with each GET. */
export function withoutSchema(routes: readonly DeclaredRoute[], paths: Described): DeclaredRoute[] {
  return routes.filter(({ method, url, access }) => {
    if ((access as unknown) === undefined) return true;
    if (!url.startsWith('/api/') || method === 'HEAD') return false;
    const described = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] as
      { readonly responses?: object; readonly requestBody?: object } | undefined;
    return !described?.responses || (['POST', 'PUT', 'PATCH'].includes(method) && !described.requestBody);
  });
}

async function callAll(routes: readonly DeclaredRoute[], gateway: GatewayProcess, undo: AsyncDisposableStack) {
  undo.defer(() => gateway.kill());
  const { url, ca } = await openBox(gateway);
  const nobody = new ApiClient(url, ca, 3);
  undo.defer(() => nobody.close());
  return { url, ca, answered: await answeredTo(routes, (...call) => nobody.call(...call)) };
}

/** By route; an auditor may read it. */
async function describedBy({ url, ca }: OpenBox): Promise<Described> {
  const auditor = new ApiClient(url, ca, 4);
  try {
    await auditor.logIn(AUDITOR.serviceNumber, AUDITOR.password);
    const { json } = await auditor.call('GET', '/api/v1/openapi.json');
    return json['paths'] as Described;
  } finally {
    auditor.close();
  }
}

/** What the server of a box registers: the same code, with rooms that are never called. */
async function registeredRoutes(folder: string): Promise<readonly DeclaredRoute[]> {
  using db = openDb(join(folder, 'registered'));
  const options = { site: 'demo', box: 'box-001', db, folder, hosts: [], now: Date.now, log: SILENT_LOG };
  const tls = await BoxCertificate.open(options);
  const listen = { host: '127.0.0.1', port: 0 };
  const metrics = async () => ({ contentType: 'text/plain', text: '' });
  const views = { health: () => ({ status: 'ok' as const }), metrics, lanes: new Map() };
  const server = await openServer(listen, views, { tls, api: INERT as ApiRooms });
  await server.close();
  return server.routes;
}

/** Has every member, and each is itself. */
const INERT: unknown = new Proxy(() => INERT, {
  get: (_target, key) => (key === 'then' ? undefined : INERT),
  apply: () => INERT,
});
