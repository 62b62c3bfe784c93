/** `sitebox device`, `sos` and `order` on a real store, beside a registry that is open as in a running gateway. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClock } from '../clock.ts';
import { openOrders } from '../crew/orders.ts';
import { openRegistry } from '../crew/registry.ts';
import { openSosDesk } from '../crew/sos.ts';
import { verifyAudit } from '../store/audit.ts';
import { openDb, type Db } from '../store/db.ts';
import { timeKeeper } from '../store/lists.ts';
import type { Outlet } from '../store/outbox.ts';
import { QUIET } from './crew-common.ts';
import { deviceCommand } from './device.ts';
import { run, type Outcome } from './list.fixtures.ts';
import { orderCommand } from './order.ts';
import { sosCommand } from './sos.ts';

const CONFIG = {
  site: 'demo',
  storage: { folder: 'store' },
  lists: { trust: 'root.json' },
  crew: { equipment: [{ id: 'crew', kind: 'broker' }] },
  upstream: [{ id: 'room', kind: 'https' }],
};
const VERBS = { device: deviceCommand, order: orderCommand, sos: sosCommand };
const CAM = ['--kind', 'bodycam', '--role', 'officer', '--protocol', 'bodycam', '--by', 'Chief 1'];
const outlet: Outlet = {
  ...{ source: '/s', relays: ['room'], limits: { rows: 100, bytes: 1e6 } },
  now: Date.now,
  wake: () => undefined,
};

let folder: string;
let file: string;
/** Of the gateway that runs beside the command line. */
let db: Db;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sitebox-crew-cli-'));
  file = join(folder, 'box.yaml');
  writeFileSync(file, JSON.stringify(CONFIG));
  db = openDb(join(folder, 'store'));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function sitebox(verb: keyof typeof VERBS, ...args: string[]): Promise<Outcome> {
  const [name, ...rest] = args;
  return run(VERBS[verb](), [name!, '--config', file, ...rest]);
}

function audit(): string[] {
  expect(verifyAudit(db).ok).toBe(true);
  const rows = db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[];
  return rows.map((r) => `${r.who}: ${r.what}`);
}

const events = () => db.prepare('SELECT type, data FROM outbox ORDER BY seq').all() as { type: string; data: string }[];

describe('device', () => {
  it('add shows the password once, and the gateway beside it lets the device in until it is revoked', async () => {
    const registry = openRegistry({ db, log: QUIET });
    const added = await sitebox('device', 'add', 'cam-1', ...CAM);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toContain('device cam-1 is registered: bodycam, officer, bodycam');
    expect(added.out).toMatch(/user name {2}cam-1\n.*password {3}/);
    const secret = /password {3}(\S+)/.exec(added.out)![1]!;
    expect(registry.refresh()).toEqual([]);
    expect(await registry.login('cam-1', Buffer.from(secret))).toMatchObject({ id: 'cam-1', role: 'officer' });

    // Nowhere on disk, and never shown again.
    const listed = await sitebox('device', 'list');
    expect(listed.out).toMatch(/^cam-1 {2}bodycam {2}officer {2}bodycam {2}added 20\S+Z by Chief 1\n$/);
    for (const name of readdirSync(join(folder, 'store'))) {
      expect(readFileSync(join(folder, 'store', name)).includes(secret)).toBe(false);
    }

    expect(await sitebox('device', 'revoke', 'cam-1', '--by', 'Chief 2')).toMatchObject({ code: 0, err: '' });
    expect(registry.refresh()).toEqual(['cam-1']);
    expect(await registry.login('cam-1', Buffer.from(secret))).toBeUndefined();
    expect((await sitebox('device', 'list')).out).toMatch(/REVOKED 20\S+Z by Chief 2\n$/);
    expect(await sitebox('device', 'revoke', 'cam-1', '--by', 'Chief 2')).toMatchObject({
      ...{ code: 1, out: '', err: 'REFUSED: device cam-1 is not registered, or was revoked already\n' },
    });
    expect(audit()).toEqual(['Chief 1: device added', 'Chief 2: device revoked']);
  });

  it('add says of each protocol what is to be done, and gives a password only where there is a login', async () => {
    const add = (id: string, protocol: string, ...serials: string[]) =>
      sitebox(
        ...([
          'device',
          'add',
          id,
          '--kind',
          'vehicle',
          '--role',
          'guard',
          '--by',
          'C',
          '--protocol',
          protocol,
        ] as const),
        ...serials.flatMap((s) => ['--serial', s]),
      );
    expect((await add('d', 'dji', 'RC1', 'DRONE1')).out).toMatch(/Pilot 2.*\n.*\n.*user name {2}d\n {2}password/);
    expect((await add('j', 'jt808', '10000000001', 'T1')).out).toContain('phone number 10000000001');
    expect((await add('m', 'mavlink', '7')).out).toContain('system 7');
    expect((await add('n', 'nmea')).out).toContain('`device: n`');
    const secrets = db.prepare('SELECT id FROM devices WHERE hash IS NOT NULL').pluck().all();
    expect(secrets).toEqual(['d']);
    expect(await add('d2', 'dji', 'RC1')).toMatchObject({
      code: 1,
      err: 'REFUSED: serial RC1 already belongs to device d\n',
    });
    for (const [protocol, ...serials] of [['dji'], ['jt808', 'T1'], ['mavlink', '300'], ['mavlink'], ['nmea', 'a b']]) {
      expect(await add('x', protocol!, ...serials)).toMatchObject({ code: 64, out: '' });
    }
  });
});

describe('order', () => {
  const given = ['--text', 'close the path', '--by', 'Chief 1'];

  it('send reaches the devices through the gateway beside it, and show has what became of it', async () => {
    await sitebox('device', 'add', 'cam-1', ...CAM);
    await sitebox('device', 'add', 'cam-2', ...CAM);
    const registry = openRegistry({ db, log: QUIET });
    const orders = openOrders({ db, outlet, registry });
    expect(orders.turn()).toEqual([]);
    const sent = await sitebox(
      'order',
      'send',
      ...given,
      '--to',
      'cam-1',
      'cam-2',
      '--lat',
      '-33.1',
      '--lon',
      '120.5',
      '--place',
      'gate',
    );
    expect(sent).toMatchObject({ code: 0, err: '' });
    const id = /^order (\w{26}) for cam-1, cam-2\n$/.exec(sent.out)![1]!;
    expect(orders.turn()).toEqual(['cam-1', 'cam-2']);
    expect(orders.pending('cam-1')).toMatchObject([
      { kind: 'order', id, text: 'close the path', place: { lat: -33.1, lon: 120.5, name: 'gate' } },
    ]);
    orders.sent('cam-1', id);
    orders.answered({ device: 'cam-1', order: id, state: 'refused', at: Date.now(), reason: 'hurt' });
    const shown = await sitebox('order', 'show', id);
    expect(shown.out).toMatch(
      /^\w{26} {2}20\S+Z {2}from Chief 1 \(box\)\n {2}close the path\n {2}at -33.1, 120.5 gate\n/,
    );
    expect(shown.out).toMatch(/ {2}cam-1 {2}refused {2}sent 20\S+Z {2}ended 20\S+Z {2}"hurt"\n {2}cam-2 {2}waiting\n$/);
    expect((await sitebox('order', 'list')).out).toMatch(/1 refused, 1 waiting\n$/);
    expect(events()[0]).toMatchObject({ type: 'io.sitebox.order.v1' });
    expect(JSON.parse(events()[0]!.data)).toMatchObject({ id, origin: 'box', by: 'Chief 1' });
    expect(audit().slice(2)).toEqual(['Chief 1: order created', 'cam-1: order refused']);
  });

  it('send refuses in words, and wrong use is told apart', async () => {
    const cases: [number, RegExp, ...string[]][] = [
      [1, /^REFUSED: device cam-9 is not registered/, '--to', 'cam-9'],
      [1, /^REFUSED: nobody is near/, '--nearest', '1', '--lat', '30', '--lon', '120'],
      [64, /both --lat and --lon/, '--to', 'cam-1', '--lat', '30'],
      [64, /--to, or how many/, '--to', 'cam-1', '--nearest', '1'],
      [64, /--to, or how many/],
      [64, /--nearest needs a place/, '--nearest', '1'],
      [64, /--role goes with --nearest/, '--to', 'cam-1', '--role', 'guard'],
      [64, /from -90 to 90/, '--to', 'cam-1', '--lat', '91', '--lon', '1'],
      [64, /Allowed choices/, '--nearest', '1', '--role', 'boss'],
    ];
    for (const [code, words, ...args] of cases) {
      const outcome = await sitebox('order', 'send', ...given, ...args);
      expect([args, outcome.code, outcome.out]).toEqual([args, code, '']);
      expect(outcome.err).toMatch(words);
      expect(outcome.err).not.toMatch(/^\s+at /m);
    }
    expect(await sitebox('order', 'show', 'none')).toMatchObject({ code: 1, err: 'REFUSED: there is no order none\n' });
    expect(events()).toEqual([]);
  });

  it('send says so where the outbox is full', async () => {
    await sitebox('device', 'add', 'cam-1', ...CAM);
    writeFileSync(file, JSON.stringify({ ...CONFIG, limits: { outboxRows: 100 } }));
    const orders = openOrders({ db, outlet, registry: openRegistry({ db, log: QUIET }) });
    for (let i = 0; i < 100; i++) {
      orders.create({ text: 'x', to: ['cam-1'] }, { id: `O-${i}`, by: 'Room 1', origin: 'room' }, []);
    }
    expect(await sitebox('order', 'send', ...given, '--to', 'cam-1')).toMatchObject({
      ...{
        code: 1,
        out: '',
        err: expect.stringMatching(/^Nothing was changed: the outbox of relay room is full/) as string,
      },
    });
  });
});

describe('sos', () => {
  it('list shows what nobody has seen, and acknowledge ends the reminders', async () => {
    await sitebox('device', 'add', 'cam-1', ...CAM);
    const desk = openSosDesk({ db, outlet, clock: openClock(timeKeeper(db)) });
    const device = openRegistry({ db, log: QUIET }).device('cam-1')!;
    const position = { lat: 30.25, lon: 120.125, trusted: true };
    const { id } = desk.report({ device: 'cam-1', sos: 'a', state: 'raised', at: Date.now(), position }, device);
    const listed = await sitebox('sos', 'list');
    expect(listed.out).toMatch(/cam-1 \(officer, bodycam\) {2}at 30.25000, 120.12500 {2}NOT SEEN\n$/);
    const seen = await sitebox('sos', 'acknowledge', id, '--by', 'Chief 1');
    expect(seen).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/seen 20\S+Z by Chief 1\n$/) as string });
    expect(desk.open()).toMatchObject([{ id, acknowledged: { by: 'Chief 1' } }]);
    expect(await sitebox('sos', 'acknowledge', 'none', '--by', 'C')).toMatchObject({ code: 1, out: '' });
    expect(audit().slice(1)).toEqual(['cam-1: sos raised', 'Chief 1: sos acknowledged']);
  });
});

it('a change without a person who answers for it is refused, and so is a wrong configuration', async () => {
  for (const args of [
    ['device', 'add', 'cam-1', ...CAM.slice(0, -2)],
    ['device', 'add', 'Cam 1', ...CAM],
    ['device', 'revoke', 'cam-1'],
    ['order', 'send', '--text', 'x', '--to', 'cam-1'],
    ['order', 'send', '--text', 'x', '--to', 'cam-1', '--by', ' '],
    ['sos', 'acknowledge', 'x'],
    ['sos', 'no-such-verb'],
  ] as const) {
    const [verb, ...rest] = args;
    expect([args, (await sitebox(verb, ...rest)).code]).toEqual([args, 64]);
  }
  writeFileSync(file, 'site: [demo\n');
  expect(await sitebox('device', 'list')).toMatchObject({ code: 78 });
  expect(audit()).toEqual([]);
});

it('the program has these verbs', async () => {
  const program = fileURLToPath(new URL('../../sitebox.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, 'device', 'add', 'cam-1', '--config', file, ...CAM]);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, out]).toEqual([0, expect.stringMatching(/^device cam-1 is registered/)]);
  expect(openRegistry({ db, log: QUIET }).device('cam-1')).toBeDefined();
});
