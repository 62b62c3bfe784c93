/** The command line under an account that has a number and no name, as services and containers have them; and what it says of words that it cannot use. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';

const SITEBOX = new URL('../../sitebox.mjs', import.meta.url).pathname;
/** Takes the number of an account that no passwd(5) names before the program starts; where it may not, the system is asked for such a one. */
const NAMELESS = 4_123_456;
const canBecome = process.getuid?.() === 0;
const become = `process.setgid(${NAMELESS}); process.setuid(${NAMELESS});`;
const pretend = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
os.userInfo = () => { throw Object.assign(new Error('ENOENT'), { code: 'ERR_SYSTEM_ERROR' }); }; syncBuiltinESMExports();`;

function sitebox(...args: readonly string[]) {
  const preload = `data:text/javascript,${encodeURIComponent(canBecome ? become : pretend)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, SITEBOX, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('W1: every verb works for an account without a name, and what needs a name asks for it', () => {
  const folder = tempFolder();
  expect(sitebox('list', 'verify', '--help')).toMatchObject({ status: 0, stderr: '' });
  const refused = sitebox('list', 'import', join(folder, 'a.json'), '--config', join(folder, 'box.yaml'), '--yes');
  expect(refused).toEqual({
    status: 64,
    stdout: '',
    stderr: 'This account has no name on this machine: say with --by NAME who does it\n',
  });
});

test('S4: what was typed is said again without what steers a terminal', () => {
  const { status, stderr } = sitebox('list', 'import', 'a.json', '--by', '\u202e\u001b');
  expect(status).toBe(64);
  expect(stderr).toContain(String.raw`'\u202e\u001b' is invalid`);
});
