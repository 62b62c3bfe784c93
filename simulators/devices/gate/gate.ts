/** A gate made of software: a stream of visitors and the lane's camera that sees them. Their cards go to simulators/devices/reader. */
import { openFacePainter } from '../../scene/face.ts';
import { LANE_SIZE } from '../../scene/face-shots.ts';
import { startLaneCamera, type LaneCamera } from './camera.ts';
import { writePortraits } from './portraits.ts';
import { listedNumbers, visitorStream, type StreamOptions, type Visitor } from './visitors.ts';

export type { Visitor } from './visitors.ts';

export interface GateOptions extends StreamOptions {
  /** Of the camera, on 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  /** Where the portraits for the photo decoder are written; none are without it. */
  readonly portraits?: string;
}

export interface Gate {
  /** From the first one at each call. */
  visitors(): Iterable<Visitor>;
  /** Numbers that have to stand on the document list. */
  readonly listed: readonly string[];
  readonly camera: Pick<LaneCamera, 'url' | 'port' | 'close'> & {
    /** Resolves once the next picture shows this visitor, or the empty lane without one. */
    show(visitor?: Visitor): Promise<void>;
  };
}

export async function openGate(options: GateOptions): Promise<Gate> {
  const painter = openFacePainter();
  if (options.portraits !== undefined) await writePortraits(options.portraits, { painter });
  const size = options.size ?? LANE_SIZE;
  const camera = await startLaneCamera({ seed: options.seed, port: options.port ?? 0, size, painter });
  return {
    visitors: () => visitorStream(options),
    listed: listedNumbers(options),
    camera: {
      url: camera.url,
      port: camera.port,
      show: (visitor) => (visitor ? camera.show(visitor.shot, visitor.grain) : camera.show()),
      close: () => camera.close(),
    },
  };
}
