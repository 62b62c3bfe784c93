/**
 * The box of the measurement of the line, a process of its own: a store with a backlog, and the real delivery over the real relay. Says
 * `filled` over the channel of `fork`, delivers once it is told `go`, and raises a hit each HIT_EVERY_MS meanwhile, which it names when it is on disk.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHttps } from '../../adapters/upstream/https/relay.ts';
import { Delivery } from '../../gateway/upstream/deliver.ts';
import type { Db } from '../../gateway/store/db.ts';
import { openDb } from '../../gateway/store/db.ts';
import { recordHit } from '../../gateway/store/hits.ts';
import type { OutboxWriter } from '../../gateway/store/outbox/outbox.ts';
import { SILENT_LOG, type Context } from '../../gateway/contracts/base.ts';
import { BOX, newHit, newPicture, outboxOf } from './store-fill.ts';

export interface LineBoxOptions {
  readonly folder: string;
  readonly url: string;
  readonly secret: string;
  readonly rows: number;
  /** One row in so many is a hit. */
  readonly hitEvery: number;
  readonly pictureBytes: number;
}

/** `wall`: of the row's commit, as `performance.timeOrigin + performance.now()`. */
export type LineBoxSays =
  { readonly kind: 'filled' } | { readonly kind: 'raised'; readonly id: string; readonly wall: number };

const HIT_EVERY_MS = 200;

function raise(db: Db, outbox: OutboxWriter, n: number, pictureBytes: number): string {
  const hit = newHit(Date.now(), n);
  const evidence = (['plate', 'vehicle'] as const).map((what) => {
    // As random as a JPEG, and cheap: the digest of the name repeated.
    const bytes = Buffer.alloc(pictureBytes, createHash('sha512').update(`${what} ${hit.id}`).digest());
    return { ...newPicture(bytes), what };
  });
  recordHit(db, { hit, evidence, windowMs: 60_000 }, outbox);
  return hit.id;
}

/** In a few large transactions: what is measured is how it leaves. */
function fill(db: Db, outbox: OutboxWriter, { rows, hitEvery, pictureBytes }: LineBoxOptions): void {
  for (let from = 0; from < rows; from += 500) {
    db.write(() => {
      for (let n = from; n < Math.min(rows, from + 500); n++) {
        if (n % hitEvery === 0) raise(db, outbox, n, pictureBytes);
        else {
          const stream = `order:${n}`;
          const targets = [{ device: 'cam-1', state: 'read' }];
          const data = { stream, id: stream, text: 'go to the north bridge', targets };
          outbox.enqueue({ type: 'io.sitebox.order.v1', subject: 'crew', time: Date.now(), data, stream });
        }
      }
    });
  }
}

async function main(options: LineBoxOptions): Promise<void> {
  const say = (message: LineBoxSays): void => void process.send!(message);
  const db = openDb(options.folder);
  let wake = (): void => undefined;
  const outbox = outboxOf(db, Date.now, () => wake());
  fill(db, outbox, options);
  const context = {
    id: 'room',
    site: 'demo',
    box: 'box-001',
    log: SILENT_LOG,
    secret: () => options.secret,
    file: (path: string) => path,
    logins: { waitMs: () => 0, wrong: () => undefined },
    check: (schema: { safeParse(value: unknown): unknown }, value: unknown) =>
      (schema.safeParse(value) as { data: unknown }).data,
  } as Context;
  const relay = openHttps({ url: options.url, secret: 'env:S' }, context);
  const clock = { now: Date.now, mono: () => performance.now() };
  const delivery = new Delivery({ db, relayName: 'room', relay, source: BOX, log: SILENT_LOG, clock });
  wake = () => delivery.wake();
  const going = new Promise((resolve) => process.once('message', resolve));
  say({ kind: 'filled' });
  await going;
  const ending = new AbortController();
  process.once('disconnect', () => ending.abort());
  const running = delivery.run(ending.signal);
  for (let n = options.rows; !ending.signal.aborted; n++) {
    const id = raise(db, outbox, n, options.pictureBytes);
    say({ kind: 'raised', id, wall: performance.timeOrigin + performance.now() });
    await sleep(HIT_EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
  }
  await running;
  await relay.close?.();
  db.close();
}

await main(JSON.parse(process.argv[2]!) as LineBoxOptions);
