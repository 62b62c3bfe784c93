/** The unit is one that systemd understands completely and that exposes little; systemd's own tools judge it, without systemd running. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const unit = readFileSync(join(here, 'sitebox.service'), 'utf8');

/** Highest exposure allowed, on systemd's scale from 0 to 10. */
const MAX_EXPOSURE = 2.0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-unit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs systemd-analyze on `text`, with programs that exist here in the place of those in /opt. */
function analyze(words: string[], text: string): string {
  const file = join(folder, 'sitebox.service');
  writeFileSync(file, text.replaceAll('/opt/sitebox/node_modules/.bin/node', process.execPath));
  const { stdout, stderr, error } = spawnSync('systemd-analyze', [...words, file], { encoding: 'utf8' });
  if (error) throw error;
  return stdout + stderr;
}

/** verify exits with 0 even for keys it does not know, so silence is what counts. */
const complaints = (text: string): string => analyze(['verify', '--man=no'], text);

function exposure(text: string): number {
  const said = analyze(['security', '--offline=true', '--no-pager'], text);
  const figure = /Overall exposure level for sitebox\.service: ([0-9.]+)/.exec(said)?.[1];
  if (figure === undefined) throw new Error(`no figure in: ${said}`);
  return Number(figure);
}

describe('sitebox.service', () => {
  it('draws no complaint from systemd-analyze verify', () => {
    expect(complaints(unit)).toBe('');
  });

  it('takes the key of the store from a credential by a drop-in', () => {
    const dropIn = readFileSync(join(here, 'seal-key.conf'), 'utf8');
    expect(dropIn).toMatch(/^LoadCredentialEncrypted=seal-key:\//m);
    expect(complaints(`${unit}\n${dropIn}`)).toBe('');
    const [forLog] =
      /\[Service\]\\nLoadCredentialEncrypted=audit-key:[^\\]+/.exec(readFileSync(join(here, 'README.md'), 'utf8')) ??
      [];
    expect(complaints(`${unit}\n${forLog!.replace('\\n', '\n')}\n`)).toBe('');
  });

  it.each([
    ['an unknown key', unit.replace('[Install]', 'MemroyMax=1G\n[Install]'), 'MemroyMax'],
    ['a wrong value', unit.replace('Type=notify', 'Type=notfy'), 'notfy'],
    [
      'a missing program',
      unit.replace('/opt/sitebox/node_modules/.bin/node', '/opt/sitebox/gone'),
      '/opt/sitebox/gone',
    ],
  ])('would be caught with %s', (_, text, message) => {
    expect(text).not.toBe(unit);
    expect(complaints(text)).toContain(message);
  });

  it(`has an exposure of at most ${MAX_EXPOSURE}, and less protection would be seen`, () => {
    expect(exposure(unit)).toBeLessThanOrEqual(MAX_EXPOSURE);
    expect(
      exposure(unit.replace(/^(SystemCallFilter|CapabilityBoundingSet|Private|Protect).*\n/gm, '')),
    ).toBeGreaterThan(MAX_EXPOSURE);
  });

  /** What systemd-analyze says, one line a setting: a tick or a cross, its name, and in words what the service may do. */
  const findings = (text: string): string[] =>
    analyze(['security', '--offline=true', '--no-pager'], text)
      .split('\n')
      .filter((line) => /^[✓✗]/.test(line));

  it('lets readers at serial ports, and at no other device but the clock', () => {
    const devices = findings(unit).find((line) => line.slice(2).startsWith('DeviceAllow='));
    expect(devices?.match(/char-\w+:\w+/g)?.sort()).toEqual([
      'char-rtc:r',
      'char-ttyACM:rw',
      'char-ttyS:rw',
      'char-ttyUSB:rw',
    ]);
    expect(unit).toMatch(/^SupplementaryGroups=dialout$/m);
  });

  it('lets the photo decoder be cut off the network, and makes no other namespace possible', () => {
    const possible = (text: string): (string | undefined)[] =>
      findings(text).flatMap((line) => /^✗ RestrictNamespaces=~(\w+)/.exec(line)?.[1] ?? []);
    expect(possible(unit)).toEqual(['user', 'net']);
    expect(possible(unit.replace('RestrictNamespaces=user net\n', ''))).toHaveLength(7);
  });

  it('starts files that are in the repository, from where the README installs them', () => {
    const [, node, script] =
      /^ExecStart=\/opt\/sitebox\/(\S+) --disable-sigusr1 --max-semi-space-size=8 --no-parallel-scavenge \/opt\/sitebox\/(\S+) start /m.exec(
        unit,
      ) ?? [];
    for (const path of [node, script]) expect(statSync(join(here, '..', path!)).isFile()).toBe(true);
    expect(readFileSync(join(here, 'README.md'), 'utf8')).toContain('/etc/systemd/system/sitebox.service');
  });
});

// Both tools give files to other accounts, which only root may do; set-up and the test pipeline run as root.
describe.runIf(process.getuid?.() === 0)('sitebox.sysusers and sitebox.tmpfiles', () => {
  const run = (program: string, ...words: string[]): string => {
    const { stdout, stderr, status } = spawnSync(program, [`--root=${folder}`, ...words], { encoding: 'utf8' });
    return status === 0 ? '' : `${status}: ${stdout}${stderr}`;
  };

  it('make an account without a shell, and folders that only it and root can read', () => {
    mkdirSync(join(folder, 'etc'));
    expect(run('systemd-tmpfiles', '--create', join(here, 'sitebox.tmpfiles'))).toContain("group 'sitebox'");
    expect(run('systemd-sysusers', join(here, 'sitebox.sysusers'))).toBe('');
    expect(readFileSync(join(folder, 'etc/passwd'), 'utf8')).toMatch(
      /^sitebox:x:.*:\/var\/lib\/sitebox:\/usr\/sbin\/nologin$/m,
    );
    rmSync(join(folder, 'etc/sitebox'), { recursive: true, force: true });
    expect(run('systemd-tmpfiles', '--create', join(here, 'sitebox.tmpfiles'))).toBe('');
    expect((statSync(join(folder, 'etc/sitebox')).mode & 0o777).toString(8)).toBe('750');
    expect((statSync(join(folder, 'etc/sitebox/secrets')).mode & 0o777).toString(8)).toBe('700');
  });
});
