/** Another program holds the write lock of the store, as a copy tool or a person with `sqlite3` does, while a plate camera pushes. A real box. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DB_FILE } from '../../gateway/store/db.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { openPushClient } from '../devices/plate-camera/client.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { layPushBox, PATH } from './push-box.ts';

interface HeldLockOptions {
  /** How long it is held, ms. */
  readonly holdMs: number;
  /** How often, a fifth of a second apart. */
  readonly times: number;
  readonly pushes: number;
}

const GAP_MS = 200;
const LOOK_MS = 20;
const PATIENCE_MS = 60_000 * PATIENCE_FACTOR;

/** `folder` is empty and stays so but for what is laid there. */
export async function pushWhileLocked(folder: string, { holdMs, times, pushes }: HeldLockOptions) {
  await using undo = new AsyncDisposableStack();
  const plates = Array.from({ length: pushes }, (_, i) => `皖A${10_000 + i}`);
  const box = await layPushBox({ folder, plates, more: { inference: { threads: 2 } } });
  const gateway = box.start();
  undo.defer(() => gateway.kill());
  const url = await gateway.url();
  await gateway.line((l) => l.msg === 'listening');
  const other = new Database(join(box.site.storage, DB_FILE));
  undo.defer(() => void other.close());
  const health = watchHealth(url);
  undo.defer(health.stop);
  let answeredAt = 0;
  let freeAt = Infinity;
  const sent: Promise<void>[] = [];
  for (let i = 0; i < times; i++) {
    other.exec('BEGIN IMMEDIATE');
    health.count(true);
    if (i === 0)
      for (const plate of plates)
        sent.push(pushUntilKept(box.port, plate).then(() => void (answeredAt = performance.now())));
    await sleep(holdMs);
    health.count(false);
    other.exec('ROLLBACK');
    freeAt = performance.now();
    await sleep(GAP_MS);
  }
  await Promise.all(sent);
  const { slowestMs, answers, restarts } = await health.last();
  const hits = other.prepare('SELECT count(*) FROM hits').pluck().get() as number;
  return {
    /** The longest answer of /health while the lock was held. */
    healthMs: slowestMs,
    healthAnswers: answers,
    pushes,
    /** From the last end of the lock to the last push that was answered with 200. */
    answeredAfterMs: Math.max(0, answeredAt - freeAt),
    /** Hits in the store, in the end. */
    hits,
    /** Reading threads that were thrown away. */
    restarts,
  };
}

/** As a camera does: again after a second, until it is kept. */
async function pushUntilKept(port: number, plate: string): Promise<void> {
  const client = openPushClient({ port });
  const push = hikvisionPush({ plate, at: new Date(), confidence: 98 }, { path: PATH });
  try {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(1_000)) {
      if ((await client.send(push)).status === 200) return;
    }
    throw new Error(`a push was not kept within ${PATIENCE_MS / 1000} s`);
  } finally {
    client.close();
  }
}

/** Asks for /health again and again, and counts the answers of the times that count. */
function watchHealth(url: string) {
  let [slowestMs, answers, restarts] = [0, 0, 0];
  let [counts, ended] = [false, false];
  const ask = async (): Promise<void> => {
    const [since, wasHeld] = [performance.now(), counts];
    const health = (await (await fetch(`${url}/health`)).json()) as { inference: { restarts: number } };
    const ms = performance.now() - since;
    restarts = health.inference.restarts;
    if (!wasHeld) return;
    answers++;
    slowestMs = Math.max(slowestMs, ms);
  };
  const watching = (async () => {
    while (!ended) {
      await ask();
      await sleep(LOOK_MS);
    }
  })();
  // Its failure is heard of by `last`.
  watching.catch(() => undefined);
  return {
    count: (on: boolean) => void (counts = on),
    stop: () => void (ended = true),
    async last() {
      ended = true;
      await watching;
      return { slowestMs, answers, restarts };
    },
  };
}
