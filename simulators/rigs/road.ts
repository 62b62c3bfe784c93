/** A checkpoint for tests that run from end to end: a short drawn road, a simulated camera before it, and the gateway as a process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCamera, type RtspCamera } from '../devices/road-camera/server.ts';
import { spawnGateway, type GatewayProcess, type LogLine } from '../product/gateway.ts';
import { openScene, type SceneVehicle } from '../scene/scene.ts';
import { encodeClip } from '../scene/clip.ts';
import { laySite } from '../product/site.ts';

export const CAMERA_ID = 'north-1';
/** It has characters that have to be written otherwise in an address, so that a leak is looked for in both forms. */
export const CAMERA_PASSWORD = 'cam&pass/7319';

export const FIRST = '皖A12345';
export const SECOND = '粤B98K61';
export const THIRD = '京AD12345';

export type ShortRoad = Awaited<ReturnType<typeof drawShortRoad>>;

/**
 * Two cars that approach one after the other and a new-energy car that leaves meanwhile. They drive slowly, the clip holds only
 * the last 20 m of their way, and the pictures are small, so that a computer with other work to do still sees each several times.
 * The clip is played again and again; each car stays away for more than 3 s, so that its next turn is another passage.
 */
export async function drawShortRoad() {
  const [width, height, fps, seconds] = [640, 360, 12, 7.5];
  const speedMps = 5;
  const nearAfterS = (80 - 20) / speedMps;
  const approaching = (plate: string, fromS: number): SceneVehicle => {
    return { plate, style: 'standard', lane: 1, startS: fromS - nearAfterS, speedMps, direction: 'approaching' };
  };
  const leaving: SceneVehicle = {
    plate: THIRD,
    style: 'new-energy-small',
    lane: 0,
    startS: 0.8,
    speedMps,
    direction: 'leaving',
  };
  const vehicles = [approaching(FIRST, 0.1), approaching(SECOND, 2.6), leaving];
  const scene = await openScene({ seed: 3, vehicles, width, height });
  /** `clip`: Annex-B H.264. */
  return { clip: await encodeClip(scene, { seconds, fps }), fps, width, height, seconds };
}

/** The simulated camera shows `road`, to whoever has user and password, by Digest. */
export function openCamera(road: ShortRoad, port = 0): Promise<RtspCamera> {
  return startCamera({ clip: road.clip, fps: road.fps, port, user: 'gate', password: CAMERA_PASSWORD });
}

export type Checkpoint = Awaited<ReturnType<typeof layCheckpoint>>;

export interface CheckpointOptions {
  readonly cameraUrl: string;
  readonly road: Pick<ShortRoad, 'width' | 'height'>;
  readonly upstream: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** For the environment of the gateway; secrets of `upstream` mostly. */
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

export async function layCheckpoint(options: CheckpointOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-checkpoint-'));
  const { width, height } = options.road;
  const site = await laySite({
    folder,
    port: 0,
    upstream: options.upstream,
    more: options.more ?? {},
    cameras: {
      [CAMERA_ID]: {
        kind: 'rtsp',
        url: options.cameraUrl,
        width,
        height,
        user: 'gate',
        password: 'env:CAMERA_PASSWORD',
      },
    },
  });
  const started: GatewayProcess[] = [];
  return {
    site,
    /** Starts the gateway; several times, if one has ended before. */
    start(onLine?: (line: LogLine) => void): GatewayProcess {
      const env = { ...options.env, CAMERA_PASSWORD };
      const gateway = spawnGateway(site.configFile, { env, ...(onLine ? { onLine } : {}) });
      started.push(gateway);
      return gateway;
    },
    /** Ends what runs, and removes the folder. */
    async close(): Promise<void> {
      for (const gateway of started) await gateway.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** For `GatewayProcess.line`: accepts the `n`th line, from 1, that `wanted` accepts. */
export function nth(n: number, wanted: (line: LogLine) => boolean): (line: LogLine) => boolean {
  let seen = 0;
  return (line) => wanted(line) && ++seen === n;
}

/** Value of a family of Prometheus metrics: of the samples whose labels hold `label`, added up. */
export async function metric(url: string, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm'));
  return [...samples].filter(([, labels = '']) => labels.includes(label)).reduce((sum, [, , n]) => sum + Number(n), 0);
}
