/** `sitebox list new-root | rotate-root`: the list office's side. Needs no box and no configuration. */
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeKey, writeSigned } from '../../lists/files.ts';
import { makeRoot, rotateRoot, type NewRoot, type RotationOptions } from '../../lists/office/sign.ts';
import { MAX_KEYS, openNextRoot } from '../../lists/trust.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { readKeys, readRoot } from './common.ts';
import { say } from '../language.ts';
import { several, wholeNumber } from '../options.ts';
import { Verb } from '../verb.ts';

export function newRootCommand(): Verb {
  return new Verb('new-root', 'help-list-new-root')
    .option('--out <folder>', say('help-list-out-folder'), 'trust')
    .option('--keys <n>', say('help-list-keys'), wholeNumber(1, MAX_KEYS), 3)
    .option('--threshold <n>', say('help-list-threshold'), wholeNumber(1, MAX_KEYS))
    .option('--days <n>', say('help-list-root-days'), wholeNumber(1, 3650), 365)
    .action((options: { out: string; keys: number; threshold?: number; days: number }) => {
      const { out, keys, days, threshold = Math.min(2, keys) } = options;
      if (threshold > keys) throw new Stop(say('list-threshold-too-high', { threshold, keys }), EXIT_USAGE);
      writeRoot(out, makeRoot({ now: Date.now(), keys, threshold, days }));
      console.log(say('list-threshold-told', { threshold }));
      console.log(say('list-keys-apart'));
      console.log(say('list-root-by-hand'));
    });
}

export function rotateRootCommand(): Verb {
  return new Verb('rotate-root', 'help-list-rotate-root')
    .requiredOption('--root <file>', say('help-list-root-in-force'))
    .requiredOption('--key <file>', say('help-list-root-key'), several(String))
    .requiredOption('--out <folder>', say('help-list-new-root-folder'))
    .option('--replace-list-keys', say('help-list-replace-list-keys'), false)
    .option('--replace-root-keys', say('help-list-replace-root-keys'), false)
    .option('--days <n>', say('help-list-new-root-days'), wholeNumber(1, 3650), 365)
    .action((options: RotateOptions) => {
      const old = readRoot(options.root);
      const made = rotateRoot(old, readKeys(options.key, 'root'), { now: Date.now(), ...options });
      writeRoot(options.out, made);
      const next = openNextRoot(old, made.file);
      if (next.ok) return console.log(say('list-root-complete', { version: next.value.version }));
      console.log(say('list-not-complete', { detail: next.detail }));
      console.log(say('list-add-signature', { file: join(options.out, 'root.json') }));
    });
}

interface RotateOptions extends Omit<RotationOptions, 'now'> {
  readonly root: string;
  readonly key: string[];
  readonly out: string;
}

function writeRoot(folder: string, made: NewRoot): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const count = { root: 0, list: 0 };
  const keys = made.newKeys.map((key) => ({ key, path: join(folder, `${key.role}-${++count[key.role]}.key`) }));
  const path = join(folder, 'root.json');
  // Keys beside a root that was there before would belong to no root.
  const taken = [path, `${path}.sig`, ...keys.map((k) => k.path)].find((file) =>
    lstatSync(file, { throwIfNoEntry: false }),
  );
  if (taken !== undefined) throw new Stop(say('list-root-taken', { taken, folder }));
  for (const { key, path: file } of keys) {
    writeKey(file, key);
    console.log(say('list-key-file', { path: file, id: key.id }));
  }
  writeSigned(path, made.file);
  console.log(say('list-both-files', { path }));
}
