import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import mqtt from 'mqtt';
import { encodeAck, encodeEvent, EVENT_MEDIA_TYPE } from '../../adapters/upstream/codec.ts';
import { signBody } from '../../adapters/upstream/webhook/codec.ts';
import { startBroker } from './broker.ts';
import type { Room } from './room.ts';
import { startRoom } from './room.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let folder: string;
let file: string;
let room: Room;
let lines: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-room-'));
  file = join(folder, 'room.db');
  lines = [];
  room = await startRoom({ secret: SECRET, file, print: (line) => lines.push(line) });
});

afterEach(async () => {
  await room.close();
  rmSync(folder, { recursive: true });
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
    seen: 1,
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
      type: 'io.sitebox.plate.hit.v1',
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
  it('keeps each event once, over a restart, and says what came in', async () => {
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

  it('wants the pictures first, and checks their digest', async () => {
    const picture = Buffer.from('jpeg');
    expect((await post(event('a', [picture]), 'a')).status).toBe(424);
    expect((await put(picture, 'f'.repeat(64))).status).toBe(422);
    expect((await put(picture)).status).toBe(201);
    expect((await put(picture)).status).toBe(200);
    expect((await post(event('a', [picture]), 'a')).status).toBe(201);
    expect(room.evidence()).toHaveLength(1);
  });

  it('refuses what is not signed, not an event, or too large', async () => {
    expect((await post(event('a'), 'a', { 'webhook-signature': 'v1,AAAA' })).status).toBe(401);
    expect((await post(event('a'), 'b')).status).toBe(400);
    expect((await post(Buffer.from('{}'), 'a')).status).toBe(422);
    expect((await post(event('a'), 'a', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(Buffer.alloc(70_000), 'a')).status).toBe(413);
    expect((await fetch(`${room.url}/elsewhere`)).status).toBe(404);
    expect(room.events()).toEqual([]);
    expect(room.refusals()).toHaveLength(6);
  });

  it('meets a share of the requests with a fault', async () => {
    const draws = [0.1, 0.9, 0.2];
    const other = await startRoom({ secret: SECRET, faults: { random: () => draws.shift() ?? 1 } });
    other.fault('error', 0.3);
    const status: number[] = [];
    for (let i = 0; i < 4; i++) status.push((await fetch(`${other.url}/nothing`)).status);
    await other.close();
    expect(status).toEqual([500, 404, 500, 404]);
  });

  it('gets from the broker what came in while it was away', async () => {
    const broker = await startBroker();
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
});
