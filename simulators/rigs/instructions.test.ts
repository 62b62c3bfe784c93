/** A box without a crew, as a process, and a command room that tells it things over MQTT and HTTPS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { spawnGateway } from '../product/gateway.ts';
import { startRoomBroker } from '../command-room/broker.ts';
import { startRoom } from '../command-room/room.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ULID = '01KDQ5V7M0ZQ4X8T2B6N9C3R1A';

test.each(['https', 'mqtt'])('W15: a box without a crew hears the command room over %s, and answers', async (kind) => {
  const folder = tempFolder();
  const broker = await startRoomBroker();
  onTestFinished(() => broker.close());
  const room = await startRoom({ secret: SECRET, mqtt: { url: broker.url } });
  onTestFinished(() => room.close());
  const file = join(folder, 'box.yaml');
  const url = kind === 'https' ? room.url : broker.url;
  writeFileSync(
    file,
    JSON.stringify({
      site: 'demo',
      box: 'box-001',
      storage: { folder: join(folder, 'store') },
      listen: { port: 0 },
      lists: { trust: join(folder, 'root.json') },
      // A gate whose reader is not there.
      readers: [{ id: 'desk', kind: 'mrz', port: 'tcp://127.0.0.1:9' }],
      lanes: [{ id: 'gate', kind: 'gate', readers: ['desk'] }],
      upstream: [{ id: 'room', kind, url, secret: 'env:ROOM_SECRET' }],
    }),
  );
  const gateway = spawnGateway(file, { env: { ROOM_SECRET: SECRET } });
  onTestFinished(() => gateway.kill());
  const head = { at: Date.now(), by: 'duty officer' };
  room.tell({ ...head, id: 'r-1', kind: 'review', hit: ULID, outcome: 'confirmed', second: 'another' });
  room.tell({ ...head, id: 'o-1', kind: 'order', order: { text: 'go', to: ['cam-1'] } });
  room.tellRaw('x-1', { id: 'x-1', text: 'no instruction' });
  await vi.waitFor(
    () => {
      const answers = room
        .events()
        .flatMap((e) => (e.type.match(/order|instruction/) ? [[e.id, e.data] as const] : []));
      expect(Object.fromEntries(answers)).toMatchObject({
        'r-1': { kind: 'review', refused: 'this box has no such hit, or has erased it' },
        'o-1': { refused: 'this box has no part that takes an instruction of kind order' },
        'x-1': { refused: expect.stringMatching(/specversion/) as string },
      });
    },
    { timeout: 60_000, interval: 50 },
  );
  expect(await gateway.stop()).toBe(0);
});
