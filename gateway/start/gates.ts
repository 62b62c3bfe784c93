/** Opens the gate lanes of the configuration. */
import { GateLane, type GateRooms } from '../gate/gate-lane.ts';
import type { OpenedParts } from '../config/parts.ts';

export function openGateLanes({ config, photoDecoder }: OpenedParts, rooms: GateRooms): readonly GateLane[] {
  return config.lanes.flatMap((lane) => {
    if (lane.kind !== 'gate') return [];
    const options = {
      lane: lane.id,
      readers: lane.readers,
      camera: lane.camera,
      sign: lane.compare ? config.comparison?.sign : undefined,
      photoDecoder,
      timeZone: config.timeZone,
      config: config.sha256,
    };
    return [new GateLane(options, rooms)];
  });
}
