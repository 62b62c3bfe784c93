import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { openPool, type Pool, type PoolOptions, untilFree } from './pool.ts';
import type { TestJob, TestResults } from './pool.fixtures.ts';

type TestPool = Pool<TestJob, TestResults>;
type Open = (options: PoolOptions) => TestPool;

const HOUR = 3_600_000;
/** Alive, but it never says that it is ready; and one that cannot start. */
const MUTE = new URL('data:text/javascript,setInterval(() => {}, 1000)');
const BROKEN = new URL('data:text/javascript,throw new Error("the model is missing")');
const opened: TestPool[] = [];

/** A pool of the test worker, closed after the test. `lost` collects the deaths. */
function setUp(open: Open, options: Partial<PoolOptions> = {}) {
  const lost: Error[] = [];
  const workerUrl = new URL('./pool.fixtures.ts', import.meta.url);
  const pauses = { firstMs: 10, maxMs: 50 };
  const heard = new EventTarget();
  const onLost = (e: Error) => {
    lost.push(e);
    heard.dispatchEvent(new Event('death'));
  };
  const pool = open({
    threads: 1,
    workerUrl,
    log: SILENT_LOG,
    pauses,
    graceMs: 100,
    force: true,
    lost: onLost,
    ...options,
  });
  opened.push(pool);
  /** Resolves at the n-th death; needs no timer, so that time may be mocked. */
  const death = async (n: number) => {
    while (lost.length < n) await once(heard, 'death');
  };
  return { pool, lost, death };
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((p) => p.close()));
});

const echo = (...values: number[]): TestJob => ({ kind: 'echo', bytes: Uint8Array.from(values) });

/** What every pool promises. Each is run on the pool, and on a variant that breaks it, which it has to catch. */
const promises = {
  async 'a job past its deadline rejects, and its thread is replaced'(open: Open) {
    const { pool } = setUp(open);
    await untilFree(pool);
    const job = pool.run({ kind: 'hang' }, [], 100);
    const patience = new Promise((_, reject) => setTimeout(reject, 3_000, new Error('nobody ended the job')));
    await expect(Promise.race([job, patience])).rejects.toThrow(/"hang" was not done within 100 ms/);
    await untilFree(pool);
    expect(pool.state()).toMatchObject({ ready: 1, restarts: 1 });
    expect(await pool.run(echo(7), [], HOUR)).toEqual(Uint8Array.of(7));
  },

  async 'a thread that does not say it is ready does not count, takes no job, and is given up'(open: Open) {
    const { pool, lost } = setUp(open, { workerUrl: MUTE, readyMs: 100 });
    expect(pool.state().ready).toBe(0);
    expect(pool.free()).toBe(false);
    await expect(pool.run(echo(1), [], HOUR)).rejects.toThrow(/no inference thread is free/);
    await vi.waitFor(() => expect(lost[0]?.message).toMatch(/not ready within 100 ms/), 10_000);
    await vi.waitFor(() => expect(pool.state().restarts).toBeGreaterThan(0), 10_000);
  },

  async 'a dead thread is replaced after a pause that grows, not at once'(open: Open) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { pool, lost, death } = setUp(open, { workerUrl: BROKEN, pauses: { firstMs: 1_000, maxMs: 3_000 } });
    const expected = [1_000, 2_000, 3_000, 3_000];
    for (const [i, pauseMs] of expected.entries()) {
      const deaths = i + 1;
      await death(deaths);
      vi.advanceTimersByTime(pauseMs - 1);
      expect(pool.state().restarts).toBe(deaths - 1);
      vi.advanceTimersByTime(1);
      expect(pool.state().restarts).toBe(deaths);
    }
    expect(lost[0]!.message).toBe('the model is missing');
  },

  async 'there is no queue: with every thread busy a job is refused at once'(open: Open) {
    const { pool } = setUp(open);
    await untilFree(pool);
    const first = pool.run(echo(1), [], HOUR);
    first.catch(() => undefined);
    expect(pool.free()).toBe(false);
    await expect(pool.run(echo(2), [], HOUR)).rejects.toThrow(/no inference thread is free/);
    expect(await first).toEqual(Uint8Array.of(1));
    expect(pool.free()).toBe(true);
  },

  async 'a buffer is handed over, not copied, and comes back'(open: Open) {
    const { pool } = setUp(open);
    await untilFree(pool);
    const bytes = new Uint8Array(1_000_000).fill(9);
    const job = pool.run({ kind: 'echo', bytes }, [bytes.buffer], HOUR);
    job.catch(() => undefined);
    expect(bytes.byteLength).toBe(0);
    const back = await job;
    expect([back.byteLength, back.at(-1)]).toEqual([1_000_000, 9]);
  },

  async 'a thread that dies rejects its job only; the other thread goes on'(open: Open) {
    const { pool, lost } = setUp(open, { threads: 2 });
    await vi.waitFor(() => expect(pool.state().ready).toBe(2), 10_000);
    const dying = pool.run({ kind: 'die' }, [], HOUR);
    const living = pool.run(echo(4), [], HOUR);
    await expect(dying).rejects.toThrow(/ended by itself with code 3/);
    expect(await living).toEqual(Uint8Array.of(4));
    expect(lost).toHaveLength(1);
    await vi.waitFor(() => expect(pool.state()).toMatchObject({ ready: 2, restarts: 1 }), 10_000);
  },
};

/** Pools with one thing left out each. */
const broken: Record<keyof typeof promises, Open> = {
  'a job past its deadline rejects, and its thread is replaced': (options) => {
    const pool: TestPool = openPool(options);
    return { ...pool, run: (job, transfer) => pool.run(job, transfer, HOUR) };
  },
  'a thread that does not say it is ready does not count, takes no job, and is given up': (options) => {
    const pool: TestPool = openPool(options);
    return { ...pool, state: () => ({ ...pool.state(), ready: options.threads }) };
  },
  'a dead thread is replaced after a pause that grows, not at once': (options) =>
    openPool({ ...options, pauses: { firstMs: 0, maxMs: 0 } }),
  'there is no queue: with every thread busy a job is refused at once': (options) => {
    const pool: TestPool = openPool(options);
    return { ...pool, run: async (job, transfer, ms) => untilFree(pool).then(() => pool.run(job, transfer, ms)) };
  },
  'a buffer is handed over, not copied, and comes back': (options) => {
    const pool: TestPool = openPool(options);
    return { ...pool, run: (job, _transfer, ms) => pool.run(job, [], ms) };
  },
  'a thread that dies rejects its job only; the other thread goes on': (options) => {
    const pool: TestPool = openPool({ ...options, lost: () => void pool.close() });
    return pool;
  },
};

for (const name of Object.keys(promises) as (keyof typeof promises)[]) {
  test(name, () => promises[name](openPool));
  test(`caught when broken: ${name}`, async () => {
    await expect(promises[name](broken[name])).rejects.toThrow();
  });
}

test('a job that fails rejects with the thread’s words; the thread lives on', async () => {
  const { pool, lost } = setUp(openPool);
  await untilFree(pool);
  await expect(pool.run({ kind: 'fail' }, [], HOUR)).rejects.toThrow('this job cannot be done');
  expect(await pool.run(echo(5), [], HOUR)).toEqual(Uint8Array.of(5));
  expect(lost).toEqual([]);
  expect(pool.state()).toEqual({ threads: 1, ready: 1, busy: 0, restarts: 0, done: 2 });
});

test('the pause is short again after a job was done', async () => {
  const { pool, lost } = setUp(openPool, { pauses: { firstMs: 1, maxMs: HOUR } });
  const warned = vi.fn();
  const other = setUp(openPool, { pauses: { firstMs: 1, maxMs: HOUR }, log: { ...SILENT_LOG, warn: warned } });
  for (let i = 0; i < 3; i++) {
    await untilFree(other.pool);
    if (i > 0) await other.pool.run(echo(i), [], HOUR);
    await expect(other.pool.run({ kind: 'die' }, [], HOUR)).rejects.toThrow();
  }
  expect(warned.mock.calls.map(([fields]) => (fields as { pauseMs: number }).pauseMs)).toEqual([1, 1, 1]);
  expect([lost.length, pool.state().restarts]).toEqual([0, 0]);
});

test('onFree is called for every thread that becomes free, and can give it the newest work at once', async () => {
  const { pool } = setUp(openPool);
  const done: number[] = [];
  let newest: number | undefined;
  const serve = () => {
    if (newest === undefined || !pool.free()) return;
    const job = echo(newest);
    newest = undefined;
    void pool.run(job, [], HOUR).then((r) => done.push(r[0]!));
  };
  const stop = pool.onFree(serve);
  // Before the thread is ready three pieces arrive; only the newest is kept.
  for (const piece of [1, 2, 3]) {
    newest = piece;
    serve();
  }
  await vi.waitFor(() => expect(done).toEqual([3]), 10_000);
  stop();
  newest = 4;
  expect(await pool.run(echo(9), [], HOUR)).toEqual(Uint8Array.of(9));
  expect([done, newest]).toEqual([[3], 4]);
  expect(pool.about()).toEqual({ models: ['test'] });
});

test('closing ends running jobs and all threads, and takes no more jobs', async () => {
  const { pool } = setUp(openPool, { threads: 2 });
  await vi.waitFor(() => expect(pool.state().ready).toBe(2), 10_000);
  const running = pool.run({ kind: 'hang' }, [], HOUR);
  const rejected = expect(running).rejects.toThrow('the pool is closed');
  await pool.close();
  await rejected;
  expect(pool.state()).toMatchObject({ ready: 0, busy: 0, restarts: 0 });
  await expect(pool.run(echo(1), [], HOUR)).rejects.toThrow('the pool is closed');
});

test('a job that cannot be posted rejects and leaves its thread free', async () => {
  const { pool } = setUp(openPool);
  await untilFree(pool);
  const unclonable = { kind: 'echo', bytes: () => 1 } as unknown as TestJob;
  await expect(pool.run(unclonable, [], HOUR)).rejects.toThrow(/could not be cloned/);
  expect(pool.free()).toBe(true);
});
