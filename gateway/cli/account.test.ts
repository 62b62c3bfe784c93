/** The command line under an account that has a number and no name, as services and containers have them; and what it says of words that it cannot use. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { BECOME_STRANGER, canBecomeStranger, preloaded } from './stranger.fixtures.ts';

/** Where the test may not become such an account, the system is asked for one. */
const pretend = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
os.userInfo = () => { throw Object.assign(new Error('ENOENT'), { code: 'ERR_SYSTEM_ERROR' }); }; syncBuiltinESMExports();`;

const sitebox = (...args: readonly string[]) => preloaded(canBecomeStranger ? BECOME_STRANGER : pretend, ...args);

test('W1: every verb works for an account without a name, and what needs a name asks for it', () => {
  const folder = tempFolder();
  expect(sitebox('list', 'verify', '--help')).toMatchObject({ code: 0, err: '' });
  const refused = sitebox('list', 'import', join(folder, 'a.json'), '--config', join(folder, 'box.yaml'), '--yes');
  expect(refused).toEqual({
    code: 64,
    out: '',
    err: 'This account has no name on this machine: say with --by NAME who does it\n',
  });
});

test('S4: what was typed is said again without what steers a terminal', () => {
  const { code, err } = sitebox('list', 'import', 'a.json', '--by', '\u202e\u001b');
  expect(code).toBe(64);
  expect(err).toContain(String.raw`'\u202e\u001b' is invalid`);
});
