/** `sitebox person` on a real store, at a keyboard of the test; and the real keyboard, a terminal of the system. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { Accounts } from '../../people/accounts.ts';
import { LoginThrottles } from '../../people/login-throttle.ts';
import { Sessions } from '../../people/sessions.ts';
import { verifyAudit } from '../../store/audit.ts';
import { openDb, type Db } from '../../store/db.ts';
import { OutboxWriter } from '../../store/outbox/outbox.ts';
import { run, type Outcome } from '../cli.fixtures.ts';
import { granted } from './common.ts';
import { personCommand } from './person.ts';

let file: string;
let db: Db;
beforeEach(() => {
  const folder = tempFolder();
  file = join(folder, 'box.json');
  db = openDb(join(folder, 'store'));
  const crew = { equipment: [{ id: 'crew', kind: 'broker' }] };
  const lists = { trust: 'root.json' };
  writeFileSync(file, JSON.stringify({ site: 'demo', storage: { folder: 'store' }, lists, crew, upstream: [] }));
  vi.spyOn(process, 'getuid').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
  db.close();
});

/** Runs a verb with these answers; every one of them has to be asked for. */
async function person(verb: string, args: readonly string[], ...answers: string[]): Promise<Outcome> {
  const next = (): Promise<string> => Promise.resolve(answers.shift() ?? '(nothing more was to be asked)');
  const terminal = () => ({ isInteractive: true, ask: next, secret: next, close: () => undefined });
  const commonPasswords = () => new Set(['qwertyuiop']);
  const outcome = await run(personCommand({ terminal, commonPasswords }), [verb, '--config', file, ...args]);
  expect(answers).toEqual([]);
  return outcome;
}

const twice = (password: string): [string, string] => [password, password];
const KITES = 'seven green kites';
const BOATS = 'three yellow boats';

const setUpBox = () =>
  person(
    'setup',
    [],
    ...['100001', '赵九', '1', 'officer', ...twice(KITES)],
    ...['100002', '钱十', '辅警', '4', '1', ...twice(BOATS)],
    ...['100003', '孙五', 'police', 'auditor', ...twice('a sentence of mine')],
  );
const ADD = ['100004', '--name', '李 四', '--kind', 'auxiliary', '--role', 'officer'];

describe('person', () => {
  it('setup enters three people, who add others and disable them, each by a password that is shown nowhere', async () => {
    expect((await person('list', [])).out).toBe('no account yet: npx sitebox person setup\n');
    const setUp = await setUpBox();
    expect([setUp.code, setUp.out.split('\n').at(-2), setUp.err]).toEqual([
      0,
      'The box is set up: three accounts.',
      'There is no "4" to choose: expected a number from 1 to 3, or the words beside it.\n',
    ]);
    const added = await person(
      'add',
      [...ADD, '--by', '100001', '100002'],
      KITES,
      BOATS,
      'x',
      'y',
      ...twice('five old lamps'),
    );
    expect([added.code, added.err]).toEqual([0, 'The two passwords differ.\n']);
    expect(added.out).toMatch(/^added: 100004 {2}李 四 {2}auxiliary {2}officer {2}gives opinions from 20\S+Z\n$/);
    const vouched = await person('vouch', ['100004', '--by', '100001', '100002'], KITES, BOATS);
    expect(vouched.out).toBe('vouched for: 100004  李 四  auxiliary  officer\n');
    const disabled = await person('disable', ['100002', '--by', '100004'], 'five old lamps');
    expect(disabled).toMatchObject({ code: 0, err: '' });
    const last = await person('disable', ['100001', '--by', '100004'], 'five old lamps');
    expect(last.err).toContain('1 officer is left');
    expect((await person('list', [])).out).toMatch(
      /^100001 .* DISABLED 20\S+\n100002 .* DISABLED 20\S+\n100003 {2}孙五 {2}police {2}auditor\n100004 {2}李 四 {2}auxiliary {2}officer\n$/,
    );
    expect(verifyAudit(db)).toMatchObject({ ok: true, rows: 8 });
    const all = JSON.stringify(
      ['people', 'audit', 'outbox', 'meta'].map((table) => db.prepare(`SELECT * FROM ${table}`).all()),
    );
    for (const secret of [KITES, BOATS, 'five old lamps']) expect(all).not.toContain(secret);
  });

  it('says why it refuses, with exit code 1, and changes nothing', async () => {
    await setUpBox();
    const refused = (why: string) => ({ code: 1, out: '', err: `REFUSED: ${why}\n` });
    const two = 'this needs 2 different people who prove who they are';
    expect(await person('add', [...ADD, '--by', '100001'], KITES, ...twice('five old lamps'))).toEqual(refused(two));
    const common = 'this password is among the commonest, which are tried first';
    const by = ['--by', '100001', '100002'];
    expect(await person('add', [...ADD, ...by], KITES, BOATS, ...twice('QWERTYUIOP'))).toEqual(refused(common));
    expect(await person('disable', ['100009', '--by', '100001'], KITES)).toEqual(
      refused('there is no account with this service number'),
    );
    expect(await person('setup', [])).toEqual(refused('this box has accounts; two people add more with `person add`'));
    expect((await person('add', ['1', ...ADD.slice(1), ...by])).code).toBe(64);
    for (let i = 0; i < 5; i++) await person('disable', ['100002', '--by', '100001'], 'wrong');
    // Each of them was another process.
    expect((await person('disable', ['100002', '--by', '100001'], KITES)).err).toMatch(
      /^REFUSED: too many wrong passwords/,
    );
    expect((await person('list', [])).out.match(/DISABLED/)).toBeNull();
  });

  it('sessions lists what is open, and revoke ends one for an officer or technician', async () => {
    await setUpBox();
    expect((await person('sessions', [])).out).toBe('no session is open\n');
    const clock = { now: Date.now, trusted: Date.now };
    const limits = { rows: 100, bytes: 1e6 };
    const outbox = new OutboxWriter(db, { source: '/s', relays: [], limits, now: Date.now, wake: () => undefined });
    const accounts = new Accounts({ db, outbox, clock, throttles: new LoginThrottles(SILENT_LOG) });
    const sessions = new Sessions({ db, clock, accounts });
    const opened = granted(await sessions.openPersonal({ serviceNumber: '100001', password: KITES }, '192.0.2.7'));
    granted(sessions.openLane(sessions.makeDisplayCode('gate-1', '100001'), '192.0.2.8'));
    const { id } = opened.session;
    const rows = (await person('sessions', [])).out;
    expect(rows).toMatch(
      new RegExp(`^${id} {2}personal {2}100001 {2}since 20\\S+Z\n\\w{26} {2}lane display {2}gate-1 {2}since `),
    );
    expect((await person('revoke', [id, '--by', '100003'], 'a sentence of mine')).err).toContain(
      'officers and technicians',
    );
    expect((await person('revoke', [id, '--by', '100002'], BOATS)).out).toBe(`session ${id} is revoked\n`);
    expect((await person('revoke', [id, '--by', '100002'], BOATS)).err).toBe('REFUSED: there is no such session\n');
    const lanes = [{ id: 'gate-2', kind: 'gate', readers: ['desk'] }];
    const readers = [{ id: 'desk', kind: 'mrz', port: 'tcp://127.0.0.1:9' }];
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...config, readers, lanes }));
    expect((await person('display', ['gate-9', '--by', '100001'])).err).toContain('no gate lane gate-9');
    expect((await person('display', ['gate-2', '--by', '100003'], 'a sentence of mine')).err).toContain(
      'made by officers and technicians',
    );
    const made = (await person('display', ['gate-2', '--by', '100001'], KITES)).out;
    const code = /: ((?:[0-9a-z]{4}-?)+)\n/.exec(made)![1]!;
    expect(granted(sessions.openLane(code, '192.0.2.9')).session.lane).toBe('gate-2');
    // The gateway beside it sees it at once.
    expect(sessions.use(opened.token)).toHaveProperty('refused');
    expect((await person('sessions', [])).out.split('\n')).toHaveLength(3);
  });

  it('setup and recover are for root alone; recover is logged and gives new passwords', async () => {
    expect((await person('recover', [])).err).toContain('no account yet');
    expect((await person('setup', ['--code'])).out).toMatch(
      /Set-up code for http:.*\/setup, .*: ([0-9a-hjkmnp-tv-z]{4}-?){4}\n$/,
    );
    await setUpBox();
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    for (const verb of ['setup', 'recover'])
      expect(await person(verb, [])).toMatchObject({ code: 1, err: 'REFUSED: only root at the console may do this\n' });
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    const recovered = await person(
      'recover',
      [],
      ...['100001', '赵九', '1', '1', ...twice('four new kites')],
      ...['100005', '周七', '1', '1', ...twice('nine silent drums')],
      ...['100003', '孙五', '1', '3', ...twice('a longer sentence')],
    );
    expect(recovered.code).toBe(0);
    expect((await person('disable', ['100002', '--by', '100001'], 'four new kites')).err).toContain(
      'accounts are not new',
    );
    const deeds = db.prepare('SELECT what FROM audit ORDER BY seq').pluck().all();
    expect(deeds.slice(4, 9)).toEqual([
      'recovery of accounts opened',
      'set-up session opened',
      'person reset',
      'person added',
      'person reset',
    ]);
  });
});

const TERMINAL = new URL('../terminal.ts', import.meta.url).href;
const PROGRAM = `
  const { openTerminal } = await import(${JSON.stringify(TERMINAL)});
  const terminal = openTerminal();
  const name = await terminal.ask('Name?');
  const secret = await terminal.secret('Secret?');
  terminal.close();
  console.log('[' + name + '|' + Buffer.from(secret).toString('base64') + ']');`;

/** Runs PROGRAM; answers each question as soon as it is read. `on`: a terminal of the system (script(1)), or a pipe. */
async function ask(on: 'terminal' | 'pipe', answers: Readonly<Record<string, string>>): Promise<string> {
  const node = [process.execPath, '--input-type=module', '-e', PROGRAM];
  const quoted = node.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const child = on === 'pipe' ? spawn(node[0]!, node.slice(1)) : spawn('script', ['-qec', quoted, '/dev/null']);
  let out = '';
  const asked = { ...answers };
  if (on === 'pipe') child.stdin.end(Object.values(answers).join(''));
  const read = (chunk: Buffer): void => {
    out += chunk.toString();
    for (const [question, answer] of Object.entries(asked)) {
      if (on === 'pipe' || !out.includes(question)) continue;
      delete asked[question];
      child.stdin.write(answer);
    }
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await once(child, 'close');
  return out;
}

describe('the keyboard', () => {
  it('shows nothing of a secret, and takes back what was mistyped', async () => {
    const out = await ask('terminal', { 'Name?': '李四\r', 'Secret?': 'lampx\u007f 七个\u001b[A风筝\r' });
    expect(out).toContain(`[李四|${Buffer.from('lamp 七个风筝').toString('base64')}]`);
    expect(out.replace(/\[.*\]/, '')).not.toMatch(/lamp|风筝/);
  });

  it('ends with Ctrl-C, and shows what is typed to a question that is no secret', async () => {
    const out = await ask('terminal', { 'Name?': 'Li Si\r', 'Secret?': 'la\u0003' });
    expect(out).toContain('Name? Li Si');
    expect(out).toContain('Nothing was changed.');
  });

  it('is a line of the standard input where that is no terminal', async () => {
    expect(await ask('pipe', { name: 'Li Si\n', secret: 'lamp\n' })).toContain(
      `[Li Si|${Buffer.from('lamp').toString('base64')}]`,
    );
    expect(await ask('pipe', { name: 'Li Si\n' })).toContain('The input ended');
  });
});
