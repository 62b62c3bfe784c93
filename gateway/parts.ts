/** Reads the configuration and opens what it names. Touches no device; every mistake of every part comes out in one ConfigError. */
import { nearest } from './config-file.ts';
import { readConfig, type Config } from './config.ts';
import { ConfigError } from './errors.ts';
import type { Log, OpenRelay, OpenSource, Point, Relay, Source } from './types.ts';

export interface Adapters {
  readonly cameras: Readonly<Record<string, OpenSource>>;
  readonly relays: Readonly<Record<string, OpenRelay>>;
}

export interface CameraPart {
  readonly id: string;
  readonly lane: string;
  readonly region?: readonly Point[];
  readonly source: Source;
}

export interface RelayPart {
  readonly id: string;
  readonly relay: Relay;
}

export interface Parts {
  readonly config: Config;
  readonly cameras: readonly CameraPart[];
  readonly relays: readonly RelayPart[];
}

export function openParts(file: string, adapters: Adapters, log: Log): Parts {
  const loaded = readConfig(file);
  const { config } = loaded;
  // `open` throws for a part that has mistakes; they are collected in `loaded`, and the other parts are still checked.
  const open = <T>(block: 'cameras' | 'upstream', index: number, table: Readonly<Record<string, Open<T>>>): T[] => {
    const { id, kind, region: _region, ...rest } = config[block][index]!;
    const path = [block, index];
    const adapter = Object.hasOwn(table, kind) ? table[kind] : undefined;
    if (!adapter) {
      const known = Object.keys(table);
      const near = nearest(kind, known);
      const hint = near ? `did you mean \`${near}\`?` : `known kinds: ${known.join(', ')}`;
      loaded.complain({ path: [...path, 'kind'], message: 'unknown kind', hint });
      return [];
    }
    try {
      return [adapter(rest, loaded.context(path, id, log))];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      loaded.complainAll(path, error);
      return [];
    }
  };
  const laneOf = (camera: string) => config.lanes.find((l) => l.cameras.includes(camera))?.id ?? '';
  const cameras = config.cameras.flatMap((c, i) =>
    open('cameras', i, adapters.cameras).map((source) => ({
      id: c.id,
      lane: laneOf(c.id),
      source,
      ...(c.region ? { region: c.region } : {}),
    })),
  );
  const relays = config.upstream.flatMap((u, i) =>
    open('upstream', i, adapters.relays).map((relay) => ({ id: u.id, relay })),
  );
  loaded.settle();
  return { config, cameras, relays };
}

type Open<T> = (config: unknown, context: Parameters<OpenSource>[1]) => T;
