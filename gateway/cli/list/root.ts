/** `sitebox list new-root | rotate-root`: the list office's side. Needs no box and no configuration. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { writeKey, writeSigned } from '../../lists/files.ts';
import { makeRoot, rotateRoot, type NewRoot } from '../../lists/office/sign.ts';
import { MAX_KEYS, openNextRoot } from '../../lists/trust.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { collect, readKeys, readRoot, wholeNumber } from './common.ts';
import { say } from '../language.ts';

export function newRootCommand(): Command {
  return new Command('new-root')
    .description(say('help-list-new-root'))
    .option('--out <folder>', say('help-list-out-folder'), 'trust')
    .option('--keys <n>', say('help-list-keys'), wholeNumber(1, MAX_KEYS), 3)
    .option('--threshold <n>', say('help-list-threshold'), wholeNumber(1, MAX_KEYS))
    .option('--days <n>', say('help-list-root-days'), wholeNumber(1, 3650), 365)
    .action(
      guarded((options: { out: string; keys: number; threshold?: number; days: number }) => {
        const { keys, days } = options;
        const threshold = options.threshold ?? Math.min(2, keys);
        if (threshold > keys) throw new Stop(say('list-threshold-too-high', { threshold, keys }), EXIT_USAGE);
        const made = makeRoot({ now: Date.now(), keys, threshold, days });
        writeRoot(options.out, made);
        console.log(say('list-threshold-told', { threshold }));
        console.log(say('list-keys-apart'));
        console.log(say('list-root-by-hand'));
      }),
    );
}

export function rotateRootCommand(): Command {
  return new Command('rotate-root')
    .description(say('help-list-rotate-root'))
    .requiredOption('--root <file>', say('help-list-root-in-force'))
    .requiredOption('--key <file>', say('help-list-root-key'), collect)
    .requiredOption('--out <folder>', say('help-list-new-root-folder'))
    .option('--replace-list-keys', say('help-list-replace-list-keys'), false)
    .option('--replace-root-keys', say('help-list-replace-root-keys'), false)
    .option('--days <n>', say('help-list-new-root-days'), wholeNumber(1, 3650), 365)
    .action(
      guarded((options: RotateOptions) => {
        const old = readRoot(options.root);
        const made = rotateRoot(old, readKeys(options.key, 'root'), { now: Date.now(), ...options });
        writeRoot(options.out, made);
        const next = openNextRoot(old, made.file);
        if (next.ok) return console.log(say('list-root-complete', { version: next.value.version }));
        console.log(say('list-not-complete', { detail: next.detail }));
        console.log(say('list-add-signature', { file: join(options.out, 'root.json') }));
      }),
    );
}

interface RotateOptions {
  readonly root: string;
  readonly key: string[];
  readonly out: string;
  readonly replaceListKeys: boolean;
  readonly replaceRootKeys: boolean;
  readonly days: number;
}

function writeRoot(folder: string, made: NewRoot): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const count = { root: 0, list: 0 };
  for (const key of made.newKeys) {
    const path = join(folder, `${key.role}-${++count[key.role]}.key`);
    writeKey(path, key);
    console.log(say('list-key-file', { path, id: key.id }));
  }
  const path = join(folder, 'root.json');
  writeSigned(path, made.file);
  console.log(say('list-both-files', { path }));
}
