/** `sitebox list new-root | rotate-root`: the list office's side. Needs no box and no configuration. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { writeKey, writeSigned } from '../../lists/files.ts';
import { makeRoot, rotateRoot, type NewRoot } from '../../lists/office/sign.ts';
import { MAX_KEYS, openNextRoot } from '../../lists/trust.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { collect, readKeys, readRoot, wholeNumber } from './common.ts';

export function newRootCommand(): Command {
  return new Command('new-root')
    .description('make the keys and root.json of a new root of trust')
    .option('--out <folder>', 'where to put them', 'trust')
    .option('--keys <n>', 'keys per role', wholeNumber(1, MAX_KEYS), 3)
    .option('--threshold <n>', 'signatures needed per role (default: 2, or 1 with one key)', wholeNumber(1, MAX_KEYS))
    .option('--days <n>', 'life of the root', wholeNumber(1, 3650), 365)
    .action(
      guarded((options: { out: string; keys: number; threshold?: number; days: number }) => {
        const { keys, days } = options;
        const threshold = options.threshold ?? Math.min(2, keys);
        if (threshold > keys) throw new Stop(`--threshold ${threshold} cannot be met with --keys ${keys}`, EXIT_USAGE);
        const made = makeRoot({ now: Date.now(), keys, threshold, days });
        writeRoot(options.out, made);
        console.log(
          `Signing a list takes ${threshold} of the list keys; changing the root takes ${threshold} of the root keys.`,
        );
        console.log('Give every key to a different person. Keep the root keys away from every network.');
        console.log('root.json and root.json.sig go onto the box, by hand, to the path of `lists.trust`.');
      }),
    );
}

export function rotateRootCommand(): Command {
  return new Command('rotate-root')
    .description('make the successor of a root.json: a later end, and new keys where asked for')
    .requiredOption('--root <file>', 'the root.json in force')
    .requiredOption('--key <file>', 'a root key in force; repeat for each', collect)
    .requiredOption('--out <folder>', 'where to put the new root.json and new keys')
    .option('--replace-list-keys', 'new list keys; the old ones sign nothing any more', false)
    .option('--replace-root-keys', 'new root keys', false)
    .option('--days <n>', 'life of the new root', wholeNumber(1, 3650), 365)
    .action(
      guarded((options: RotateOptions) => {
        const old = readRoot(options.root);
        const made = rotateRoot(old, readKeys(options.key, 'root'), { now: Date.now(), ...options });
        writeRoot(options.out, made);
        const next = openNextRoot(old, made.file);
        if (next.ok)
          return console.log(`root version ${next.value.version}: enough signatures of the old and the new keys`);
        console.log(`Not complete yet: ${next.detail}`);
        console.log(
          `Add one on the other keeper's computer: sitebox list sign ${join(options.out, 'root.json')} --key NAME.key`,
        );
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
    console.log(`${path}  (key id ${key.id})`);
  }
  const path = join(folder, 'root.json');
  writeSigned(path, made.file);
  console.log(`${path} and ${path}.sig`);
}
