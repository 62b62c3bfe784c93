/** `npx sitebox models`: which model files there are, whether they are the ones measured, and the optional ones brought in. */
import { Command } from 'commander';
import type { InstalledModel, Models } from '../contracts/models.ts';
import { EXIT_UNAVAILABLE, EXIT_USAGE, guarded, Stop } from './exit.ts';

export function modelsCommand(models: Models): Command {
  const list = new Command('list')
    .description('name, size, state, purpose and licence of every model')
    .action(guarded(() => models.files().forEach((m) => console.log(describe(m)))));
  const verify = new Command('verify')
    .description('exit 1 when a model that something needs is missing, or any model is altered')
    .action(guarded(() => verifyAll(models.files())));
  const fetch = new Command('fetch')
    .description('download the optional models, or those named, and verify them')
    .argument('[name...]', 'names as `models list` prints them')
    .option('--from <place>', 'a folder, or the start of a URL, that holds the files under their own names')
    .action(guarded((names: string[], { from }: { from?: string }) => fetchAll(models, names, from)));
  return new Command('models')
    .description('list, verify or fetch the model files')
    .addCommand(list, { isDefault: true })
    .addCommand(verify)
    .addCommand(fetch);
}

/** An optional model that is not there lacks nothing. */
function stateOf({ state, neededFor }: InstalledModel): InstalledModel['state'] | 'optional' {
  return state === 'missing' && neededFor === undefined ? 'optional' : state;
}

function describe(model: InstalledModel): string {
  const size = `${(model.bytes / 1e6).toFixed(2)} MB`;
  const purpose = model.neededFor === undefined ? 'not needed' : `needed for ${model.neededFor}`;
  return [
    `${model.name.padEnd(20)} ${size.padStart(9)}  ${stateOf(model).padEnd(8)}  ${purpose}`,
    `    ${model.title}`,
    `    ${model.origin}; licence: ${model.licence}`,
  ].join('\n');
}

function verifyAll(models: readonly InstalledModel[]): void {
  const states = models.map((model) => ({ model, state: stateOf(model) }));
  const wrong = states.filter(({ state }) => state === 'missing' || state === 'altered');
  if (wrong.length > 0) {
    throw new Stop(wrong.map(({ model, state }) => `model ${model.name} is ${state}: ${model.remedy}`).join('\n'));
  }
  const present = states.filter(({ state }) => state === 'present').length;
  console.log(`${present} models present and unaltered, ${states.length - present} optional ones not fetched`);
}

async function fetchAll(models: Models, names: readonly string[], from: string | undefined): Promise<void> {
  const all = models.files();
  const wanted = names.length > 0 ? names.map((n) => fetchable(all, n)) : all.filter((m) => m.fetchable);
  const failures: Stop[] = [];
  for (const { name, state } of wanted) {
    if (state === 'present') {
      console.log(`${name} is there already`);
      continue;
    }
    const result = await models.fetch(name, from);
    if (result.outcome === 'fetched') console.log(`${name} fetched and verified`);
    else if (result.outcome === 'unavailable') failures.push(new Stop(result.message, EXIT_UNAVAILABLE));
    else failures.push(new Stop(result.message));
  }
  // Each is reported; a file that is not the model weighs more than one that could not be had.
  if (failures.length > 0) {
    throw new Stop(failures.map((f) => f.message).join('\n'), Math.min(...failures.map((f) => f.exitCode)));
  }
}

function fetchable(models: readonly InstalledModel[], name: string): InstalledModel {
  const model = models.find((m) => m.name === name);
  if (model?.fetchable) return model;
  if (model) throw new Stop(`${name} is not fetched: it is ${model.origin}; ${model.remedy}`, EXIT_USAGE);
  const known = models.filter((m) => m.fetchable).map((m) => m.name);
  throw new Stop(`there is no model ${name}; those to fetch are ${known.join(', ')}`, EXIT_USAGE);
}
