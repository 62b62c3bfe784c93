/** A gatehouse for tests that run from end to end: gate lanes with the readers and cameras they are given, the gateway as a process, the screens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaneView } from '../../gateway/contracts/display.ts';
import { decoderProgram } from '../devices/gate/portraits.ts';
import { spawnGateway, type GatewayProcess, type LogLine } from '../product/gateway.ts';
import type { Card } from '../devices/reader/cards.ts';
import type { Reader } from '../devices/reader/reader.ts';
import type { Room } from '../command-room/room.ts';
import type { StoredEvent } from '../command-room/store.ts';
import { LANE_SIZE } from '../scene/face-shots.ts';
import { laySite, type Site } from '../product/site.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

export interface GatehouseLane {
  readonly kind: 'sdt' | 'mrz';
  /** Address of its reader. */
  readonly reader: string;
  /** Address of its camera; without one the lane has none. */
  readonly camera?: string;
  readonly compare?: boolean;
}

export interface GatehouseOptions {
  /** Lane id -> what stands there. */
  readonly lanes: Readonly<Record<string, GatehouseLane>>;
  readonly upstream?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** For the environment of the gateway; secrets of `upstream` mostly. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the simulated decoder, with the folder `portraits` of the gatehouse. */
  readonly decoder?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}

export type Gatehouse = ReturnType<typeof openGatehouse>;

/** The most it may have, because a computer that runs tests has other work to do. */
const DECODER_MS = 5_000;
/** Cards are looked for this often, so that a test need not wait. */
const POLL_MS = 40;
const CAMERA_FPS = 10;
export const SIGN = 'Faces are compared once with the document and not kept; you may decline.';

export function openGatehouse() {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-gatehouse-'));
  const portraits = join(folder, 'portraits');
  const started: GatewayProcess[] = [];
  let laid: { readonly site: Site; readonly env: Readonly<Record<string, string>> } | undefined;
  return {
    folder,
    /** Where the photo decoder looks for portraits. */
    portraits,
    /** A path for the reader of a lane. */
    port: (lane: string): string => join(folder, `${lane}-reader`),
    /** Writes the configuration; once. */
    async lay(options: GatehouseOptions): Promise<Site> {
      const site = await laySite({
        folder,
        port: 0,
        upstream: options.upstream ?? {},
        cameras: camerasOf(options),
        more: { ...gatesOf(options, portraits), ...options.more },
      });
      laid = { site, env: options.env ?? {} };
      return site;
    },
    /** Starts the gateway; several times, if one has ended before. `program`: another installation's sitebox.mjs. */
    start(onLine?: (line: LogLine) => void, program?: string): GatewayProcess {
      if (!laid) throw new Error('the gatehouse has to be laid before its gateway is started');
      const more = { ...(onLine ? { onLine } : {}), ...(program === undefined ? {} : { program }) };
      const gateway = spawnGateway(laid.site.configFile, { env: laid.env, ...more });
      started.push(gateway);
      return gateway;
    },
    /** Ends what runs, and removes the folder. */
    async close(): Promise<void> {
      for (const gateway of started) await gateway.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ids of a lane's parts. */
export const readerOf = (lane: string): string => `${lane}-reader`;
export const cameraOf = (lane: string): string => `${lane}-camera`;

function camerasOf({ lanes }: GatehouseOptions): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(lanes).flatMap(([id, { camera }]) =>
      camera === undefined ? [] : [[cameraOf(id), { kind: 'jpeg', url: camera, fps: CAMERA_FPS, ...LANE_SIZE }]],
    ),
  );
}

function gatesOf({ lanes, decoder }: GatehouseOptions, portraits: string): Record<string, unknown> {
  const all = Object.entries(lanes);
  const command = decoder ?? [decoderProgram, portraits];
  return {
    readers: all.map(([id, { kind, reader }]) => ({
      id: readerOf(id),
      kind,
      port: reader,
      ...(kind === 'sdt' ? { pollMs: POLL_MS } : {}),
    })),
    lanes: all.map(([id, { camera, compare = true }]) => ({
      id,
      kind: 'gate',
      readers: [readerOf(id)],
      compare,
      ...(camera === undefined ? {} : { camera: cameraOf(id) }),
    })),
    // Not offline: a computer that runs tests need not allow its users namespaces.
    comparison: { sign: SIGN, photoDecoder: { kind: 'program', command, offline: false, timeoutMs: DECODER_MS } },
    inference: { threads: 1 },
  };
}

const PATIENCE_MS = 60_000 * PATIENCE_FACTOR;

/** What a lane's screen shows, from the first view on. */
export type Screen = Awaited<ReturnType<typeof watchScreen>>;

/** Follows the server-sent events of a lane, as its page does. */
export async function watchScreen(url: string, lane: string) {
  const over = new AbortController();
  const response = await fetch(`${url}/lanes/${lane}/events`, { signal: over.signal });
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (response.status !== 200 || !body) throw new Error(`the events of lane ${lane} answer ${response.status}`);
  const views: LaneView[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  let ended = false;
  const wake = (): void => [...waiting].forEach((check) => check());
  const follow = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      const piece = decoder.decode(chunk, { stream: true });
      text += piece;
      const events = (rest + piece).split('\n\n');
      rest = events.pop() ?? '';
      views.push(...events.flatMap(viewOf));
      wake();
    }
  };
  const stopped = (): void => {
    ended = true;
    wake();
  };
  follow().then(stopped, stopped);
  return {
    views: views as readonly LaneView[],
    /** Every byte that came, word for word. */
    text: (): string => text,
    /** The first view from the `from`th on, past or future, that `wanted` accepts. Rejects when the gateway ends before, or after a minute. */
    view: (wanted: (view: LaneView) => boolean, from = 0): Promise<LaneView> =>
      new Promise((resolve, reject) => {
        const settle = (done: () => void): void => {
          clearTimeout(limit);
          waiting.delete(check);
          done();
        };
        const fail = (why: string): void => {
          const last = JSON.stringify(views.slice(from).slice(-5));
          settle(() => reject(new Error(`lane ${lane}: ${why} before the view came; the last of its views: ${last}`)));
        };
        const check = (): void => {
          const found = views.slice(from).find(wanted);
          if (found) settle(() => resolve(found));
          else if (ended) fail('its events ended');
        };
        const limit = setTimeout(() => fail(`${PATIENCE_MS / 1000} s passed`), PATIENCE_MS);
        waiting.add(check);
        check();
      }),
    close: (): void => over.abort(),
  };
}

/** The screens of a gateway that was just started, once it serves and all readers of these lanes answer. */
export async function openScreens<L extends string>(
  gateway: GatewayProcess,
  ...lanes: readonly L[]
): Promise<{ readonly url: string; readonly screens: Readonly<Record<L, Screen>> }> {
  const url = await gateway.url();
  const all = await Promise.all(lanes.map(async (lane) => [lane, await watchScreen(url, lane)] as const));
  for (const [, screen] of all) await screen.view((v) => v.away.length === 0);
  return { url, screens: Object.fromEntries(all) as Record<L, Screen> };
}

/** Events with a name of their own are no views. */
function viewOf(event: string): LaneView[] {
  const lines = event.split('\n');
  const data = lines.find((line) => line.startsWith('data: '));
  if (data === undefined || lines.some((line) => line.startsWith('event: '))) return [];
  return [JSON.parse(data.slice('data: '.length)) as LaneView];
}

export type LaneResult = NonNullable<LaneView['last']>;

/** What the screen said of one presentation: at once, and when it said no more. */
export interface Told {
  readonly first: LaneResult;
  readonly last: LaneResult;
}

/** Does `act`, and waits for the outcome that follows, and for its comparison; a document that gave no number has none. */
export async function tell(screen: Screen, act: () => void): Promise<Told> {
  const from = screen.views.length;
  const before = screen.views.at(-1)?.last?.at;
  act();
  const { last: first } = await screen.view((v) => v.last !== undefined && v.last.at !== before, from);
  if (first?.document === undefined) return { first: first!, last: first! };
  const done = await screen.view((v) => v.last?.at === first.at && v.last.comparison !== undefined, from);
  return { first, last: done.last! };
}

/** A visitor lays the card down, waits for what the screen says, takes it, and is seen to have gone. */
export async function visit(screen: Screen, reader: Reader, card: Card): Promise<Told> {
  const result = await tell(screen, () => reader.placeCard(card));
  const from = screen.views.length;
  reader.removeCard();
  await screen.view((v) => !v.presented, from);
  return result;
}

/** A presentation as the screen told it, in the words of /health and /metrics; `outcome` is what was said at once. */
export interface Presented {
  readonly lane: string;
  readonly document: string;
  readonly outcome: string;
  /** Undefined for a document that gave no number. */
  readonly comparison: string | undefined;
}

export function presentedAt(lane: string, { first, last: { comparison } }: Told): Presented {
  const compared = comparison?.outcome === 'not compared' ? comparison.why : comparison?.outcome;
  return { lane, document: first.document ?? 'unreadable', outcome: first.outcome, comparison: compared };
}

/** How often each value of `key` stands there. */
export function tally(all: readonly Presented[], key: keyof Presented): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { [key]: value } of all) if (value !== undefined) counted[value] = (counted[value] ?? 0) + 1;
  return counted;
}

/** What an event that the command room holds says. */
export const dataOf = (event: StoredEvent | undefined): Readonly<Record<string, unknown>> =>
  (event?.data ?? {}) as Record<string, unknown>;

/** Hits of documents that the command room holds, and news of them, in the order in which they came. */
export const documentHits = (room: Room): StoredEvent[] =>
  room.events().filter((e) => e.type === 'io.sitebox.document.hit.v2');

/** How often the command room was told that this began (`raised`) or ended (`cleared`). */
export const alarms = (room: Room, key: string, state: 'raised' | 'cleared'): number =>
  room.events().filter((e) => e.type === 'io.sitebox.alarm.v1' && e.subject === key && dataOf(e)['state'] === state)
    .length;
