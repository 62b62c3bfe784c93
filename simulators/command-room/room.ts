/** The command room: the reference receiver of docs/upstream.md, over HTTP(S) and MQTT, with faults that can be switched on. */
import http from 'node:http';
import https from 'node:https';
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Json } from '../../gateway/contracts/base.ts';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import type { InstructOptions } from './instructions.ts';
import { openRoomInstructions } from './instructions.ts';
import type { RoomFault, FaultSettings } from './faults.ts';
import { isPoll, listener } from './http.ts';
import { subscribe } from './mqtt.ts';
import { serveHttp } from '../product/loopback.ts';
import { openStore } from './store.ts';
import { describeEvent } from './words.ts';

export interface RoomOptions {
  /** 0 or absent: any free port of 127.0.0.1. */
  readonly port?: number;
  readonly host?: string;
  /** Verification keys (`whsec_…`, `whpk_…`), separated by spaces. */
  readonly secret: string;
  /** SQLite file; `:memory:` by default. */
  readonly file?: string;
  /** PEM. Without it, plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Also subscribes there. */
  readonly mqtt?: { readonly url: string; readonly user?: string; readonly password?: string };
  /** `/sites/SITE/boxes/BOX` for `tell`; default: the box of the demo. */
  readonly box?: string;
  /** Acknowledges each call for help automatically, like a duty officer who looks at once. */
  readonly autoAcknowledgeSos?: boolean;
  /** How long a poll without an answer is held; 25 s by default. */
  readonly holdMs?: number;
  /** One readable line per arrival or refusal. */
  readonly print?: (line: string) => void;
  readonly now?: () => number;
  readonly faults?: Partial<FaultSettings>;
}

export type Room = Awaited<ReturnType<typeof startRoom>>;

export async function startRoom(options: RoomOptions) {
  const store = openStore(options.file ?? ':memory:');
  const settings = { slowMs: 2_000, retryAfterS: 1, random: Math.random, ...options.faults };
  let fault: { readonly kind: RoomFault; readonly share: number } | undefined;
  const drawFault = (): RoomFault | undefined => (fault && settings.random() < fault.share ? fault.kind : undefined);
  const print = options.print ?? (() => undefined);
  const refusals: string[] = [];
  let requests = 0;
  let polls = 0;
  const now = options.now ?? Date.now;
  const box = options.box ?? '/sites/demo/boxes/box-001';
  let publish = (): void => undefined;
  const down = openRoomInstructions(store, () => publish(), now);
  const ears = {
    arrived(event: ReceivedEvent, fresh: boolean, by: string) {
      print(describeEvent(event, fresh, by));
      if (options.autoAcknowledgeSos) down.acknowledge(event);
      down.erase(event);
    },
    refused(why: string) {
      if (refusals.length < 1000) refusals.push(why);
      print(`refused: ${why}`);
    },
  };
  // With a shared secret the room signs too; the public key of a box cannot sign.
  const signing = options.secret
    .split(/\s+/)
    .filter((key) => key.startsWith('whsec_'))
    .join(' ');
  const holdMs = options.holdMs ?? 25_000;
  const listen = listener({ store, keys: options.secret, drawFault, settings, now, down, holdMs, ...ears });
  const onRequest: http.RequestListener = (req, res) => {
    if (isPoll(req)) polls++;
    else requests++;
    listen(req, res);
  };
  const server = options.tls ? https.createServer(options.tls, onRequest) : http.createServer(onRequest);
  const host = options.host ?? '127.0.0.1';
  const { port, close } = await serveHttp(server, options.port, host);
  const client = options.mqtt && (await subscribe({ ...options.mqtt, keys: signing, now, store, ...ears }));
  if (client) publish = () => client.publish();
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    /** Injects a fault into a share (0..1) of the HTTP requests, or ends it. */
    fault: (kind: RoomFault | undefined, share = 1): void => void (fault = kind && { kind, share }),
    /** Each event once, in order of first arrival; `times` counts its arrivals. */
    events: () => store.events(),
    evidence: () => store.evidence(),
    /** Why requests were refused, oldest first. */
    refusals: (): readonly string[] => refusals,
    /** HTTP requests so far, except polls, whatever their outcome. */
    requests: () => requests,
    /** Polls so far. */
    polls: () => polls,
    /** Keeps the instruction until the box has taken it, over HTTPS, MQTT, or both if the room has both. */
    tell: (message: RoomMessage, more: InstructOptions = {}): void => down.tell(message, { box, ...more }),
    /** The same with an event of any shape; `id` is the one that the box names as taken. */
    tellRaw: (id: string, event: Json): void => down.tellRaw(id, event, box),
    /** All instructions so far, and their state. */
    instructions: () => store.instructions(),
    async close(): Promise<void> {
      await client?.close();
      await close();
      store.close();
    },
  };
}
