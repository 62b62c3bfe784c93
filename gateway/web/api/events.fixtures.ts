/** For tests: a client that follows the live updates, and everything that can happen at a box. */
import { expect, onTestFinished, vi } from 'vitest';
import type { Problem } from '../../contracts/status.ts';
import { plateHit, T0 as HITS_AT } from '../../hits/reviews.fixtures.ts';
import { recordAlert } from '../../store/alerts.ts';
import { insertOrder } from '../../store/orders.ts';
import { recordSos } from '../../store/sos.ts';
import type { openApiRig, Client } from './api.fixtures.ts';

export type ApiBox = Awaited<ReturnType<typeof openApiRig>>;
export const FULL: Problem = {
  key: 'disk',
  code: 'clock-jump',
  what: 'the disk is full',
  todo: 'make room',
  zh: { what: '磁盘已满', todo: '清理' },
};
export const SOS_CLOCK = { highest: 1, behindMs: 0 };

export interface Event {
  readonly id?: string | undefined;
  readonly event?: string;
  readonly data?: unknown;
}

function parsed(block: string): Event {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const { id, event, data } = fields;
  return { ...(id ? { id } : {}), ...(event ? { event, data: JSON.parse(data ?? 'null') as unknown } : {}) };
}

/** Follows until the test is over. */
export async function follow({ server }: Pick<ApiBox, 'server'>, client: Client, place?: string) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const response = await fetch(`${server.url}/api/v1/events`, {
    signal: stop.signal,
    headers: {
      cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(place === undefined ? {} : { 'last-event-id': place }),
    },
  });
  const events: Event[] = [];
  let [text, hasEnded] = ['', false];
  const read = async (): Promise<void> => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      events.splice(0, events.length, ...blocks.slice(0, -1).map(parsed));
    }
  };
  void read()
    .catch(() => undefined)
    .then(() => (hasEnded = true));
  return {
    response,
    events,
    text: () => text,
    of: (name: string) => events.filter(({ event }) => event === name).map(({ data }) => data as never),
    place: () => events.findLast(({ id }) => id !== undefined)?.id,
    hasEnded: () => hasEnded,
    leave: () => stop.abort(),
  };
}

const WAIT = { timeout: 10_000, interval: 20 };
export type Followed = Awaited<ReturnType<typeof follow>>;
export const until = (check: () => void | Promise<void>): Promise<unknown> => vi.waitFor(check, WAIT);
export const hasAlarms = (followed: Followed): Promise<unknown> =>
  until(() => expect(followed.of('alarms')).toHaveLength(1));

/** Each kind of thing that happens at a box, and its names, texts and places. */
export function happen({ judging, rig }: Pick<ApiBox, 'judging' | 'rig'>) {
  const { db } = rig;
  const hit = judging.raise(plateHit({ last: HITS_AT }));
  const position = { lat: 30.25, lon: 120.125, trusted: true };
  const device = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
  const place = { ...position, origin: 'own', at: rig.now() } as const;
  const report = { device: 'cam-1', sos: 'a', state: 'raised', at: rig.now(), position } as const;
  const { sos } = recordSos(
    db,
    { report, device, move: () => ({ where: { place }, change: 'placed' }), clock: SOS_CLOCK },
    judging.outbox,
  );
  const order = { origin: 'room', by: 'Chief Zhao', text: 'close the path', place: position } as const;
  insertOrder(db, { id: 'O-1', ...order, created: rig.now() }, ['cam-1', 'cam-2'], judging.outbox);
  recordAlert(db, { hit, id: 'A-1', stage: 'unreviewed', at: rig.now() }, [{ device: 'cam-1', connected: true }]);
  return { hit, sos: sos.id };
}
