/** The models as the gateway gets them: the programs of its threads, and the files that `npx sitebox models` shows. */
import type { InstalledModel, Models } from '../gateway/contracts/models.ts';
import { fetchModel } from './fetch.ts';
import {
  findModel,
  originOf,
  MODEL_FOLDERS,
  readManifest,
  remedyFor,
  type ModelEntry,
  type ModelFolders,
} from './manifest.ts';

/** The manifest is read only when it is needed, so that a broken one hinders no other command. */
export function openModels(
  read: () => readonly ModelEntry[] = () => readManifest(),
  places: ModelFolders = MODEL_FOLDERS,
): Models {
  return {
    worker: new URL('./worker.ts', import.meta.url),
    decoder: new URL('./decoder.ts', import.meta.url),
    files: () => read().map((entry) => installed(entry, places)),
    async fetch(name, from) {
      const entry = read().find((m) => m.name === name);
      if (entry === undefined || !('url' in entry)) throw new Error(`${name} is no model to fetch`);
      return fetchModel(entry, places, from);
    },
  };
}

function installed(entry: ModelEntry, places: ModelFolders): InstalledModel {
  const { name, title, bytes, licence, neededFor } = entry;
  return {
    name,
    title,
    bytes,
    licence,
    ...(neededFor === undefined ? {} : { neededFor }),
    state: findModel(entry, places).state,
    origin: originOf(entry) ?? '',
    remedy: remedyFor(entry),
    fetchable: 'url' in entry,
  };
}
