/** A wrong kind of file in place of a PEM file is refused at once. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { ConfigError } from '../../gateway/contracts/errors.ts';
import { readPem } from './pem-file.ts';

let file: string;
beforeEach(() => {
  const folder = tempFolder();
  file = join(folder, 'ca.pem');
});

const refusal = (): unknown => {
  try {
    return readPem(file, ['tls', 'cert']);
  } catch (error) {
    return error;
  }
};

test.each<[string, () => void, RegExp]>([
  ['nothing', () => undefined, /ca\.pem cannot be read \(ENOENT\)/],
  ['a folder', () => void mkdirSync(file), /ca\.pem cannot be read \(EISDIR\)/],
  // Opened like a file, it would block until a process writes to it.
  [
    'a named pipe',
    () => void execFileSync('mkfifo', [file]),
    /ca\.pem cannot be read \(it is a named pipe, not a file\)/,
  ],
  ['a device', () => void symlinkSync('/dev/zero', file), /ca\.pem cannot be read \(it is a device, not a file\)/],
])('%s in its place is named below its key', (_, put, why) => {
  put();
  const error = refusal();
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).problems).toMatchObject([
    { path: ['tls', 'cert'], message: expect.stringMatching(why) as string, hint: 'expected a PEM file' },
  ]);
});

test('a link to a file is read', () => {
  writeFileSync(`${file}.real`, 'PEM');
  symlinkSync(`${file}.real`, file);
  expect(readPem(file)).toBe('PEM');
});
