/** What every camera that pushes must keep, whoever made it; and the box's side of such a test. */
import { createServer, type AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import type { PushObservation } from '../../gateway/contracts/push.ts';
import type { Observation, OpenSource, Source } from '../../gateway/contracts/source.ts';
import { openPushClient, type PushClient, type PushTarget } from '../devices/plate-camera/client.ts';
import type { Push, SeenVehicle } from '../devices/plate-camera/push.ts';
import { PATIENCE } from './source.ts';
import { openHikvisionParser } from '../../adapters/cameras/hikvision/codec.ts';
import { openAllowList } from '../../adapters/shared/allow.ts';
import { PUSH_LIMITS, type PushLimits, type PushOptions } from '../../adapters/cameras/push/answer.ts';
import { fieldMappingOf } from '../../adapters/cameras/push/config.ts';
import { openDeduplicator } from '../../adapters/cameras/push/deduplicator.ts';
import { runPush } from '../../adapters/cameras/push/server.ts';
import { testContext } from './context.ts';

export const PASSWORD = 'p4ss w0rd geheim';
export const LOGIN = { user: 'camera', password: PASSWORD };
export const SECRETS = { 'env:P': PASSWORD, 'env:PATH_1': '/0123456789abcdef-lane' };
/** A picture by its first bytes; nothing here decodes it. */
export const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);

export type PushedObservation = Extract<PushObservation, { kind: 'pushed' }>;
export type Refused = Extract<PushObservation, { kind: 'refused' }>;

/** A source that runs. `settled` decides what becomes of each read; all is well unless told. */
export interface RunningSource {
  readonly port: number;
  /** All but refusals. */
  readonly seen: Observation[];
  readonly refusals: Refused[];
  readonly reads: () => PushedObservation[];
  readonly said: () => string;
  readonly ended: Promise<unknown>;
  readonly abort: () => void;
}

const boxes: RunningSource[] = [];
const clients: PushClient[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const client of clients.splice(0)) client.close();
  for (const box of boxes.splice(0)) {
    box.abort();
    await box.ended;
  }
}

export function clientOf(target: PushTarget): PushClient {
  const client = openPushClient(target);
  clients.push(client);
  return client;
}

type Settled = (pushed: PushedObservation) => void;
const atOnce: Settled = ({ settle }) => settle();

/** Runs a source until it listens. */
export async function runBox(
  source: Source,
  context: ReturnType<typeof testContext>,
  settled: Settled = atOnce,
): Promise<RunningSource> {
  const controller = new AbortController();
  const seen: Observation[] = [];
  const refusals: Refused[] = [];
  const saidBefore = context.said().length;
  const emit = (o: Observation): void => {
    if (o.kind === 'refused') return void refusals.push(o);
    seen.push(o);
    if (o.kind === 'pushed') settled(o);
  };
  const ended = source.run(emit, controller.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  const port = await vi.waitFor(() => {
    const found = /listening .*"port":(\d+)/.exec(context.said().slice(saidBefore));
    if (!found) throw new Error('it does not listen yet');
    return Number(found[1]);
  }, PATIENCE);
  const reads = (): PushedObservation[] => seen.filter((o) => o.kind === 'pushed');
  const box: RunningSource = {
    port,
    seen,
    refusals,
    reads,
    ended,
    said: () => context.said(),
    abort: () => controller.abort(),
  };
  boxes.push(box);
  return box;
}

export interface StartPush extends Partial<Omit<PushOptions, 'limits'>> {
  readonly limits?: Partial<PushLimits>;
  readonly settled?: (pushed: PushedObservation) => void;
}

/** The server alone, with Hikvision's messages and without a source around it. */
export async function startPush({ limits, settled, ...more }: StartPush = {}): Promise<RunningSource> {
  const context = testContext('lane-1');
  const reading = fieldMappingOf({ confidenceScale: 100, timeZone: 'Asia/Shanghai', directions: {} }, {});
  const job: PushOptions = {
    camera: 'lane-1',
    log: context.log,
    listen: { host: '127.0.0.1', port: 0 },
    silentAfterS: 0,
    crossCheck: false,
    allows: openAllowList(['127.0.0.1']),
    digest: undefined,
    deduplicator: openDeduplicator(),
    logins: context.logins,
    dialect: {
      handles: (path) => path !== '/other',
      openParser: (_, type) => openHikvisionParser(type, reading),
      success: { type: 'text/plain', body: 'OK\n' },
    },
    limits: { ...PUSH_LIMITS, ...limits },
    ...more,
  };
  return runBox({ run: (emit, signal) => runPush(job, emit, signal) }, context, settled);
}

/** One maker's camera for the body below. */
export interface PushBench {
  readonly open: OpenSource;
  /** Beside `listen` and `allow`. */
  readonly config: object;
  readonly target: Partial<PushTarget>;
  readonly push: (seen: SeenVehicle) => Push;
  readonly heartbeat: Push;
  readonly success: string;
}

export const LISTEN = { listen: { host: '127.0.0.1', port: 0 }, allow: ['127.0.0.1'] };
export const SEEN: SeenVehicle = { plate: '皖A00001', at: new Date('2026-11-21T02:02:03.123Z'), confidence: 98 };
const at = (second: number): Date => new Date(SEEN.at.getTime() + second * 1000);

export function conformsAsPush({ open, config, target, push, heartbeat, success }: PushBench): void {
  const start = async (more: object = {}, settled?: Settled): Promise<{ box: RunningSource; client: PushClient }> => {
    const context = testContext('lane-1', SECRETS);
    const box = await runBox(open({ ...LISTEN, ...config, ...more }, context), context, settled);
    return { box, client: clientOf({ port: box.port, ...target }) };
  };

  it('hands on a read and answers in the words of the maker', async () => {
    const { box, client } = await start();
    const answer = await client.send(push({ ...SEEN, platePicture: JPEG, scenePicture: JPEG }));
    expect([answer.status, answer.body]).toEqual([200, success]);
    const { at: receivedAt, ...read } = box.reads()[0]!.read;
    expect(Math.abs(Date.now() - receivedAt)).toBeLessThan(60_000);
    expect(read).toEqual({
      text: '皖A00001',
      capturedAt: SEEN.at.getTime(),
      colour: 'unknown',
      confidence: expect.closeTo(0.98, 2) as number,
      direction: 'approaching',
      pictures: { plate: JPEG, scene: JPEG },
      crossCheck: false,
    });
  });

  it('takes heartbeats for what they are', async () => {
    const { box, client } = await start();
    expect((await client.send(heartbeat)).status).toBe(200);
    expect(box.seen).toEqual([{ kind: 'heartbeat' }]);
  });

  it('answers only once what must be kept is kept, and 503 when it cannot be', async () => {
    const waiting: PushedObservation[] = [];
    const { box, client } = await start({}, (pushed) => void waiting.push(pushed));
    let answered = false;
    const first = client.send(push(SEEN)).finally(() => (answered = true));
    await vi.waitFor(() => expect(waiting).toHaveLength(1), PATIENCE);
    expect(answered).toBe(false);
    waiting[0]!.settle(new Error('the disk is full'));
    expect((await first).status).toBe(503);
    expect((await first).headers['retry-after']).toBe('1');
    // It was not kept, so the next try counts again.
    const second = client.send(push(SEEN));
    await vi.waitFor(() => expect(waiting).toHaveLength(2), PATIENCE);
    waiting[1]!.settle();
    expect((await second).status).toBe(200);
    expect(box.said()).not.toContain('disk');
  });

  it('acts on a repeat once and answers it every time; another time of the same plate is no repeat', async () => {
    const { box, client } = await start();
    for (let i = 0; i < 3; i++) expect((await client.send(push(SEEN))).status).toBe(200);
    expect(box.reads()).toHaveLength(1);
    // Three triggers for one car are three reads: the lane makes one passage of them.
    for (const second of [1, 2]) await client.send(push({ ...SEEN, at: at(second) }));
    expect(box.reads()).toHaveLength(3);
  });

  it('lets a repeat wait for the settlement of the first', async () => {
    const waiting: PushedObservation[] = [];
    const { box, client } = await start({}, (pushed) => void waiting.push(pushed));
    const other = clientOf({ port: box.port, ...target });
    const answers = Promise.all([client.send(push(SEEN)), other.send(push(SEEN))]);
    await vi.waitFor(() => expect(box.said()).toContain('a repeat'), PATIENCE);
    waiting[0]!.settle();
    expect((await answers).map((a) => a.status)).toEqual([200, 200]);
    expect(box.reads()).toHaveLength(1);
  });

  it('resolves when aborted, with its port free again and nothing emitted afterwards', async () => {
    const { box, client } = await start({}, () => undefined);
    const unanswered = client.send(push(SEEN)).catch(() => 'broken');
    await vi.waitFor(() => expect(box.reads()).toHaveLength(1), PATIENCE);
    box.abort();
    expect(await box.ended).toBeUndefined();
    expect(await unanswered).toBe('broken');
    await expect(clientOf({ port: box.port, ...target }).send(heartbeat)).rejects.toThrow('ECONNREFUSED');
    expect(box.seen).toHaveLength(1);
  });

  it('resolves at once when aborted before it starts', async () => {
    const context = testContext('lane-1', SECRETS);
    await open({ ...LISTEN, ...config }, context).run(() => expect.unreachable(), AbortSignal.abort());
    expect(context.said()).toBe('');
  });

  it('rejects when its port is taken, and can be run again', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const context = testContext('lane-1', SECRETS);
    const source = open({ ...LISTEN, ...config, listen: { host: '127.0.0.1', port } }, context);
    await expect(source.run(() => undefined, new AbortController().signal)).rejects.toThrow(
      `cannot listen on 127.0.0.1 port ${port}: something else listens there`,
    );
    await new Promise((resolve) => taken.close(resolve));
    const box = await runBox(source, context);
    expect((await clientOf({ port: box.port, ...target }).send(heartbeat)).status).toBe(200);
  });

  it('rejects when the camera is silent for too long', async () => {
    const { box } = await start({ silentAfterS: 1 });
    expect(String(await box.ended)).toContain('the camera has sent nothing for 1 s');
  });

  it('never says a plate, a body, a password or a path', async () => {
    const { box, client } = await start();
    await client.send(push(SEEN));
    const bad = [
      { ...push(SEEN), contentType: 'text/html' },
      { ...push(SEEN), body: Buffer.from('皖A00001 is no message') },
      push({ ...SEEN, plate: '皖A00001'.repeat(4) }),
    ];
    const answers = [];
    for (const one of bad) answers.push(await client.send(one));
    expect(answers.map((a) => a.status)).toEqual([415, 400, 400]);
    const said = box.said() + JSON.stringify(answers) + JSON.stringify(box.refusals);
    expect(box.refusals.map((r) => r.reason)).toEqual(['type', 'form', 'form']);
    for (const secret of ['A00001', PASSWORD, '0123456789abcdef', 'no message']) expect(said).not.toContain(secret);
  });
}
