/** Two road lanes before one camera, from end to end: its stream is fetched once, and each lane has the vehicles in its part of the picture. */
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import type { RtspCamera } from '../devices/road-camera/server.ts';
import { giveList, stolen } from '../product/site.ts';
import type { GatewayProcess, LogLine } from '../product/gateway.ts';
import { CAMERA_ID, drawShortRoad, FIRST, layCheckpoint, metric, openCamera, THIRD } from './road.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
/** Left and right of the middle of the picture: one comes towards the camera, the other leaves. */
const HALVES = { leaving: 0, approaching: 0.5 } as const;

let camera: RtspCamera;
let gateway: GatewayProcess;
let url: string;
const hits: LogLine[] = [];
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  const road = await drawShortRoad();
  camera = await openCamera(road);
  undo.push(() => camera.close());
  const lanes = Object.entries(HALVES).map(([id, left]) => ({
    id,
    kind: 'road',
    cameras: [CAMERA_ID],
    regions: {
      [CAMERA_ID]: [
        [left, 0],
        [left + 0.5, 0],
        [left + 0.5, 1],
        [left, 1],
      ],
    },
  }));
  const checkpoint = await layCheckpoint({ cameraUrl: camera.url, road, upstream: {}, more: { lanes } });
  undo.push(() => checkpoint.close());
  await giveList(checkpoint.site, 1, [FIRST, THIRD].map(stolen));
  gateway = checkpoint.start((line) => line.msg === 'hit committed' && hits.push(line));
  url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
});

beforeEach(() => onTestFailed(() => console.log(gateway.text().slice(-4_000))));

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const laneOf = (entry: string): unknown[] => hits.filter((l) => l['entry'] === entry).map((l) => l['lane']);

test('each lane has its own vehicles, and the camera one connection', async () => {
  await expect.poll(() => laneOf('E-1')[0], PATIENCE).toBe('approaching');
  await expect.poll(() => laneOf('E-2')[0], PATIENCE).toBe('leaving');
  expect(camera.clients).toBe(1);
  for (const lane of Object.keys(HALVES))
    await expect.poll(() => metric(url, 'sitebox_passages_total', `lane="${lane}"`), PATIENCE).toBeGreaterThan(0);
  expect(hits.filter((l) => (l['entry'] === 'E-1') !== (l['lane'] === 'approaching'))).toEqual([]);
});
