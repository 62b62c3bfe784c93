/**
 * Loads every package that the product runs on and lets those with machine code do a small job: installed is not the same as working.
 * Of a module that takes the process down the last line is the name. Exit 1 when one failed.
 *
 *     node setup.load.ts FOLDER [dev]     FOLDER holds package.json and node_modules
 */
import type * as Argon2 from '@node-rs/argon2';
import type Database from 'better-sqlite3';
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import type * as Serial from 'serialport';
import type Sharp from 'sharp';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

/** Bring files for models/build, which checks them by SHA-256; their code is not used. */
const FILES_ONLY = /^(@vladmandic\/|@gutenye\/ocr-models$)/;

/** Where the tests are to run: their runner has machine code of its own. */
const DEV = ['vitest/node', 'typescript', 'eslint', 'prettier'];

/** By package: takes the loaded module, throws or rejects when it does not do its work. */
export const TRIALS: Readonly<Record<string, (module: never) => unknown>> = {
  '@node-rs/argon2': ({ hashSync, verifySync }: typeof Argon2) => {
    if (!verifySync(hashSync('word'), 'word')) throw new Error('does not know its own hash');
  },
  'better-sqlite3': (Db: typeof Database) => {
    const db = new Db(':memory:');
    const answer = db.prepare('SELECT 6 * 7').pluck().get();
    db.close();
    if (answer !== 42) throw new Error(`says that 6 * 7 is ${String(answer)}`);
  },
  'onnxruntime-node': async ({ InferenceSession }: typeof Ort) => {
    const model = readFileSync(join(import.meta.dirname, 'models/plate/find.onnx'));
    const { outputNames } = await InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
    if (outputNames[0] !== 'cells') throw new Error(`finds the outputs ${outputNames.join(', ')} instead of cells`);
  },
  serialport: async ({ SerialPort }: typeof Serial) => {
    const port = new SerialPort({ path: '/dev/no-such-port', baudRate: 9600, autoOpen: false });
    const answer = await new Promise<string>((done) => port.open((error) => done(error?.message ?? 'open')));
    if (!/no such file/i.test(answer)) throw new Error(`says of a port that does not exist: ${answer}`);
  },
  sharp: async (sharp: typeof Sharp) => {
    // Without its binary it goes on in WebAssembly where that is installed, at a fraction of the speed, and says nothing.
    if ('emscripten' in sharp.versions)
      throw new Error('its binary for this system is missing: it runs as WebAssembly');
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#1b49b5' } })
      .jpeg()
      .toBuffer();
    if (picture.readUInt16BE() !== 0xffd8) throw new Error('writes no JPEG');
  },
};

/**
 * What does not work, each with the reason. `folder`, an absolute path, holds package.json and node_modules; `dev`: the tools of the tests
 * too; `before` hears the name of each package before its trial.
 */
export async function failures(
  folder: string,
  dev: boolean,
  before: (name: string) => void = () => undefined,
): Promise<string[]> {
  const require = createRequire(join(folder, 'package.json'));
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  // The packages of decorators look for it when they are loaded.
  const first = Object.keys(dependencies).filter((name) => name === 'reflect-metadata');
  const names = [...new Set([...first, ...Object.keys(dependencies)])].filter((name) => !FILES_ONLY.test(name));
  const failed: string[] = [];
  for (const name of dev ? [...names, ...DEV] : names) {
    before(name);
    try {
      const module = require(name) as never;
      await TRIALS[name]?.(module);
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  return failed;
}

if (import.meta.main) {
  // Written at once: a crash in machine code leaves no other trace.
  const say = (name: string): void => void writeSync(1, `trying ${name}\n`);
  const failed = await failures(resolve(process.argv[2] ?? '.'), process.argv[3] === 'dev', say);
  for (const line of failed) console.log(`does not work: ${line}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
