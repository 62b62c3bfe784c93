/** Of a presented document nothing is left: a thousand go through the running gateway, faces compared, and then every byte is searched for them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import sharp from 'sharp';
import { afterEach, beforeAll, expect, onTestFailed, test } from 'vitest';
import { digestNumber } from '../../gateway/lists/number.ts';
import { openForReading } from '../../gateway/store/db.ts';
import { metric } from '../rigs/road.ts';
import type { LaneResult } from '../rigs/gate.ts';
import { cardBytes } from '../devices/reader/cards.ts';
import { startRoom } from '../command-room/room.ts';
import { newSecret } from '../product/site.ts';
import { cardNeedles, openCrowd, PICTURE, visitorNeedles, type Guest, type PresentationWay } from './crowd.ts';
import { findings, type SearchedFile } from './disguises.ts';
import { openGateBox, type GateBox } from './gate-box.ts';
import { contentOf } from './store-content.ts';
import { openTemplates } from './templates.ts';
import { findIn, indexed, longPictureNeedles, pictureNeedles, type Needle, type Needles } from './traces.ts';
import { startWiretap } from './wiretap.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

const VISITORS = 1_000;
const LANES = 8;
const MIN_COMPARED = 0.95 * VISITORS;
/** Of each of the rarer ways. */
const MIN_RARE = 0.01 * VISITORS;
const LISTED = 3;
/** Templates take a moment to compute, and so do digests: of so many visitors one is looked for with these too. */
const SAMPLED = 40;
const BODIES_EVERY = 100;

/** 128 numbers of single precision take 683 characters of base64; a digest or a signature takes 88 at most. */
const LONG_RUN = /[A-Za-z0-9+/=_-]{128}|(?:[-\d.e]+,\s*){32}/;

const undo: (() => unknown)[] = [];
let make: Awaited<ReturnType<typeof openCrowd>>;
let needles: ReturnType<typeof visitorNeedles>;
let templates: Awaited<ReturnType<typeof openTemplates>>;
beforeAll(async () => {
  [make, needles, templates] = [await openCrowd(20_260), visitorNeedles(), await openTemplates()];
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Setting {
  readonly box: GateBox;
  readonly room: Awaited<ReturnType<typeof startRoom>>;
  /** All that can be looked at from outside, the line to the command room included. */
  readonly places: () => SearchedFile[];
}

async function open(lanes: number, listed: readonly Guest[], env: Record<string, string> = {}): Promise<Setting> {
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.push(() => room.close());
  const line = await startWiretap(room.url);
  undo.push(() => line.close());
  const create = { ...PICTURE, channels: 3 as const, background: '#a9b0b4' };
  const emptyLane = await sharp({ create }).jpeg().toBuffer();
  const box = await openGateBox({ lanes, listed, emptyLane, secret, env, roomUrl: line.url }, undo);
  onTestFailed(() => console.log(box.gateway.text().slice(-4_000)));
  return {
    box,
    room,
    places: () => [...box.places(), { path: 'the line to the command room', bytes: line.bytes() }],
  };
}

/** Visitors `from` to `to` go through all lanes side by side. */
async function letThrough(
  box: GateBox,
  { from, to }: { readonly from: number; readonly to: number },
  seen: (visitor: Guest, shown: LaneResult, index: number) => Promise<void>,
): Promise<void> {
  let next = from;
  const lane = async (n: number): Promise<void> => {
    while (next < to) {
      const index = next++;
      const visitor = await make(index);
      await seen(visitor, await box.visit(n, visitor), index);
    }
  };
  await Promise.all(box.screens.map((_, n) => lane(n)));
}

async function bodiesOf({ url }: GateBox): Promise<SearchedFile[]> {
  const bodies = ['/health', '/metrics', '/lanes', '/lanes/gate-0'].map(async (path) => {
    return { path, bytes: Buffer.from(await (await fetch(url + path)).arrayBuffer()) };
  });
  return Promise.all(bodies);
}

/** The digests that a list with the salt of this box would have for them. */
async function digestNeedles({ folder }: GateBox, visitors: readonly Guest[]): Promise<Needle[]> {
  const salt = /"salt":\s*"([^"]+)"/.exec(readFileSync(join(folder, 'documents-1.json'), 'utf8'))![1]!;
  return Promise.all(
    visitors.map(async ({ name, card }) => {
      const digest = await digestNumber(Buffer.from(card.number), Buffer.from(salt, 'base64'));
      return { name: `digest of ${name}`, bytes: Buffer.from(digest, 'hex') };
    }),
  );
}

test('the search sees every kind of trace in every disguise, and names whose it is', async () => {
  const [visitor, other] = [await make(3), await make(13)];
  const kinds = Map.groupBy([...needles(visitor), ...(await templates(visitor)).needles], (n) => n.name);
  const all = indexed([...[...kinds.values()].flat(), ...needles(other), ...cardNeedles()]);
  expect([...kinds.keys()].map((kind) => kind.replace(/ of visitor 3$/, ''))).toEqual([
    ...['number', 'sha256 of the number', 'sha1 of the number', 'md5 of the number', 'name', 'chip'],
    ...['photo', 'picture file', 'picture', 'template'],
  ]);
  const disguises: ((bytes: Buffer) => string)[] = [
    (bytes) => bytes.toString('latin1'),
    (bytes) => `photo-${bytes.toString('base64')}`,
    (bytes) => bytes.toString('base64url'),
    (bytes) => `f${bytes.toString('hex')}`,
    (bytes) => bytes.toString('hex').toUpperCase(),
    (bytes) => inspect(bytes),
    (bytes) => JSON.stringify({ cause: inspect(new Uint8Array(bytes)) }),
    (bytes) => JSON.stringify({ reading: new Uint8Array(bytes) }),
    (bytes) => JSON.stringify({ reading: bytes }),
  ];
  for (const [kind, [needle]] of kinds) {
    for (const disguise of disguises) {
      const bytes = Buffer.from(`{"at":1,"x":"${disguise(needle!.bytes)}"}`, 'latin1');
      expect(findings([{ path: 'a text', bytes }], all), disguise(needle!.bytes)).toEqual([`${kind} in a text`]);
    }
  }
  // Whole things, too, and not only the pieces that are looked for.
  const { card, bitmap, picture, pixels } = visitor;
  const whole = (bytes: Uint8Array) => findings([{ path: 'it', bytes: Buffer.concat([Buffer.alloc(7), bytes]) }], all);
  expect(whole(cardBytes(card)).filter((f) => !f.includes('of a card'))).toEqual(
    ['name', 'number', 'chip'].map((kind) => `${kind} of visitor 3 in it`),
  );
  expect(whole(bitmap)).toEqual(['photo of visitor 3 in it']);
  expect(whole(picture)).toEqual(['picture file of visitor 3 in it']);
  expect(whole(pixels.data)).toEqual(['picture of visitor 3 in it']);
  // A crop of the face alone, from far inside.
  expect(whole(pixels.data.subarray(PICTURE.width * 3 * 100, PICTURE.width * 3 * 130))).toEqual(whole(pixels.data));
});

test('a gateway that writes down what it wipes is caught, with all that it held of a visitor', async () => {
  const { box, places } = await open(2, [], { NODE_OPTIONS: `--import=${new URL('leak.ts', import.meta.url).href}` });
  const traces: Needle[] = [];
  await letThrough(box, { from: 0, to: 4 }, async (visitor, { comparison }) => {
    const { needles: template, score } = await templates(visitor);
    expect(comparison).toMatchObject({ outcome: 'same', score });
    traces.push(...needles(visitor), ...template);
  });
  const found = findings(places(), indexed(traces)).map((f) => f.replace(box.folder, ''));
  for (const n of [0, 1, 2, 3]) {
    for (const kind of ['number', 'chip']) {
      expect(found).toContain(`${kind} of visitor ${n} in /tmp/leak-0`);
      expect(found).toContain(`${kind} of visitor ${n} in the log`);
    }
    expect(found).toContain(`template of visitor ${n} in the log`);
    for (const kind of ['photo', 'picture', 'template'])
      expect(found.some((f) => f.startsWith(`${kind} of visitor ${n} in /tmp/leak-`))).toBe(true);
  }
  expect([...box.touched]).toContain('leak-0');

  // And wherever else something might be left: as a file or the name of one, on the line, on a screen, in an answer.
  const { card, name } = await make(0);
  const all = indexed(traces);
  for (const folder of [box.home, box.storage]) {
    writeFileSync(join(folder, `core.${card.number}`), card.photo);
    expect(findings(places(), all)).toContain(`chip of ${name} in ${join(folder, `core.${card.number}`)}`);
    expect(findings(places(), all)).toContain(`number of ${name} in name of ${join(folder, `core.${card.number}`)}`);
  }
  const spoken = [...places(), ...(await bodiesOf(box))].filter(({ path }) => !path.includes(box.folder));
  expect(spoken.map(({ path }) => path)).toEqual([
    ...['the log', 'screen 0', 'screen 1', 'the line to the command room'],
    ...['/health', '/metrics', '/lanes', '/lanes/gate-0'],
  ]);
  for (const { path, bytes } of spoken) {
    const planted = Buffer.concat([bytes, Buffer.from(JSON.stringify({ number: Buffer.from(card.number) }))]);
    expect(findings([{ path, bytes: planted }], all)).toContain(`number of ${name} in ${path}`);
  }
});

test(
  'of a thousand documents that are not listed nothing is left but a number',
  { timeout: 600_000 * PATIENCE_FACTOR },
  async () => {
    const startedAt = performance.now();
    const listed = await Promise.all(Array.from({ length: LISTED }, (_, i) => make(VISITORS + i)));
    const { box, room, places } = await open(LANES, listed);
    const traces: Needle[] = cardNeedles();
    const sample: Guest[] = [];
    const bodies: SearchedFile[] = [];
    const ways: Record<PresentationWay, number> = { same: 0, different: 0, 'no photo': 0, unreadable: 0 };
    await letThrough(box, { from: 0, to: VISITORS }, async (visitor, shown, index) => {
      traces.push(...needles(visitor));
      if (wayOf(shown) === visitor.way) ways[visitor.way]++;
      if (index % SAMPLED === 0) sample.push(visitor);
      if (index % BODIES_EVERY === 0) bodies.push(...(await bodiesOf(box)));
    });
    const tookS = (performance.now() - startedAt) / 1000;

    // They did go through: read, looked up, compared, counted.
    const { url } = box;
    const compared = async (outcome: string) => metric(url, 'sitebox_comparisons_total', `outcome="${outcome}"`);
    const [same, different] = [await compared('same'), await compared('different')];
    console.log(
      `${same + different} of ${VISITORS} documents compared (${different} different), ${tookS.toFixed(0)} s`,
    );
    expect(same + different).toBeGreaterThanOrEqual(MIN_COMPARED);
    expect(ways.same).toBeGreaterThanOrEqual(MIN_COMPARED);
    for (const seen of Object.values(ways)) expect(seen).toBeGreaterThanOrEqual(MIN_RARE);
    expect(await metric(url, 'sitebox_presentations_total')).toBe(VISITORS);
    expect(await metric(url, 'sitebox_presentations_total', 'outcome="listed"')).toBe(0);

    for (const visitor of sample) traces.push(...(await templates(visitor)).needles);
    traces.push(...(await digestNeedles(box, sample)));
    const forbidden = indexed(traces);
    bodies.push(...(await bodiesOf(box)));
    expect(findings([...places(), ...bodies], forbidden)).toEqual([]);
    expect(findings(places(), longPictureNeedles)).toEqual([]);
    expect(places().flatMap(({ bytes }) => [...findIn(bytes, pictureNeedles)])).toEqual([]);
    // What was searched is what went on: each of these places has what it may have.
    expect(bodies.map((b) => b.bytes.toString()).join()).toMatch(/"comparisons":\{"[^}]*\d/);
    const ends = box.screens.flatMap((s) => s.views.flatMap((v) => v.last?.lastFour ?? []));
    expect(new Set(ends.map((end) => end.length))).toEqual(new Set([4]));
    for (const visitor of sample) expect(ends).toContain(visitor.card.number.slice(-4));
    expect(box.gateway.text()).toContain('the photo of a document could not be decoded');

    await expectHitsAlone({ box, room, places }, listed, forbidden);
  },
);

function wayOf({ document, comparison }: LaneResult): PresentationWay | undefined {
  if (document === undefined) return 'unreadable';
  if (comparison?.outcome !== 'not compared') return comparison?.outcome;
  return comparison.why === 'no photo' ? 'no photo' : undefined;
}

/** The listed ones leave what a hit is made of: the digest of the list and a picture of the lane. Of their cards and faces, nothing. */
async function expectHitsAlone(
  { box, room, places }: Setting,
  listed: readonly Guest[],
  before: Needles,
): Promise<void> {
  const traces: Needle[] = cardNeedles();
  const again = { from: VISITORS, to: VISITORS + listed.length };
  await letThrough(box, again, async (visitor, { comparison }) => {
    expect(comparison?.outcome).toBe('same');
    traces.push(...needles(visitor), ...(await templates(visitor)).needles);
  });
  const acknowledged = () => box.gateway.text().split('"hit acknowledged"').length - 1;
  await expect.poll(acknowledged, { timeout: 30_000 }).toBe(listed.length);
  const forbidden = indexed(traces);
  const digests = indexed(await digestNeedles(box, listed));
  expect(findings(places(), forbidden)).toEqual([]);
  const found = [...findings(places(), digests), ...findings(places(), pictureNeedles)].join('\n');
  for (const { name } of listed) expect(found).toContain(`digest of ${name} in ${box.storage}`);
  // The picture is sealed on the disk.
  expect(found).not.toContain(`JPEG in ${box.storage}`);
  expect(found).toContain('JPEG in the line to the command room');
  // The command room knows the entry by its id.
  expect(found).not.toMatch(/digest of .* in (the line|the log|screen)/);

  // At the end too, when the store has been put in order and closed.
  expect(await box.gateway.stop()).toBe(0);
  for (const traced of [before, forbidden]) expect(findings(places(), traced)).toEqual([]);
  expect(room.evidence()).toHaveLength(listed.length);
  for (const { bytes } of room.evidence()) {
    const kept = await sharp(bytes).raw().toBuffer();
    expect(listed.some(({ pixels }) => differenceOf(pixels.data, kept) < 4)).toBe(true);
  }
  for (const path of [box.home, box.temporary]) expect(readdirSync(path)).toEqual([]);
  expect([...box.touched]).toEqual([]);
  expectStore(box.storage, listed.length);
}

/** Blobs are the lists, their root and the pictures of hits; no text is long enough to hide a template or a picture in it. */
function expectStore(storage: string, hits: number): void {
  const file = readdirSync(storage).filter((name) => name.endsWith('.db'));
  expect(file).toHaveLength(1);
  const db = openForReading(join(storage, file[0]!));
  undo.push(() => db.close());
  const { blobs, texts } = contentOf(db);
  for (const [column, text] of texts) expect(text, column).not.toMatch(LONG_RUN);
  expect(blobs).toEqual([...Array<string>(hits).fill('evidence.bytes'), 'lists.bytes', 'roots.bytes']);
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect(['hits', 'hitEvidence'].map(count)).toEqual([hits, hits]);
}

/** Mean, in grey levels. */
function differenceOf(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
