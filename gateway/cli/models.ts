/** `npx sitebox models`: which model files there are, whether they are the ones measured, and the optional ones brought in. */
import { Command } from 'commander';
import { fetchModel } from '../../models/fetch.ts';
import {
  type FetchedEntry,
  findModel,
  type ModelEntry,
  originOf,
  PLACES,
  type Places,
  readManifest,
  remedyFor,
} from '../../models/manifest.ts';
import { EXIT_UNAVAILABLE, EXIT_USAGE, guarded, Stop } from './exit.ts';

/** The manifest is read when a verb runs, so that a broken one hinders no other command. */
export function modelsCommand(
  read: () => readonly ModelEntry[] = () => readManifest(),
  places: Places = PLACES,
): Command {
  const list = new Command('list')
    .description('name, size, state, purpose and licence of every model')
    .action(guarded(() => read().forEach((m) => console.log(describe(m, places)))));
  const verify = new Command('verify')
    .description('exit 1 when a model that something needs is missing, or any model is altered')
    .action(guarded(() => verifyAll(read(), places)));
  const fetch = new Command('fetch')
    .description('download the optional models, or those named, and verify them')
    .argument('[name...]', 'names as `models list` prints them')
    .option('--from <place>', 'a folder, or the start of a URL, that holds the files under their own names')
    .action(guarded((names: string[], { from }: { from?: string }) => fetchAll(read(), places, names, from)));
  return new Command('models')
    .description('list, verify or fetch the model files')
    .addCommand(list, { isDefault: true })
    .addCommand(verify)
    .addCommand(fetch);
}

type State = 'present' | 'missing' | 'altered' | 'optional';

/** An optional model that is not there lacks nothing. */
function stateOf(entry: ModelEntry, places: Places): State {
  const { state } = findModel(entry, places);
  return state === 'missing' && entry.neededFor === undefined ? 'optional' : state;
}

function describe(entry: ModelEntry, places: Places): string {
  const size = `${(entry.bytes / 1e6).toFixed(2)} MB`;
  const purpose = entry.neededFor === undefined ? 'not needed' : `needed for ${entry.neededFor}`;
  return [
    `${entry.name.padEnd(20)} ${size.padStart(9)}  ${stateOf(entry, places).padEnd(8)}  ${purpose}`,
    `    ${entry.title}`,
    `    ${originOf(entry)}; licence: ${entry.licence}`,
  ].join('\n');
}

function verifyAll(manifest: readonly ModelEntry[], places: Places): void {
  const states = manifest.map((entry) => ({ entry, state: stateOf(entry, places) }));
  const wrong = states.filter(({ state }) => state === 'missing' || state === 'altered');
  if (wrong.length > 0) {
    throw new Stop(wrong.map(({ entry, state }) => `model ${entry.name} is ${state}: ${remedyFor(entry)}`).join('\n'));
  }
  const present = states.filter(({ state }) => state === 'present').length;
  console.log(`${present} models present and unaltered, ${states.length - present} optional ones not fetched`);
}

async function fetchAll(
  manifest: readonly ModelEntry[],
  places: Places,
  names: readonly string[],
  from: string | undefined,
): Promise<void> {
  const wanted = names.length > 0 ? names.map((n) => fetchable(manifest, n)) : manifest.filter((m) => 'url' in m);
  const failures: Stop[] = [];
  for (const entry of wanted) {
    if (findModel(entry, places).state === 'present') {
      console.log(`${entry.name} is there already`);
      continue;
    }
    const result = await fetchModel(entry, places, from);
    if (result.outcome === 'fetched') console.log(`${entry.name} fetched and verified`);
    else if (result.outcome === 'unavailable') failures.push(new Stop(result.message, EXIT_UNAVAILABLE));
    else failures.push(new Stop(result.message));
  }
  // Each is reported; a file that is not the model weighs more than one that could not be had.
  if (failures.length > 0) {
    throw new Stop(failures.map((f) => f.message).join('\n'), Math.min(...failures.map((f) => f.exitCode)));
  }
}

function fetchable(manifest: readonly ModelEntry[], name: string): FetchedEntry {
  const entry = manifest.find((m) => m.name === name);
  if (entry !== undefined && 'url' in entry) return entry;
  if (entry !== undefined)
    throw new Stop(`${name} is not fetched: it is ${originOf(entry)}; ${remedyFor(entry)}`, EXIT_USAGE);
  const known = manifest.filter((m) => 'url' in m).map((m) => m.name);
  throw new Stop(`there is no model ${name}; those to fetch are ${known.join(', ')}`, EXIT_USAGE);
}
