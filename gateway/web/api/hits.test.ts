/** Hits through the API: what a reviewer is shown and when, and that the log holds each look. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { documentHit, picture, plateHit, possibleHit } from '../../hits/reviews.fixtures.ts';
import { passwordOf } from '../../people/people.fixtures.ts';
import { openApiRig, type Client } from './api.fixtures.ts';

let box: Awaited<ReturnType<typeof openApiRig>>;
let [li, wang]: Client[] = [];
beforeEach(async () => {
  box = await openApiRig();
  for (const number of ['100001', '100002']) await box.rig.person(number);
  [li, wang] = [await box.as('100001'), await box.as('100002')];
});
afterEach(() => box.server.close());

const PLATE = { verdict: 'confirm', reason: 'same-vehicle' };
const raise = (hit = plateHit(), ...names: string[]) =>
  box.judging.raise(
    hit,
    names.map((name) => picture(name)),
  );

it('lists the newest 50, by lane and state, without a plate', async () => {
  for (let i = 0; i < 60; i++) {
    const hit = plateHit({ entry: `E-${i}`, last: plateHit().last + i * 1000, lane: i % 2 ? 'road-1' : 'road-2' });
    raise(hit);
  }
  const all = await li!.call('GET', '/api/v1/hits');
  const lines = all.json as unknown as { id: string; lane: string; last: string }[];
  expect(lines).toHaveLength(50);
  expect(all.text).not.toMatch(/A12345|E-\d/);
  const rest = await li!.call('GET', `/api/v1/hits?before=${lines.at(-1)!.id}`);
  expect(rest.json).toHaveLength(10);
  expect((await li!.call('GET', '/api/v1/hits?lane=road-2')).json).toHaveLength(30);
  await li!.call('POST', `/api/v1/hits/${lines[0]!.id}/opinion`, PLATE);
  expect((await li!.call('GET', '/api/v1/hits?state=first')).json).toHaveLength(1);
  expect((await li!.call('GET', '/api/v1/hits?state=planted')).status).toBe(400);
});

it('neither the first opinion nor its author goes out before the second one', async () => {
  const id = raise();
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, PLATE)).json).toEqual({ state: 'first' });
  for (const path of ['', '/review']) {
    const { text, status } = await wang!.call('GET', `/api/v1/hits/${id}${path}`);
    expect([status, text.includes('100001'), text.includes('same-vehicle'), text.includes('confirm"')]).toEqual([
      200,
      false,
      false,
      false,
    ]);
  }
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, PLATE)).json['code']).toBe('review-same-person');
  const no = { verdict: 'dismiss', reason: 'other-vehicle' };
  expect((await wang!.call('POST', `/api/v1/hits/${id}/opinion`, no)).json).toEqual({ state: 'disputed' });
  expect((await li!.call('GET', `/api/v1/hits/${id}/review`)).text).toMatch(/100001.*100002/);
});

it('of a possible hit the listed plate comes after the reading, and the first reading counts', async () => {
  const id = raise(possibleHit());
  expect((await li!.call('GET', `/api/v1/hits/${id}`)).text).not.toMatch(/AB234N|A8234N/);
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, PLATE)).json['code']).toBe('review-characters-missing');
  const read = (characters: string) => li!.call('POST', `/api/v1/hits/${id}/reading`, { characters });
  expect((await read('BB')).json['code']).toBe('review-characters-missing');
  for (const none of [' ', '-', '\u0000', '□'])
    expect((await read(none)).json['code'], none).toBe('review-characters-missing');
  expect((await read('8')).text).toContain('皖AB234N');
  await read('B');
  await li!.call('POST', `/api/v1/hits/${id}/opinion`, PLATE);
  expect(box.judging.reviews.stored(id)!.review.opinions[0]!.characters).toBe('8');
  // What one reviewer read is not shown to the other.
  expect((await wang!.call('GET', `/api/v1/hits/${id}`)).text).not.toMatch(/AB234N/);
});

it('the box notes which pictures were opened, whatever a page says', async () => {
  const id = raise(plateHit(), 'one', 'two');
  const { pictures } = (await li!.call('GET', `/api/v1/hits/${id}`)).json as { pictures: { sha256: string }[] };
  const opened = await li!.call('GET', `/api/v1/hits/${id}/pictures/${pictures[1]!.sha256}`);
  expect([opened.status, opened.headers.get('content-type'), opened.text]).toEqual([200, 'image/jpeg', 'two']);
  await li!.call('POST', `/api/v1/hits/${id}/opinion`, { ...PLATE, opened: pictures.map(({ sha256 }) => sha256) });
  expect(box.judging.reviews.stored(id)!.review.opinions[0]!.opened).toEqual([pictures[1]!.sha256]);
  const other = raise(plateHit({ entry: 'E-2' }), 'three');
  expect((await li!.call('GET', `/api/v1/hits/${other}/pictures/${pictures[0]!.sha256}`)).status).toBe(404);
});

it('what a reviewer opened and read is the same after a restart', async () => {
  const id = raise(possibleHit(), 'one', 'two');
  const { pictures } = (await li!.call('GET', `/api/v1/hits/${id}`)).json as { pictures: { sha256: string }[] };
  await li!.call('GET', `/api/v1/hits/${id}/pictures/${pictures[0]!.sha256}`);
  await li!.call('POST', `/api/v1/hits/${id}/reading`, { characters: '8' });
  await box.server.close();
  box = await openApiRig({}, box.rig);
  li = await box.as('100001');
  expect((await li.call('GET', `/api/v1/hits/${id}`)).text).toContain('皖AB234N');
  // They have seen the listed plate since.
  await li.call('POST', `/api/v1/hits/${id}/reading`, { characters: 'B' });
  await li.call('GET', `/api/v1/hits/${id}/pictures/${pictures[1]!.sha256}`);
  await li.call('POST', `/api/v1/hits/${id}/opinion`, PLATE);
  const opened = pictures.map(({ sha256 }) => sha256);
  expect(box.judging.reviews.stored(id)!.review.opinions).toMatchObject([{ opened, characters: '8' }]);
});

it('a person is judged after the password once more, and no similarity goes out', async () => {
  const comparison = { outcome: 'same', score: 0.73, threshold: 0.5, models: [] } as const;
  const id = raise({ ...documentHit(), comparison } as never);
  expect((await li!.call('GET', `/api/v1/hits/${id}`)).text).not.toContain('0.73');
  const yes = { verdict: 'confirm', reason: 'same-person' };
  box.rig.go(6 * 60_000);
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, yes)).json['code']).toBe('session-not-proved');
  const again = await li!.call('POST', '/api/v1/session/password', { password: passwordOf('100001') });
  li!.csrfToken = again.json['csrfToken'] as string;
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, yes)).json).toEqual({ state: 'first' });
});

it('takes what was found on the spot', async () => {
  const id = raise();
  const found = { outcome: 'right' };
  expect((await li!.call('POST', `/api/v1/hits/${id}/outcome`, found)).json['code']).toBe('review-outcome-early');
  for (const one of [li!, wang!]) await one.call('POST', `/api/v1/hits/${id}/opinion`, PLATE);
  expect((await li!.call('POST', `/api/v1/hits/${id}/outcome`, found)).json).toEqual({ state: 'confirmed' });
});

it('shows nothing that the log does not take', async () => {
  const id = raise(plateHit(), 'one');
  const sha256 = box.judging.reviews.stored(id)!.evidence[0]!.sha256;
  box.rig.db.exec(`CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted: full'); END`);
  for (const path of ['', `/${id}`, `/${id}/pictures/${sha256}`]) {
    const { status, text } = await li!.call('GET', `/api/v1/hits${path}`);
    expect([path, status, text.includes('A12345'), text.includes('planted')]).toEqual([path, 500, false, false]);
  }
  expect((await li!.call('POST', `/api/v1/hits/${id}/opinion`, PLATE)).status).toBe(500);
  expect(box.judging.reviews.stored(id)!.review.state).toBe('unreviewed');
});

it('the OpenAPI document names every route of the API, with who may call it', async () => {
  const { json } = await li!.call('GET', '/api/v1/openapi.json');
  expect(json['openapi']).toBe('3.1.0');
  const paths = json['paths'] as Record<string, Record<string, { description: string; summary: string }>>;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description }]) => `${method.toUpperCase()} ${path} ${description}`),
  );
  const routes = box.server.routes.filter(({ method, url }) => method !== 'HEAD' && url.startsWith('/api/'));
  const declared = routes.map(
    ({ method, url, access }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')} For: ${[access].flat().join(', ')}.`,
  );
  expect(described.sort()).toEqual(declared.sort());
});
