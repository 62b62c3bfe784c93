/** People of a command room judge hits of a box, as processes over HTTPS: what is confirmed, what is dismissed and erased on both sides. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { OpinionContent } from '../../gateway/contracts/review.ts';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import {
  LI,
  NO,
  picture,
  plateHit,
  possibleHit,
  reviewRig,
  sha,
  WANG,
  YES,
} from '../../gateway/hits/reviews.fixtures.ts';
import { hashWith } from '../../gateway/people/credentials.ts';
import { openDb } from '../../gateway/store/db.ts';
import { putPerson } from '../../gateway/store/people.ts';
import { startRoom } from '../command-room/room.ts';
import { siteboxTyping, spawnGateway } from '../product/gateway.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PASSWORD = 'seven green kites';
const WAIT = { timeout: 60_000, interval: 50 };

test('two people of the room decide by their service numbers; what they dismiss is erased here and there, with a receipt', async () => {
  const folder = tempFolder();
  const room = await startRoom({ secret: SECRET });
  onTestFinished(() => room.close());
  const file = join(folder, 'box.yaml');
  const box = { site: 'demo', box: 'box-001', storage: { folder: join(folder, 'store') }, listen: { port: 0 } };
  const readers = [{ id: 'desk', kind: 'mrz', port: 'tcp://127.0.0.1:9' }];
  const lanes = [{ id: 'gate', kind: 'gate', readers: ['desk'] }];
  const upstream = [{ id: 'room', kind: 'https', url: room.url, secret: 'env:ROOM_SECRET' }];
  const lists = { trust: join(folder, 'root.json') };
  writeFileSync(file, JSON.stringify({ ...box, lists, readers, lanes, upstream }));
  // Raised by a box that was stopped before it could send them.
  const now = Date.now();
  const db = openDb(join(folder, 'store'));
  const rig = reviewRig(db, { now: () => now });
  const good = rig.raise(plateHit({ first: now, last: now }), [picture('kept')]);
  const bad = rig.raise(possibleHit({ entry: 'E-2', first: now, last: now }), [
    picture('plate'),
    picture('v', 'vehicle'),
  ]);
  const hash = await hashWith(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  const account = { name: 'Li', roles: ['officer'], created: now, judgesFrom: now, vouchedBy: [] } as const;
  putPerson(db, { ...LI, ...account, hash });
  db.close();
  const gateway = spawnGateway(file, { env: { ROOM_SECRET: SECRET } });
  onTestFinished(() => gateway.kill());
  const reviewsOf = (hit: string) =>
    room
      .events()
      .flatMap(({ type, data }) =>
        type === 'io.sitebox.review.v1' && (data as { hit: string }).hit === hit ? [data] : [],
      );
  const say = (id: string, hit: string, judge: typeof LI, content: OpinionContent): void =>
    room.tell({ id, at: Date.now(), by: 'Room 1', kind: 'opinion', hit, judge, content });
  await vi.waitFor(() => expect(room.evidence()).toHaveLength(3), WAIT);
  say('o-1', good, LI, YES);
  say('o-2', good, WANG, YES);
  say('o-3', bad, LI, { ...NO, characters: '8' });
  say('o-4', bad, LI, { ...NO, characters: '8' });
  room.tell({ id: 'o-5', at: Date.now(), by: 'Li', second: 'Wang', kind: 'review', hit: bad, outcome: 'dismissed' });
  say('o-6', bad, WANG, { ...NO, characters: '8' });
  await vi.waitFor(() => expect(reviewsOf(bad).at(-1)).toMatchObject({ state: 'dismissed' }), WAIT);
  // Events of other hits, and refusals, come side by side with it.
  await vi.waitFor(() => expect(reviewsOf(good)).toMatchObject([{ state: 'first' }, { state: 'confirmed' }]), WAIT);
  const refused = () => room.events().flatMap(({ id, data }) => ((data as { refused?: string }).refused ? [id] : []));
  await vi.waitFor(() => expect(refused().sort()).toEqual(['o-4', 'o-5']), WAIT);
  // The room has erased it, and said so.
  expect(room.evidence().map((picture) => picture.sha256)).toEqual([sha('kept')]);
  expect(JSON.stringify(room.events())).not.toContain('皖A8234N');
  const left = () => {
    using read = openDb(join(folder, 'store'));
    return {
      hits: read.prepare('SELECT id, state FROM hits').all(),
      pictures: read.prepare('SELECT count(*) FROM evidence').pluck().get(),
      receipts: read.prepare('SELECT hit, relay FROM erasureReceipts').all(),
    };
  };
  await vi.waitFor(
    () =>
      expect(left()).toEqual({
        hits: [{ id: good, state: 'confirmed' }],
        pictures: 1,
        receipts: [{ hit: bad, relay: 'room' }],
      }),
    WAIT,
  );
  const asLi = (...args: string[]) =>
    siteboxTyping([PASSWORD], 'hits', ...args, '--config', file, '--number', LI.serviceNumber);
  const shown = await asLi('show', bad);
  expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining('was dismissed, and erased at') as string });
  const listed = await asLi('list', '--lang', 'zh');
  expect(listed.stdout).toMatch(new RegExp(`^${good}.*完全一致.*已确认\\n$`));
  expect(await gateway.stop()).toBe(0);
});
