/** A box as it stands in a cabinet: TLS by its own authority, three accounts entered at its console, and a probe of its event loop. */
import { join } from 'node:path';
import { asTheService, siteboxTyping, type GatewayProcess } from '../../product/gateway.ts';
import { LOOP_PROBE, stopsIn } from '../../faults/loop-stops.ts';
import { layPushBox } from '../../faults/push-box.ts';
import { PLATE } from '../../faults/store-fill.ts';
import { ApiClient } from './api-client.ts';

export const OFFICERS = [
  { serviceNumber: '100001', password: 'seven green kites' },
  { serviceNumber: '100002', password: 'nine yellow boats' },
] as const;
export const AUDITOR = { serviceNumber: '100003', password: 'a sentence of mine' };

export type PeopleBox = Awaited<ReturnType<typeof layPeopleBox>>;

export interface PeopleBoxOptions {
  readonly folder: string;
  readonly plates?: readonly string[];
  /** Default true. */
  readonly hasPeople?: boolean;
  readonly upstream?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export async function layPeopleBox({ folder, plates = [PLATE], hasPeople = true, ...options }: PeopleBoxOptions) {
  const probe = join(folder, 'probe');
  const box = await layPushBox({
    ...options,
    folder: join(folder, 'box'),
    plates,
    env: { ...options.env, NODE_OPTIONS: `--import=${LOOP_PROBE}`, LOOP_PROBE: probe },
    more: { listen: { host: '0.0.0.0', port: 0 }, ...options.more },
  });
  const enter = (): Promise<void> => enterPeople(box.site.configFile);
  if (hasPeople) await enter();
  return {
    ...box,
    start: (): GatewayProcess => asTheService(() => box.start()),
    enterPeople: enter,
    /** The longest stop of the event loop by second since the start, ms. */
    stops: () => stopsIn(probe),
  };
}

/** As root does it at the console; each line is one answer. */
async function enterPeople(configFile: string): Promise<void> {
  const people = [...OFFICERS.map((officer) => ({ ...officer, role: 'officer' })), { ...AUDITOR, role: 'auditor' }];
  const lines = people.flatMap(({ serviceNumber, password, role }, i) => [
    serviceNumber,
    `Simulated ${'ABC'[i]}`,
    'police',
    role,
    password,
    password,
  ]);
  const { code, stderr } = await siteboxTyping(lines, 'person', 'setup', '--config', configFile);
  if (code !== 0) throw new Error(`the accounts were not made: ${stderr}`);
}

export interface OpenBox {
  readonly url: string;
  readonly ca: string;
}

/** Where it serves, and its authority, as a screen fetches it before it can speak TLS. */
export async function openBox(gateway: GatewayProcess): Promise<OpenBox> {
  const { port } = new URL(await gateway.url());
  const answer = await fetch(`http://127.0.0.1:${port}/trust/authority.crt`);
  if (!answer.ok) throw new Error(`the box hands out no authority: ${answer.status}`);
  return { url: `https://127.0.0.1:${port}`, ca: await answer.text() };
}

export async function openOfficer({ url, ca }: OpenBox, which: 0 | 1): Promise<ApiClient> {
  const client = new ApiClient(url, ca, which + 1);
  const { serviceNumber, password } = OFFICERS[which];
  await client.logIn(serviceNumber, password);
  return client;
}
