/**
 * `npm run release -- 0.2.0`: checks that a version can be made of what lies here, writes the version into package.json and package-lock.json,
 * commits and tags. Nothing leaves this machine.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const VERSION = /^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/;

const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();

/** Each thing that is in the way, with what to do about it. */
function refusals(version: string): string[] {
  const found: string[] = [];
  const branch = git('branch', '--show-current');
  if (branch !== 'main') found.push(`this is ${branch || 'no branch'}: releases are made on main (git switch main)`);
  if (git('status', '--porcelain') !== '')
    found.push('files differ from the last commit: commit them or put them back');
  if (git('tag', '--list', `v${version}`) !== '') found.push(`the tag v${version} exists: choose the next version`);
  return [...found, ...inChangelog(readFileSync('CHANGELOG.md', 'utf8'), version)];
}

function inChangelog(text: string, version: string): string[] {
  const found: string[] = [];
  const sections = text.split(/^(?=## )/m);
  const section = sections.find((s) => s.startsWith(`## [${version}]`)) ?? '';
  const [heading = '', ...rest] = section.split('\n');
  const date = /^## \[[^\]]+\] - (\d{4}-\d\d-\d\d)$/.exec(heading)?.[1];
  if (section === '') found.push(`CHANGELOG.md has no section "## [${version}] - DATE": write what is new`);
  else if (date === undefined || Number.isNaN(Date.parse(date)))
    found.push(`CHANGELOG.md: the heading of ${version} has no date: write "## [${version}] - ${today()}"`);
  if (section !== '' && rest.join('').trim() === '')
    found.push(`CHANGELOG.md says nothing of ${version}: write what is new`);
  if (sections.some((s) => /^## \[?unreleased/i.test(s)))
    found.push(`CHANGELOG.md still has a section "Unreleased": move its lines to ${version} and take the heading out`);
  return found;
}

const today = (): string => new Date().toISOString().slice(0, 10);

function release(version: string): number {
  if (!VERSION.test(version)) {
    console.error(`"${version}" is no version: npm run release -- 0.2.0`);
    return 2;
  }
  const found = refusals(version);
  for (const one of found) console.error(`no release: ${one}`);
  if (found.length > 0) return 1;
  if (spawnSync('npm', ['run', '-s', 'check'], { stdio: 'inherit' }).status !== 0) {
    console.error('no release: npm run check fails, see above; npm run check:fix mends a part');
    return 1;
  }
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'], { stdio: 'ignore' });
  git('commit', '--allow-empty', '-am', `Version ${version}`);
  git('tag', '-a', `v${version}`, '-m', `sitebox ${version}`);
  console.log(
    `v${version} is committed and tagged here, and not pushed. The suite was not run. Before you push, run on this commit:\n` +
      '  npm test && npm run test:long && sudo npm run test:fresh\n' +
      'Then: git push --follow-tags. To take it back: ' +
      `git tag -d v${version} && git reset --keep HEAD~1`,
  );
  return 0;
}

// Files are named from the top of the repository, wherever this is started.
process.chdir(git('rev-parse', '--show-toplevel'));
process.exitCode = release(process.argv[2] ?? '');
