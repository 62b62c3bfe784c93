/** What the set-up script decides about the packages of Debian. */
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearMachine, inside, layMachine, program, setup } from './setup.fixtures.ts';

beforeEach(layMachine);
afterEach(clearMachine);

describe('./setup and the packages of Debian', () => {
  it('installs the missing ones and no others', () => {
    rmSync(inside('bin/ffmpeg'));
    program('fc-list', `[ ! -e "${inside()}/installed" ] || echo some.ttf`);
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
    expect(said).toMatch(/none of apt's sources answers within 5 s each.*ffmpeg[^]*proxy[^]*Debian medium/);
  });
});
