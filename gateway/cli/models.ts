/** `npx sitebox models`: which model files there are, whether they are the ones measured, and the optional ones brought in. */
import type { InstalledModel, Models } from '../contracts/models.ts';
import { EXIT_UNAVAILABLE, EXIT_USAGE, Stop } from './exit.ts';
import { say, spoken, padded } from './language.ts';
import { Verb } from './verb.ts';
import { joined, words } from '../contracts/words/words.ts';
import { named } from '../contracts/words/names.ts';

export function modelsCommand(models: Models): Verb {
  const list = new Verb('list', 'help-models-list').action(() =>
    models.files().forEach((m) => console.log(describe(m))),
  );
  const verify = new Verb('verify', 'help-models-verify').action(() => verifyAll(models.files()));
  const fetch = new Verb('fetch', 'help-models-fetch')
    .argument('[name...]', say('help-models-names'))
    .option('--from <place>', say('help-models-from'))
    .action((names: string[], { from }: { from?: string }) => fetchAll(models, names, from));
  return new Verb('models', 'help-models').addCommand(list, { isDefault: true }).addCommand(verify).addCommand(fetch);
}

/** An optional model that is not there lacks nothing. */
function stateOf({ state, neededFor }: InstalledModel): InstalledModel['state'] | 'optional' {
  return state === 'missing' && neededFor === undefined ? 'optional' : state;
}

function describe(model: InstalledModel): string {
  const size = `${(model.bytes / 1e6).toFixed(2)} MB`;
  const purpose =
    model.neededFor === undefined
      ? words('model-not-needed')
      : words('model-needed-for', { what: named('needed', model.neededFor) });
  const state = padded(spoken(named('model-state', stateOf(model))), 8);
  return [
    say('model-row', { name: model.name.padEnd(20), size: size.padStart(9), state, purpose }),
    `    ${spoken(model.title)}`,
    say('model-origin', { origin: model.origin, licence: model.licence }),
  ].join('\n');
}

/** Throws Stop, naming each model that is altered, or missing where something does not work without it. */
export function requireModels(models: readonly InstalledModel[], exitCode?: number): void {
  const states = models.map((model) => ({ model, state: stateOf(model) }));
  const wrong = states.filter(({ state }) => state === 'missing' || state === 'altered');
  if (wrong.length === 0) return;
  const lines = wrong.map(({ model: { name, remedy }, state }) =>
    say(state === 'altered' ? 'model-is-altered' : 'model-is-missing', { name, remedy }),
  );
  throw new Stop(lines.join('\n'), exitCode);
}

function verifyAll(models: readonly InstalledModel[]): void {
  requireModels(models);
  const states = models.map((model) => ({ model, state: stateOf(model) }));
  const present = states.filter(({ state }) => state === 'present').length;
  console.log(say('models-good', { present, optional: states.length - present }));
}

async function fetchAll(models: Models, names: readonly string[], from: string | undefined): Promise<void> {
  const all = models.files();
  const wanted = names.length > 0 ? names.map((n) => fetchable(all, n)) : all.filter((m) => m.fetchable);
  const failures: Stop[] = [];
  for (const { name, state } of wanted) {
    if (state === 'present') {
      console.log(say('model-there-already', { name }));
      continue;
    }
    const result = await models.fetch(name, from);
    if (result.outcome === 'fetched') console.log(say('model-fetched', { name }));
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
  if (model) throw new Stop(say('model-not-fetched', { name, origin: model.origin, remedy: model.remedy }), EXIT_USAGE);
  const names = models.filter((m) => m.fetchable).map((m) => m.name);
  throw new Stop(say('model-unknown', { name, known: joined(names) }), EXIT_USAGE);
}
