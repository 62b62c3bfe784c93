import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import mqtt from 'mqtt';
import { encodeAck, encodeEvent, EVENT_MEDIA_TYPE } from '../../adapters/upstream/codec.ts';
import { instructionId } from '../../adapters/upstream/instructions.codec.ts';
import { decodeAnswer, encodePoll } from '../../adapters/upstream/poll.codec.ts';
import { signBody, verifyBody } from '../../adapters/upstream/webhook.codec.ts';
import type { RoomMessage } from '../../gateway/contracts/instruction.ts';
import type { Json } from '../../gateway/contracts/base.ts';
import { startRoomBroker } from './broker.ts';
import type { Room } from './room.ts';
import { startRoom } from './room.ts';
import { describeEvent } from './words.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let folder: string;
let file: string;
let room: Room;
let lines: string[];

beforeEach(async () => {
  folder = tempFolder();
  file = join(folder, 'room.db');
  lines = [];
  room = await startRoom({ secret: SECRET, file, print: (line) => lines.push(line) });
});

afterEach(async () => {
  await room.close();
});

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function event(id: string, pictures: readonly Buffer[] = []): Buffer {
  const evidence = pictures.map((bytes) => ({
    what: 'plate' as const,
    sha256: sha(bytes),
    mediaType: 'image/jpeg' as const,
    bytes,
  }));
  const data = {
    sightings: 1,
    read: { text: '皖A12345' },
    certainty: 'exact',
    lane: 'road-1',
    entry: 'E-1',
    instruction: 'ask',
  };
  return Buffer.from(
    encodeEvent({
      id,
      source: '/sites/demo/boxes/b',
      type: 'io.sitebox.plate.hit.v2',
      time: 0,
      subject: 's',
      sequence: 1,
      data,
      evidence,
    }),
  );
}

function post(body: Buffer, id: string, more: Record<string, string> = {}): Promise<Response> {
  const headers = { 'content-type': EVENT_MEDIA_TYPE, ...signBody(SECRET, id, Date.now(), body), ...more };
  return fetch(`${room.url}/events`, { method: 'POST', body: new Uint8Array(body), headers });
}

function put(bytes: Buffer, name = sha(bytes)): Promise<Response> {
  const headers = { 'content-type': 'image/jpeg', ...signBody(SECRET, name, Date.now(), bytes) };
  return fetch(`${room.url}/evidence/${name}`, { method: 'PUT', body: new Uint8Array(bytes), headers });
}

describe('command room', () => {
  it('keeps each event once, across a restart, and prints each arrival', async () => {
    expect(await (await post(event('a'), 'a')).text()).toBe(encodeAck('a'));
    expect((await post(event('a'), 'a')).status).toBe(200);
    expect(lines).toEqual([
      '00:00:00 https #1 HIT 皖A12345 (exact) lane road-1 entry E-1: ask, 0 pictures',
      '00:00:00 https #1 (again) HIT 皖A12345 (exact) lane road-1 entry E-1: ask, 0 pictures',
    ]);
    await room.close();
    room = await startRoom({ secret: SECRET, file });
    expect((await post(event('a'), 'a')).status).toBe(200);
    expect(room.events()).toMatchObject([{ id: 'a', times: 3 }]);
  });

  it('requires the pictures first, and checks their digest', async () => {
    const picture = Buffer.from('jpeg');
    expect((await post(event('a', [picture]), 'a')).status).toBe(424);
    expect((await put(picture, 'f'.repeat(64))).status).toBe(422);
    expect((await put(picture)).status).toBe(201);
    expect((await put(picture)).status).toBe(200);
    expect((await post(event('a', [picture]), 'a')).status).toBe(201);
    expect(room.evidence()).toHaveLength(1);
  });

  it('takes a hit of a box of 0.1.0, which has other names for sightings and pictures', async () => {
    const picture = Buffer.from('jpeg');
    await put(picture);
    const old = event('a', [picture]).toString().replace('hit.v2', 'hit.v1').replace('"sightings"', '"seen"');
    expect((await post(Buffer.from(old.replace('"what":"plate"', '"what":"scene"')), 'a')).status).toBe(201);
    expect(room.events()).toMatchObject([{ type: 'io.sitebox.plate.hit.v1', evidence: [{ what: 'scene' }] }]);
    expect(lines).toEqual(['00:00:00 https #1 HIT 皖A12345 (exact) lane road-1 entry E-1: ask, 1 picture']);
  });

  it('refuses a request that is unsigned, not an event, or too large', async () => {
    expect((await post(event('a'), 'a', { 'webhook-signature': 'v1,AAAA' })).status).toBe(401);
    expect((await post(event('a'), 'b')).status).toBe(400);
    expect((await post(Buffer.from('{}'), 'a')).status).toBe(422);
    expect((await post(event('a'), 'a', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(Buffer.alloc(70_000), 'a')).status).toBe(413);
    expect((await fetch(`${room.url}/elsewhere`)).status).toBe(404);
    expect(room.events()).toEqual([]);
    expect(room.refusals()).toHaveLength(6);
  });

  it('injects a fault into a share of the requests', async () => {
    const draws = [0.1, 0.9, 0.2];
    const other = await startRoom({ secret: SECRET, faults: { random: () => draws.shift() ?? 1 } });
    other.fault('error', 0.3);
    const status: number[] = [];
    for (let i = 0; i < 4; i++) status.push((await fetch(`${other.url}/nothing`)).status);
    await other.close();
    expect(status).toEqual([500, 404, 500, 404]);
  });

  it('gets from the broker the events that arrived while it was away', async () => {
    const broker = await startRoomBroker();
    onTestFinished(() => broker.close());
    const first = await startRoom({ secret: SECRET, mqtt: { url: broker.url } });
    await first.close();
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    await client.publishAsync('up/v1/demo/b/plate-hit', event('a'), { qos: 1 });
    await client.publishAsync('up/v1/demo/b/plate-hit', 'not an event', { qos: 1 });
    await client.publishAsync('up/v1/demo/b/plate-hit', event('b'), { qos: 1 });
    const second = await startRoom({ secret: SECRET, mqtt: { url: broker.url } });
    await vi.waitFor(() => expect(second.events().map((e) => e.id)).toEqual(['a', 'b']));
    expect(second.refusals()).toEqual(['mqtt: the event is not JSON']);
    await client.endAsync(true);
    await second.close();
  });

  it('acknowledges a call for help automatically, once, however often it is repeated', async () => {
    const other = await startRoom({ secret: SECRET, autoAcknowledgeSos: true, now: () => 0 });
    onTestFinished(() => other.close());
    const data = {
      id: '01KDQ5V7M0ZQ4X8T2B6N9C3R1A',
      device: 'cam-1',
      role: 'officer',
      kind: 'bodycam',
      state: 'raised',
    };
    for (const id of ['sos-1', 'sos-2']) {
      const source = '/sites/demo/boxes/b';
      const head = { id, source, type: 'io.sitebox.sos.v1' as const, time: 0, subject: 'cam-1', sequence: 1 };
      const body = Buffer.from(encodeEvent({ ...head, data, evidence: [] }));
      const headers = { 'content-type': EVENT_MEDIA_TYPE, ...signBody(SECRET, id, 0, body) };
      const sent = { method: 'POST', body: new Uint8Array(body), headers };
      expect((await fetch(`${other.url}/events`, sent)).status).toBe(201);
    }
    expect(other.instructions()).toMatchObject([{ box: '/sites/demo/boxes/b', took: false }]);
    expect(JSON.parse(other.instructions()[0]!.body)).toMatchObject({
      type: 'io.sitebox.down.sos-acknowledged.v1',
      subject: 'b',
      data: { sos: data.id },
    });
  });
});

describe('instructions of the room', () => {
  const order: RoomMessage = { id: 'o-1', at: 0, by: 'Li', kind: 'order', order: { text: 'go', to: ['cam-1'] } };

  async function poll(at: Room, took: readonly string[], signal?: AbortSignal): Promise<readonly unknown[]> {
    const body = Buffer.from(encodePoll({ source: '/sites/demo/boxes/box-001', took }));
    const headers = { ...signBody(SECRET, 'poll-1', Date.now(), body) };
    const sent = { method: 'POST', body: new Uint8Array(body), headers, ...(signal ? { signal } : {}) };
    const answer = await fetch(`${at.url}/down`, sent);
    const text = Buffer.from(await answer.arrayBuffer());
    const given = Object.fromEntries(answer.headers);
    expect(given['webhook-id']).toBe('poll-1');
    expect(verifyBody(SECRET, given, text, Date.now())).toEqual({ ok: true });
    return decodeAnswer(text.toString()).map((event) => instructionId(event));
  }

  it('wait for the box, across a restart, until it has taken them', async () => {
    room.tell(order);
    await room.close();
    room = await startRoom({ secret: SECRET, file, holdMs: 20 });
    room.tell(order);
    expect(await poll(room, [])).toEqual(['o-1']);
    expect(await poll(room, [])).toEqual(['o-1']);
    expect(await poll(room, ['o-1', 'unknown'])).toEqual([]);
    expect(room.instructions()).toMatchObject([{ id: 'o-1', took: true }]);
  });

  it('answer a held poll at once, even beside one that was given up', async () => {
    const ending = new AbortController();
    const given = poll(room, [], ending.signal);
    const held = poll(room, []);
    await vi.waitFor(() => expect(room.polls()).toBe(2));
    ending.abort();
    await expect(given).rejects.toThrow();
    room.tell({ ...order, id: 'elsewhere' }, { box: '/sites/demo/boxes/box-002' });
    room.tell(order);
    expect(await held).toEqual(['o-1']);
  });

  it('are refused to an unsigned or invalid poll', async () => {
    const send = (body: string, key = SECRET): Promise<Response> => {
      const headers = { ...signBody(key, 'poll-1', Date.now(), Buffer.from(body)) };
      return fetch(`${room.url}/down`, { method: 'POST', body, headers });
    };
    expect((await send('{}')).status).toBe(422);
    expect((await send(encodePoll({ source: '/s', took: [] }), `whsec_${'A'.repeat(32)}`)).status).toBe(401);
  });
});

describe('words for events of the crew', () => {
  const place = { lat: 30.13, lon: 118.17, trusted: true };
  const sos = { id: 'S', device: 'cam-1', role: 'officer', kind: 'bodycam', state: 'raised', place };
  it.each<[string, Json, string]>([
    ['sos', sos, 'SOS cam-1 (officer, bodycam) at 30.13000, 118.17000'],
    [
      'sos',
      { ...sos, acknowledged: { by: 'Li' } },
      'SOS of cam-1 (officer, bodycam) at 30.13000, 118.17000: seen by Li',
    ],
    ['sos', { ...sos, state: 'cancelled' }, 'SOS withdrawn: cam-1 (officer, bodycam) at 30.13000, 118.17000'],
    [
      'order',
      {
        id: 'o-1',
        place: { ...place, name: 'bridge' },
        targets: [
          { device: 'cam-1', state: 'read' },
          { device: 'cam-2', state: 'refused', reason: 'hurt' },
        ],
      },
      'order o-1 at bridge (30.13000, 118.17000): cam-1 read, cam-2 refused (hurt)',
    ],
    ['order', { id: 'o-2', refused: 'nobody is near' }, 'instruction o-2 REFUSED by the box: nobody is near'],
    ['mode', { id: 'm-1', refused: 'too long' }, 'instruction m-1 REFUSED by the box: too long'],
    [
      'mode',
      { mode: 'emergency', by: 'Li', reason: 'landslide', until: 'T' },
      'mode emergency until T by Li: landslide',
    ],
    ['device', { device: 'cam-1', what: 'battery low', state: 'raised' }, 'cam-1: battery low'],
    ['device', { camera: 'north', what: 'camera moved', state: 'cleared' }, 'camera north: camera moved is over'],
    [
      'crew',
      {
        devices: [
          { device: 'cam-1', position: place, batteryPercent: 80, ageS: 3, stale: false },
          { device: 'uav-1', ageS: 90, stale: true },
        ],
      },
      'crew: cam-1 30.13000, 118.17000 80 %, 3 s old; uav-1 nowhere, 90 s old, STALE',
    ],
    ['crew', { devices: 'none' }, 'crew: '],
    ['order', null, 'order ?: '],
  ])('%s', (type, data, words) => {
    const head = { id: 'e', source: '/s', type: `io.sitebox.${type}.v1`, time: 0, subject: 's', sequence: 1 };
    expect(describeEvent({ ...head, data, evidence: [] }, true, 'https')).toBe(`00:00:00 https #1 ${words}`);
  });
});
