/** The command room: the reference receiver of docs/upstream.md, over HTTP(S) and MQTT, with faults that can be switched on. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';
import type { Fault, FaultSettings } from './faults.ts';
import { openFaults } from './faults.ts';
import { listener } from './http.ts';
import { subscribe } from './mqtt.ts';
import type { StoredEvent } from './store.ts';
import { openStore } from './store.ts';
import { describeEvent } from './words.ts';

export interface RoomOptions {
  /** 0 or absent: any free port of 127.0.0.1. */
  readonly port?: number;
  readonly host?: string;
  /** Keys that verify (`whsec_…`, `whpk_…`), separated by spaces. */
  readonly secret: string;
  /** SQLite file; `:memory:` if absent. */
  readonly file?: string;
  /** PEM. Without it, plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Subscribes there too. */
  readonly mqtt?: { readonly url: string; readonly user?: string; readonly password?: string };
  /** One readable line per arrival or refusal. */
  readonly print?: (line: string) => void;
  readonly now?: () => number;
  readonly faults?: Partial<FaultSettings>;
}

export interface Room {
  readonly url: string;
  /** Switches a fault on for a share (0..1) of the HTTP requests, or off. */
  fault(kind: Fault | undefined, share?: number): void;
  /** Each event once, in order of first arrival; `times` says how often it came. */
  events(): StoredEvent[];
  evidence(): { readonly sha256: string; readonly bytes: Uint8Array }[];
  /** Why requests were refused, oldest first. */
  refusals(): readonly string[];
  /** HTTP requests so far, whatever became of them. */
  requests(): number;
  close(): Promise<void>;
}

export async function startRoom(options: RoomOptions): Promise<Room> {
  const store = openStore(options.file ?? ':memory:');
  const settings = { slowMs: 2_000, retryAfterS: 1, random: Math.random, ...options.faults };
  const faults = openFaults(settings.random);
  const print = options.print ?? (() => undefined);
  const refusals: string[] = [];
  let requests = 0;
  const ears = {
    arrived: (event: ReceivedEvent, fresh: boolean, by: string) => print(describeEvent(event, fresh, by)),
    refused(why: string) {
      if (refusals.length < 1000) refusals.push(why);
      print(`refused: ${why}`);
    },
  };
  const listen = listener({ store, keys: options.secret, faults, settings, now: options.now ?? Date.now, ...ears });
  const onRequest: http.RequestListener = (req, res) => {
    requests++;
    listen(req, res);
  };
  const server = options.tls ? https.createServer(options.tls, onRequest) : http.createServer(onRequest);
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const client = options.mqtt && (await subscribe({ ...options.mqtt, store, ...ears }));
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${(server.address() as AddressInfo).port}`,
    fault: (kind, share = 1) => faults.set(kind, share),
    events: () => store.events(),
    evidence: () => store.evidence(),
    refusals: () => refusals,
    requests: () => requests,
    async close() {
      await client?.endAsync(true);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      store.close();
    },
  };
}
