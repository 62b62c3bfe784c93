/** `npm run check:lint` on a small project with our settings: what it keeps from the last run makes it fast and not blind. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = import.meta.dirname;
const CLIENT = 'gateway/web/client';
let folder: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The exit status and what was said. */
function lint(): [number | null, string] {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'check:lint'], { cwd: folder, encoding: 'utf8' });
  return [status, stdout + stderr];
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-check-'));
  write('gateway/send.ts', 'export function send(): void {\n  process.exitCode = 0;\n}\n');
  write('gateway/call.ts', "import { send } from './send.ts';\n\nsend();\n");
  write(`${CLIENT}/lane.js`, "document.title = 'lane';\n");
  for (const file of ['package.json', 'tsconfig.json', 'eslint.config.js', `${CLIENT}/tsconfig.json`])
    copyFileSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('sees what a change does to files that did not change, and the types of browser code', () => {
  expect(lint()).toEqual([0, '']);
  write('gateway/send.ts', 'export async function send(): Promise<void> {\n  process.exitCode = 0;\n}\n');
  expect(lint()).toEqual([1, expect.stringMatching(/call\.ts\n.*no-floating-promises/)]);
  write('gateway/call.ts', 'export const a = { ...{ b: 1 } };\n');
  expect(lint()).toEqual([1, expect.stringMatching(/call\.ts\n.*Write the properties plainly/)]);
  write(`${CLIENT}/lane.js`, 'document.title = 1;\n');
  expect(lint()).toEqual([2, expect.stringMatching(/lane\.js.*'number' is not assignable/)]);
});
