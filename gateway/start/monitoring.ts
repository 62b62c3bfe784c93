/** The status of every room, in the order in which people read it. */
import type { PersistentClock } from '../clock/clock.ts';
import { filesOf, type OpenedParts } from '../config/parts.ts';
import type { Status } from '../contracts/status.ts';
import type { CrewService } from '../crew/crew-service.ts';
import { crewStatus } from '../crew/status.ts';
import type { FailureStreaks } from '../devices/failure-streaks.ts';
import { camerasStatus, type Camera } from '../devices/cameras.ts';
import { openReader, readersStatus } from '../devices/readers.ts';
import { gatesStatus } from '../gate/status.ts';
import type { HitBuffer } from '../hits/hit-buffer.ts';
import type { Recogniser } from '../inference/recogniser.ts';
import { inferenceStatus } from '../inference/status.ts';
import type { FollowedLists } from '../lists/in-force/followed-lists.ts';
import { listsStatus } from '../lists/in-force/status.ts';
import { Monitor } from '../monitor/monitor.ts';
import { storeStatus } from '../monitor/store-status.ts';
import { roadStatus } from '../road/status.ts';
import type { Db } from '../store/db.ts';
import { boxExposures } from '../store/files/private-files.ts';
import type { Supervisor } from '../supervise.ts';
import type { Delivery } from '../upstream/deliver.ts';
import type { Instructions } from '../upstream/instructions.ts';
import { orphansStatus } from '../upstream/orphans.ts';
import { deliveriesStatus } from '../upstream/status.ts';
import { framesOf, isOfRoad, listTypes, type Lanes } from './lanes.ts';

export interface MonitorOptions {
  readonly parts: OpenedParts;
  readonly version: string;
  readonly db: Db;
  readonly clock: PersistentClock;
  readonly supervisor: Supervisor;
  readonly lists: FollowedLists;
  readonly lanes: Lanes;
  readonly cameras: readonly Camera[];
  readonly recogniser: Pick<Recogniser, 'state' | 'loadedModels'>;
  readonly hits: HitBuffer;
  readonly crew: CrewService | undefined;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  readonly instructions: Instructions;
  readonly rows: FailureStreaks;
  /** Of rooms that were opened with their status. */
  readonly more: readonly Status[];
}

export function openMonitor(box: MonitorOptions): Monitor {
  const { parts, version, db, clock, supervisor, lists, lanes, cameras, crew, deliveries } = box;
  const { config, equipment, relays } = parts;
  const startedAt = clock.now();
  const types = listTypes(config);
  const readers = parts.readers.map((reader) => openReader(reader, supervisor));
  const pushing = cameras.filter((c) => c.pushes && isOfRoad(c));
  return new Monitor({ site: config.site, box: config.box, version, startedAt }, [
    camerasStatus({
      cameras,
      clock,
      startedAt,
      frames: (camera) => framesOf(camera, lanes),
      pushes: (camera) => lanes.road.pushes(camera.id),
    }),
    readersStatus(readers, clock, startedAt),
    roadStatus(lanes.road, pushing),
    gatesStatus(lanes.gates, clock),
    inferenceStatus({ recogniser: box.recogniser, readsPlates: types.includes('plate-list'), clock, startedAt }),
    listsStatus(lists, types, clock),
    deliveriesStatus({ deliveries, db, clock, startedAt }),
    orphansStatus(
      db,
      relays.map(({ id }) => id),
      () => clock.mono(),
    ),
    box.instructions.status,
    ...(crew ? [crewStatus(crew, equipment, supervisor)] : []),
    storeStatus({
      db,
      folder: config.storage.folder,
      minFreeBytes: config.limits.minFreeDiskBytes,
      hits: box.hits,
      exposures: () => boxExposures(filesOf(parts)),
    }),
    box.hits.status,
    db.damage.status,
    box.rows.status,
    supervisor.status,
    ...box.more,
  ]);
}
