/** A release in a small repository, with git and npm as they are, and each thing that stops it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CHANGELOG = '# Changelog\n\n## [0.2.0] - 2026-03-01\n\n- New rooms.\n\n## [0.1.0] - 2026-01-01\n\n- All of it.\n';
let folder: string;

const git = (...words: string[]): string =>
  execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

function commit(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  git('add', '-A');
  git('commit', '-qm', 'A change');
}

/** The exit status and what was said on standard error. */
function release(version: string, cwd = folder): [number | null, string] {
  const program = join(import.meta.dirname, 'release.ts');
  const { status, stderr } = spawnSync(process.execPath, [program, version], { cwd, encoding: 'utf8' });
  return [status, stderr];
}

const packageFile = (check: string): string =>
  JSON.stringify({ name: 'x', version: '0.1.0', scripts: { check } }, undefined, 2);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-release-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'A');
  git('config', 'user.email', 'a@example.org');
  const packages = { '': { name: 'x', version: '0.1.0' } };
  commit({
    'CHANGELOG.md': CHANGELOG,
    'package.json': packageFile('exit 0'),
    'package-lock.json': JSON.stringify({ name: 'x', version: '0.1.0', lockfileVersion: 3, packages }),
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

it('writes the version, commits and tags', () => {
  expect(release('0.2.0')).toEqual([0, '']);
  expect(git('status', '--porcelain')).toBe('');
  expect(read('package.json')).toMatchObject({ version: '0.2.0' });
  expect(read('package-lock.json')).toMatchObject({ version: '0.2.0', packages: { '': { version: '0.2.0' } } });
  expect(git('log', '-1', '--format=%s')).toBe('Version 0.2.0');
  expect(git('cat-file', '-t', 'v0.2.0')).toBe('tag');
  expect(git('rev-parse', 'v0.2.0^{commit}')).toBe(git('rev-parse', 'HEAD'));
  expect(release('0.2.0')).toEqual([1, expect.stringMatching(/v0\.2\.0 exists: choose/)]);
});

it('does so from a folder of the repository', () => {
  mkdirSync(join(folder, 'docs'));
  expect(release('0.2.0', join(folder, 'docs'))).toEqual([0, '']);
  expect(read('package.json')).toMatchObject({ version: '0.2.0' });
});

it.each<[string, () => void, RegExp]>([
  ['another branch', () => git('switch', '-qc', 'work'), /this is work: .*git switch main/],
  ['a file that is not committed', () => writeFileSync(join(folder, 'new.ts'), ''), /commit them/],
  ['no section', () => commit({ 'CHANGELOG.md': CHANGELOG.replace('0.2.0', '0.3.0') }), /no section .*write what/],
  [
    'no date',
    () => commit({ 'CHANGELOG.md': CHANGELOG.replace(' - 2026-03-01', '') }),
    /no date: write "## \[0\.2\.0\] - 20/,
  ],
  ['no such date', () => commit({ 'CHANGELOG.md': CHANGELOG.replace('03-01', '13-01') }), /no date/],
  [
    'an empty section',
    () => commit({ 'CHANGELOG.md': CHANGELOG.replace('- New rooms.\n', '') }),
    /says nothing of 0\.2\.0/,
  ],
  [
    'what is unreleased',
    () => commit({ 'CHANGELOG.md': `${CHANGELOG}\n## [Unreleased]\n` }),
    /"Unreleased": move its lines/,
  ],
  ['a check that fails', () => commit({ 'package.json': packageFile('exit 1') }), /npm run check fails.*check:fix/],
])('is refused by %s, and nothing changes', (_, spoil, why) => {
  spoil();
  const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain')];
  expect(release('0.2.0')).toEqual([1, expect.stringMatching(why)]);
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain')]).toEqual(before);
  expect(git('tag')).toBe('');
});

it('is refused what is no version, and says all that is in the way at once', () => {
  expect(release('v2')).toEqual([2, expect.stringMatching(/"v2" is no version: npm run release -- 0\.2\.0/)]);
  git('switch', '-qc', 'work');
  writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n');
  expect(release('0.2.0')[1].match(/no release: /g)).toHaveLength(3);
});
