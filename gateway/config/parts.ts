/** Reads the configuration and opens the adapters that it names. Touches no device; one ConfigError holds every mistake of every part. */
import type { CameraPart, CameraView, ReaderPart, RelayPart, EquipmentPart, Adapters } from '../contracts/parts.ts';
import { didYouMean, type Path } from './yaml.ts';
import { readConfig, type Config } from './config.ts';
import type { PhotoDecoder } from '../contracts/document.ts';
import { ConfigError } from '../contracts/errors.ts';
import type { LoginThrottle } from '../contracts/logins.ts';
import type { Log } from '../contracts/base.ts';
import type { OpenSource } from '../contracts/source.ts';
import { english } from '../contracts/words/words.ts';

export interface OpenedParts {
  readonly config: Config;
  readonly cameras: readonly CameraPart[];
  readonly readers: readonly ReaderPart[];
  readonly relays: readonly RelayPart[];
  readonly equipment: readonly EquipmentPart[];
  /** Undefined: photos of chips cannot be decoded, and are not compared. */
  readonly photoDecoder: PhotoDecoder | undefined;
  /** Files of secrets and of private keys that the configuration names. */
  readonly privateFiles: readonly string[];
}

/** `logins` gives each part that checks passwords the login throttle of its account. */
export function openParts(
  file: string,
  adapters: Adapters,
  logins: { of(account: string): LoginThrottle },
  log: Log,
): OpenedParts {
  const loaded = readConfig(file);
  const { config } = loaded;
  // An adapter throws for a part with mistakes; `loaded` collects them, and the other parts are still checked.
  const collected = <T>(path: Path, work: () => T): T[] => {
    try {
      return [work()];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      loaded.addProblems(path, error);
      return [];
    }
  };
  const open = <T>(path: Path, part: Part, table: Readonly<Record<string, Open<T>>>): T[] => {
    const { id = path.join('.'), kind, region: _region, onvif: _onvif, ...rest } = part;
    const adapter = Object.hasOwn(table, kind) ? table[kind] : undefined;
    if (!adapter) {
      const known = Object.keys(table);
      const hint = didYouMean(kind, known, english('config-known-kinds', { kinds: known.join(', ') }));
      loaded.addProblem({ path: [...path, 'kind'], message: english('config-unknown-kind'), hint });
      return [];
    }
    // `cameras` and an id: `camera north`.
    const account = `${String(path[0]).replace(/s$/, '')} ${id}`;
    return collected(path, () => adapter(rest, { ...loaded.context(path, id, log), logins: logins.of(account) }));
  };
  const eventsOf = (camera: Part & { readonly id: string }, path: Path): Pick<CameraPart, 'events'> => {
    if (camera['onvif'] === undefined || camera['onvif'] === false) return {};
    const [events] = collected(path, () => adapters.onvif.openEvents(camera, loaded.context(path, camera.id, log)));
    return events ? { events } : {};
  };
  const cameras = config.cameras.flatMap((c, i) =>
    open(['cameras', i], c, adapters.cameras).map((source) => ({
      ...eventsOf(c, ['cameras', i]),
      id: c.id,
      lane: config.lanes.flatMap((l) => (camerasOf(l).includes(c.id) ? [l.id] : [])).join(', '),
      views: viewsOf(c, config),
      source,
      pushes: source.pushes === true,
    })),
  );
  for (const [i, lane] of config.lanes.entries()) {
    const pushing = cameras.filter((c) => c.pushes && camerasOf(lane).includes(c.id));
    if (lane.kind === 'gate') {
      for (const { id } of pushing) {
        const message = english('config-pushing-camera', { id });
        loaded.addProblem({ path: ['lanes', i, 'camera'], message, hint: english('config-pushing-camera-hint') });
      }
      continue;
    }
    for (const { id } of pushing.filter((c) => c.views.length > 1)) {
      const path = ['lanes', i, 'cameras', lane.cameras.indexOf(id)];
      loaded.addProblem({ path, message: english('config-pushing-shared', { id }) });
    }
  }
  const readers = config.readers.flatMap((r, i) =>
    open(['readers', i], r, adapters.readers).map((source) => ({
      id: r.id,
      lane: config.lanes.find((l) => l.kind === 'gate' && l.readers.includes(r.id))?.id ?? '',
      source,
    })),
  );
  const relays = config.upstream.flatMap((u, i) =>
    open(['upstream', i], u, adapters.relays).map((relay) => ({ id: u.id, relay })),
  );
  const equipment = (config.crew?.equipment ?? []).flatMap((e, i) =>
    open(['crew', 'equipment', i], e, adapters.equipment).map((opened) => ({ id: e.id, equipment: opened })),
  );
  const decoder = config.comparison?.photoDecoder;
  const photoDecoder = decoder && open(['comparison', 'photoDecoder'], decoder, adapters.photoDecoders)[0];
  loaded.throwProblems();
  return { config, cameras, readers, relays, equipment, photoDecoder, privateFiles: loaded.privateFiles() };
}

function camerasOf(lane: Config['lanes'][number]): readonly string[] {
  return lane.kind === 'road' ? lane.cameras : lane.camera === undefined ? [] : [lane.camera];
}

/** A lane's own part of the picture goes before that of the camera. */
function viewsOf({ id, region }: Config['cameras'][number], { lanes }: Config): CameraView[] {
  return lanes.flatMap((lane) => {
    if (lane.kind !== 'road' || !lane.cameras.includes(id)) return [];
    const own = lane.regions[id] ?? region;
    return [{ lane: lane.id, ...(own ? { region: own } : {}) }];
  });
}

/** The folder of the store and the files that the configuration names, by who may read them. */
export function filesOf({ config, privateFiles }: Pick<OpenedParts, 'config' | 'privateFiles'>) {
  const { trust, policy } = config.lists;
  const publicFiles = [
    config.file,
    ...[trust, ...(policy === undefined ? [] : [policy])].flatMap((f) => [f, `${f}.sig`]),
  ];
  return { folder: config.storage.folder, privateFiles, publicFiles };
}

interface Part {
  readonly id?: string;
  readonly kind: string;
  readonly region?: unknown;
  readonly [key: string]: unknown;
}
type Open<T> = (config: unknown, context: Parameters<OpenSource>[1]) => T;
