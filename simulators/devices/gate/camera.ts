/** The camera of a gate lane made of software: single JPEG pictures over HTTP, each with fresh noise and a small movement. */
import http from 'node:http';
import { serveHttp } from '../../product/loopback.ts';
import { openFacePainter, snapshot, type FacePainter, type FaceShot } from '../../scene/face.ts';
import { emptyShot, LANE_SIZE, type ShotSize } from '../../scene/face-shots.ts';
import { seeded } from '../../scene/random.ts';
import type { Rgb } from '../../scene/raster.ts';

export type LaneCamera = Awaited<ReturnType<typeof startLaneCamera>>;

/** What the sensor and the JPEG encoder do to a picture. */
export interface Grain {
  /** Standard deviation in grey levels. */
  readonly noise: number;
  readonly jpegQuality: number;
}

export interface LaneCameraOptions {
  readonly seed?: number;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  readonly size?: ShotSize;
  readonly painter?: FacePainter;
  /** Called when a picture goes out: for measuring what follows. */
  onSent?(): void;
}

/** Pictures are drawn this much larger than they are sent; each one sent is another cut of it. */
const SWAY_PX = 12;
const CLEAN: Grain = { noise: 3, jpegQuality: 85 };

export async function startLaneCamera(options: LaneCameraOptions = {}) {
  const size = options.size ?? LANE_SIZE;
  const painter = options.painter ?? openFacePainter();
  const random = seeded(options.seed ?? 1);
  let shown = await draw(painter, emptyShot(size));
  let grain = CLEAN;
  let sent = 0;
  /** Pictures that are being made, of what was shown when they were asked for. */
  const making = new Set<Promise<void>>();
  const server = http.createServer((req, res) => {
    if (req.method !== 'GET') return void res.writeHead(405, { allow: 'GET' }).end();
    const cut = cutOut(shown, size, Math.floor(random() * SWAY_PX), Math.floor(random() * SWAY_PX));
    const made = snapshot(cut, { noise: grain.noise, quality: grain.jpegQuality, random }).then(
      (jpeg) => {
        sent++;
        options.onSent?.();
        res.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' }).end(jpeg);
      },
      () => void res.destroy(),
    );
    making.add(made);
    void made.finally(() => making.delete(made));
  });
  const { port, close } = await serveHttp(server, options.port);
  return {
    url: `http://127.0.0.1:${port}/snapshot.jpg`,
    port,
    /** Pictures sent so far. */
    get sent(): number {
      return sent;
    },
    /** Resolves once every picture that comes shows `shot`, which has the size of the camera; the empty lane without one. */
    async show(shot: FaceShot = emptyShot(size), as: Grain = CLEAN): Promise<void> {
      if (shot.width !== size.width || shot.height !== size.height) {
        throw new Error(
          `this camera shows ${size.width} × ${size.height} pixels, the shot has ${shot.width} × ${shot.height}`,
        );
      }
      shown = await draw(painter, shot);
      grain = as;
      await Promise.all(making);
    },
    close,
  };
}

/** The shot with a margin for the sway: larger to the right and below, so that everything keeps its place but half the sway. */
function draw(painter: FacePainter, shot: FaceShot): Promise<Rgb> {
  const half = SWAY_PX / 2;
  const people = shot.people.map((p) => ({ ...p, x: p.x + half, y: p.y + half }));
  return painter.draw({ ...shot, width: shot.width + SWAY_PX, height: shot.height + SWAY_PX, people });
}

function cutOut({ width, data }: Rgb, size: ShotSize, left: number, top: number): Rgb {
  const out = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    const from = ((top + y) * width + left) * 3;
    out.set(data.subarray(from, from + size.width * 3), y * size.width * 3);
  }
  return { ...size, data: out };
}
