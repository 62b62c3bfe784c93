/** Live updates over real sockets on a real store: what each screen gets, and what a client missed. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Problem } from '../../contracts/status.ts';
import { documentHit, NO, plateHit, YES } from '../../hits/reviews.fixtures.ts';
import { endAlert } from '../../store/alerts.ts';
import { moveTarget } from '../../store/orders.ts';
import { noteAlarm } from '../../store/outages.ts';
import { acknowledgeSos, pressSos } from '../../store/sos.ts';
import { openApiRig } from './api.fixtures.ts';
import { follow, FULL, happen, hasAlarms, SOS_CLOCK, until, type ApiBox, type Followed } from './events.fixtures.ts';

const LI = { serviceNumber: '100001', kind: 'police' } as const;
const WANG = { serviceNumber: '100004', kind: 'police' } as const;

let problems: readonly Problem[];
let box: ApiBox;
beforeEach(async () => {
  problems = [];
  box = await openApiRig({ problems: () => problems });
  await box.rig.person('100001');
  await box.rig.person('100002', { roles: ['technician'] });
  await box.rig.person('100003', { roles: ['auditor'] });
  await box.rig.person('100004');
});
afterEach(() => box.server.close());

/** What each screen may be sent, member by member. A member that is not here is a leak. */
const ALARM = ['code', 'key', 'state', 'todo', 'what', 'zh'];
const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  officer: {
    hit: ['id', 'lane', 'last', 'list', 'state'],
    sos: ['device', 'id', 'kind', 'pressed', 'presses', 'raised', 'role', 'state'],
    order: ['created', 'devices', 'id', 'origin'],
    alert: ['at', 'devices', 'hit', 'state'],
    alarm: ALARM,
    alarms: ALARM,
  },
  duty: {
    sos: ['device', 'id', 'kind', 'pressed', 'presses', 'raised', 'role', 'state'],
    'hits-waiting': ['hits', 'lane'],
    alarm: ALARM,
    alarms: ALARM,
  },
  technician: { alarm: ALARM, alarms: ALARM },
  auditor: { alarm: ALARM, alarms: ALARM },
};

/** What a stream has that its screen may not be sent, and what it lacks. */
function leaksIn(screen: string, followed: Pick<Followed, 'events'>): string[] {
  const allowed = ALLOWED[screen]!;
  const wrong: string[] = [];
  for (const { event, data } of followed.events) {
    if (event === undefined) continue;
    const members = allowed[event];
    for (const one of [data].flat() as object[])
      for (const name of Object.keys(one)) if (!members?.includes(name)) wrong.push(`${screen}: ${event}.${name}`);
  }
  for (const event of Object.keys(allowed))
    if (!followed.events.some((one) => one.event === event)) wrong.push(`${screen}: no ${event}`);
  return wrong;
}

const client = {
  officer: () => box.as('100001'),
  technician: () => box.as('100002'),
  auditor: () => box.as('100003'),
  duty: () => box.as('100001', 'duty'),
};
const SECRETS = /12345|皖|E-0001|stolen|stop and ask|Chief|path|30\.25|120\.1|Person|10000\d|same-vehicle|dismiss/;

it.each(Object.keys(ALLOWED))('%s gets what happens, and nothing beyond its members', async (screen) => {
  const followed = await follow(box, await client[screen as keyof typeof client]());
  await hasAlarms(followed);
  expect(followed.of('alarms')).toEqual([[]]);
  const { hit } = happen(box);
  problems = [FULL];
  box.judging.raise(documentHit());
  expect(box.judging.reviews.opinion(hit, LI, YES, 'box')).toEqual({ state: 'first' });
  await until(() => expect(followed.of('alarm')).toHaveLength(1));
  await until(() =>
    expect(leaksIn(screen, { events: [...followed.events, { event: 'alarms', data: [FULL] }] })).toEqual([]),
  );
  expect(followed.text()).not.toMatch(SECRETS);
  if (screen === 'technician' || screen === 'auditor') expect(followed.of('hit')).toEqual([]);
});

it.each([
  ['a plate in the duty room', 'duty', { event: 'hits-waiting', data: [{ lane: 'a', hits: 1, plate: '皖A12345' }] }],
  ['a whole event of another screen', 'duty', { event: 'hit', data: { id: 'H' } }],
  ['the author of an opinion', 'officer', { event: 'hit', data: { id: 'H', by: '100001' } }],
])('a planted leak is found: %s', (_what, screen, planted) => {
  expect(leaksIn(screen, { events: [planted] }).filter((one) => !one.includes(' no '))).not.toEqual([]);
});

it('says each change of a hit, a call, an order, an alert and an alarm', async () => {
  const followed = await follow(box, await client.officer());
  await hasAlarms(followed);
  const { db } = box.rig;
  const { outbox, reviews } = box.judging;
  const { hit, sos } = happen(box);
  problems = [FULL];
  await until(() => expect(followed.of('hit')).toMatchObject([{ id: hit, state: 'unreviewed', lane: 'road-1' }]));
  await until(() => expect(followed.of('sos')).toMatchObject([{ id: sos, state: 'raised', device: 'cam-1' }]));
  expect(followed.of('order')).toMatchObject([{ id: 'O-1', devices: { waiting: 2 } }]);
  expect(followed.of('alert')).toMatchObject([{ hit, state: 'open', devices: 1 }]);
  reviews.opinion(hit, LI, NO, 'box');
  await until(() => expect(followed.of('hit').at(-1)).toMatchObject({ id: hit, state: 'first' }));
  reviews.opinion(hit, WANG, NO, 'box');
  pressSos(db, { id: sos, at: 2, move: () => ({ where: {}, change: 'repeat' }), clock: SOS_CLOCK }, outbox);
  moveTarget(db, { order: 'O-1', device: 'cam-1', at: 2 }, (one) => ({ ...one, state: 'read', read: 2 }), outbox);
  endAlert(db, hit, 'dismissed', outbox);
  problems = [];
  await until(() => expect(followed.of('alarm')).toMatchObject([{ state: 'raised' }, { key: 'disk', state: 'ended' }]));
  await until(() => expect(followed.of('hit').at(-1)).toMatchObject({ state: 'dismissed' }));
  expect(followed.of('sos').at(-1)).toMatchObject({ state: 'again', presses: 2 });
  expect(followed.of('order').at(-1)).toMatchObject({ devices: { waiting: 1, read: 1 } });
  expect(followed.of('alert').at(-1)).toMatchObject({ state: 'ended' });
  acknowledgeSos(db, { id: sos, by: 'Chief Zhao', from: 'box', clock: SOS_CLOCK }, outbox);
  await until(() => expect(followed.of('sos').at(-1)).toMatchObject({ state: 'acknowledged' }));
  db.write(() => db.prepare('DELETE FROM hits WHERE id = ?').run(hit));
  await until(() => expect(followed.of('hit').at(-1)).toEqual({ id: hit, state: 'erased' }));
});

it('the duty room gets how many hits wait in which lane, at once and when that changes', async () => {
  const { hit } = happen(box);
  box.judging.raise(plateHit({ id: 'H-2', entry: 'E-2', lane: 'road-2' }));
  const followed = await follow(box, await client.duty());
  await until(() =>
    expect(followed.of('hits-waiting')).toEqual([
      [
        { lane: 'road-1', hits: 1 },
        { lane: 'road-2', hits: 1 },
      ],
    ]),
  );
  box.judging.reviews.opinion(hit, LI, YES, 'box');
  box.judging.reviews.opinion(hit, WANG, YES, 'box');
  await until(() => expect(followed.of('hits-waiting').at(-1)).toEqual([{ lane: 'road-2', hits: 1 }]));
});

it('a duty screen that comes back gets that number once, and only where a hit came or was judged meanwhile', async () => {
  const duty = await client.duty();
  const before = await follow(box, duty);
  happen(box);
  await until(() => expect(before.of('hits-waiting').at(-1)).toEqual([{ lane: 'road-1', hits: 1 }]));
  await until(() => expect(before.place()).toBeDefined());
  before.leave();
  const same = await follow(box, duty, before.place());
  await hasAlarms(same);
  expect(same.of('hits-waiting')).toEqual([]);
  same.leave();
  box.judging.raise(plateHit({ id: 'H-2', entry: 'E-2' }));
  const after = await follow(box, duty, before.place());
  await hasAlarms(after);
  expect(after.of('hits-waiting')).toEqual([[{ lane: 'road-1', hits: 2 }]]);
});

it('a screen that has shown nothing yet gets what is open, and all alarms that hold', async () => {
  const { hit, sos } = happen(box);
  problems = [FULL];
  const followed = await follow(box, await client.officer());
  await hasAlarms(followed);
  expect(followed.of('hit')).toMatchObject([{ id: hit }]);
  expect(followed.of('sos')).toMatchObject([{ id: sos }]);
  expect(followed.of('order')).toMatchObject([{ id: 'O-1' }]);
  expect(followed.of('alert')).toMatchObject([{ hit }]);
  expect(followed.of('alarms')).toMatchObject([[{ key: 'disk', state: 'raised', zh: FULL.zh }]]);
  expect(followed.of('resync')).toEqual([]);
});

it('what a client missed is sent again, over a restart of the box, and what it has is not', async () => {
  const officer = await client.officer();
  const before = await follow(box, officer);
  const { hit, sos } = happen(box);
  await until(() => expect(before.of('alert')).toHaveLength(1));
  await until(() => expect(before.place()).toBeDefined());
  const place = before.place();
  before.leave();
  const { db } = box.rig;
  const { outbox } = box.judging;
  const missed = box.judging.raise(plateHit({ entry: 'E-2', id: 'H-2' }));
  acknowledgeSos(db, { id: sos, by: 'Chief Zhao', from: 'box', clock: SOS_CLOCK }, outbox);
  moveTarget(db, { order: 'O-1', device: 'cam-1', at: 2 }, (one) => ({ ...one, state: 'read', read: 2 }), outbox);
  noteAlarm(db, 'store:full', 1, 'the disk is full');
  noteAlarm(db, 'store:full', 2);
  await box.server.close();
  const parts = box.rig.restart();
  box = await openApiRig({ problems: () => problems, ...parts }, { ...box.rig, ...parts, db: box.rig.db });
  const after = await follow(box, officer, place);
  await hasAlarms(after);
  expect(after.of('hit')).toMatchObject([{ id: missed, state: 'unreviewed' }]);
  expect(hit).not.toBe(missed);
  expect(after.of('sos')).toMatchObject([{ id: sos, state: 'acknowledged' }]);
  expect(after.of('order')).toMatchObject([{ id: 'O-1', devices: { read: 1, waiting: 1 } }]);
  expect(after.of('alarm')).toMatchObject([{ key: 'store:full', state: 'ended', what: 'the disk is full' }]);
  expect(after.of('alert')).toEqual([]);
  expect(after.of('resync')).toEqual([]);
  const names = after.events.map(({ event }) => event);
  expect(names.lastIndexOf('alarms')).toBeGreaterThan(names.lastIndexOf('alarm'));
});

it.each([['malformed'], ['9999999-00000000'], ['1-00000000'], ['-1-00000000'], ["1' OR 1"], ['']])(
  'the place %j, which no store gave out, is answered with what is open and `resync`',
  async (place) => {
    const { hit } = happen(box);
    const followed = await follow(box, await client.officer(), place);
    await hasAlarms(followed);
    expect(followed.of('hit')).toMatchObject([{ id: hit }]);
    expect(followed.of('resync')).toHaveLength(1);
    await until(() => expect(followed.place()).toMatch(/^\d+-[0-9a-f]{8}$/));
    const again = await follow(box, await client.officer(), followed.place());
    await hasAlarms(again);
    expect(again.of('resync')).toEqual([]);
  },
);
