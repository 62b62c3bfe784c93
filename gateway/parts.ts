/** Reads the configuration and opens what it names. Touches no device; every mistake of every part comes out in one ConfigError. */
import { nearest } from './config-file.ts';
import { readConfig, type Config } from './config.ts';
import type { PhotoDecoder } from './documents.ts';
import type { Equipment, OpenEquipment } from './equipment.ts';
import { ConfigError } from './errors.ts';
import { openLoginBrakes, type LoginBrakes } from './people/login-brake.ts';
import { boxExposures, type Exposure } from './store/files.ts';
import type { Log, OpenPhotoDecoder, OpenRelay, OpenSource, Point, Relay, Source } from './types.ts';

export interface Adapters {
  readonly readers: Readonly<Record<string, OpenSource>>;
  readonly photoDecoders: Readonly<Record<string, OpenPhotoDecoder>>;
  readonly cameras: Readonly<Record<string, OpenSource>>;
  readonly relays: Readonly<Record<string, OpenRelay>>;
  readonly equipment: Readonly<Record<string, OpenEquipment>>;
}

export interface CameraPart {
  readonly id: string;
  readonly lane: string;
  readonly region?: readonly Point[];
  /** It reads plates by itself, and shows no frames. */
  readonly pushes: boolean;
  readonly source: Source;
}

export interface ReaderPart {
  readonly id: string;
  readonly lane: string;
  readonly source: Source;
}

export interface RelayPart {
  readonly id: string;
  readonly relay: Relay;
}

export interface EquipmentPart {
  readonly id: string;
  readonly equipment: Equipment;
}

export interface Parts {
  readonly config: Config;
  readonly cameras: readonly CameraPart[];
  readonly readers: readonly ReaderPart[];
  readonly relays: readonly RelayPart[];
  readonly equipment: readonly EquipmentPart[];
  /** Undefined: photos of chips stay what they are, and are not compared. */
  readonly photoDecoder: PhotoDecoder | undefined;
  /** Of all parts that check passwords. */
  readonly logins: LoginBrakes;
  /** Files of secrets and of private keys that the configuration names. */
  readonly privateFiles: readonly string[];
}

export function openParts(file: string, adapters: Adapters, log: Log): Parts {
  const loaded = readConfig(file);
  const logins = openLoginBrakes(log);
  const { config } = loaded;
  // `open` throws for a part that has mistakes; they are collected in `loaded`, and the other parts are still checked.
  const open = <T>(path: readonly (string | number)[], part: Part, table: Readonly<Record<string, Open<T>>>): T[] => {
    const { id = path.join('.'), kind, region: _region, ...rest } = part;
    const adapter = Object.hasOwn(table, kind) ? table[kind] : undefined;
    if (!adapter) {
      const known = Object.keys(table);
      const near = nearest(kind, known);
      const hint = near ? `did you mean \`${near}\`?` : `known kinds: ${known.join(', ')}`;
      loaded.complain({ path: [...path, 'kind'], message: 'unknown kind', hint });
      return [];
    }
    try {
      // `cameras` and an id: `camera north`.
      const account = `${String(path[0]).replace(/s$/, '')} ${id}`;
      return [adapter(rest, { ...loaded.context(path, id, log), logins: logins.of(account) })];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      loaded.complainAll(path, error);
      return [];
    }
  };
  const cameras = config.cameras.flatMap((c, i) =>
    open(['cameras', i], c, adapters.cameras).map((source) => ({
      id: c.id,
      lane: config.lanes.find((l) => (l.kind === 'road' ? l.cameras.includes(c.id) : l.camera === c.id))?.id ?? '',
      source,
      pushes: source.pushes === true,
      ...(c.region ? { region: c.region } : {}),
    })),
  );
  for (const [i, lane] of config.lanes.entries()) {
    const pushing = lane.kind === 'gate' ? cameras.find((c) => c.id === lane.camera && c.pushes) : undefined;
    if (!pushing) continue;
    const message = `camera \`${pushing.id}\` reads plates by itself and shows no frames: a gate lane needs a camera that does`;
    loaded.complain({
      path: ['lanes', i, 'camera'],
      message,
      hint: 'expected kind: rtsp, jpeg or folder; or leave `camera` out',
    });
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
  loaded.settle();
  const privateFiles = loaded.privateFiles();
  return { config, cameras, readers, relays, equipment, photoDecoder, logins, privateFiles };
}

/** Files of the box that others can reach, or that are links. */
export function exposuresOf({ config, privateFiles }: Pick<Parts, 'config' | 'privateFiles'>): readonly Exposure[] {
  const publicFiles = [config.file, config.lists.trust, `${config.lists.trust}.sig`];
  return boxExposures({ folder: config.storage.folder, privateFiles, publicFiles });
}

interface Part {
  readonly id?: string;
  readonly kind: string;
  readonly region?: unknown;
  readonly [key: string]: unknown;
}
type Open<T> = (config: unknown, context: Parameters<OpenSource>[1]) => T;
