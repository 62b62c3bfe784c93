/** Joins devices to lanes: frames and pushed reads go to the road or to a gate, documents to their gate. */
import type { OpenedParts } from '../config/parts.ts';
import type { ReaderObservation } from '../contracts/document.ts';
import type { Observation } from '../contracts/source.ts';
import type { Camera } from '../devices/cameras.ts';
import type { Device } from '../devices/run.ts';
import type { GateLane } from '../gate/gate-lane.ts';
import type { RoadLanes } from '../road/road.ts';
import type { Lanes } from './lanes.ts';

/** Every camera and reader of the configuration, joined to its lane. `cameras` are those that `openCamera` made of `parts.cameras`. */
export function devicesOf(
  parts: Pick<OpenedParts, 'cameras' | 'readers'>,
  cameras: readonly Camera[],
  lanes: Lanes,
): Device[] {
  const gateOf = (lane: string) => lanes.gates.find((g) => g.lane === lane);
  return [
    ...parts.cameras.map(({ id, lane, source }, i): Device => {
      const { take, lost } = cameraTaker(cameras[i]!, lanes.road, gateOf(lane));
      return { kind: 'camera', id, source, take, lost };
    }),
    ...parts.readers.map(({ id, lane, source }): Device => {
      const gate = gateOf(lane)!;
      return {
        kind: 'reader',
        id,
        source,
        take: (o) => (isOfCamera(o) ? undefined : gate.observed(id, o)),
        lost: () => gate.lost(id),
      };
    }),
  ];
}

function cameraTaker(
  { id, stream, still, tampering, video }: Camera,
  road: RoadLanes,
  gate: GateLane | undefined,
): Pick<Device, 'take' | 'lost'> {
  return {
    take(o) {
      // A heartbeat only says that the camera is up. No gate has a camera that pushes: config/parts.ts refuses one.
      if (o.kind === 'pushed') road.pushed(id, o.read, o.settle);
      if (o.kind === 'refused') road.refused(id, o.reason, o.why);
      if (o.kind !== 'frame') return;
      stream.seen(o.frame);
      still.seen(o.frame);
      tampering.seen(o.frame);
      // A gate takes single frames at any moment.
      if (gate) video?.keepAwake();
      (gate ?? road).frame(o.frame);
    },
    lost: () => (gate ? undefined : road.lost(id)),
  };
}

function isOfCamera(o: Observation): o is Exclude<Observation, ReaderObservation> {
  return ['frame', 'heartbeat', 'pushed', 'refused'].includes(o.kind);
}
