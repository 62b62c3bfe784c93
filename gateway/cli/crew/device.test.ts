/** `sitebox device` on a real store, beside a registry that is open as in a running gateway. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { openRegistry } from '../../crew/registry.ts';
import type { Db } from '../../store/db.ts';
import { appendTracks } from '../../store/tracks.ts';
import { openCliRig, type CliRig } from './crew.fixtures.ts';

const CAM = ['--kind', 'bodycam', '--role', 'officer', '--protocol', 'bodycam', '--by', 'Chief 1'];

let rig: CliRig;
let db: Db;
let sitebox: CliRig['sitebox'];
beforeEach(() => {
  rig = openCliRig();
  ({ db, sitebox } = rig);
});
afterEach(() => rig.close());

describe('where devices are', () => {
  const WHO = ['--by', 'Chief 1', '--reason', 'search at the east gate'];
  it('is told to a person with a name and a reason, and both go into the audit log', async () => {
    const now = Date.now();
    const at = (device: string, agoS: number, trusted = true) => {
      return { device, at: now - agoS * 1000, lat: 30.25, lon: 120.125, trusted };
    };
    appendTracks(db, [at('cam-1', 90), at('cam-1', 30), at('drone-1', 20, false)]);
    const where = await sitebox('device', 'where', ...WHO);
    expect(where.out).toMatch(
      /^cam-1 {2}30\.25000, 120\.12500 {2}3\d s ago\ndrone-1 {2}30\.25000, 120\.12500 \(not to be relied on\) {2}2\d s ago\n$/,
    );
    const track = await sitebox('device', 'track', 'cam-1', '--hours', '1', ...WHO);
    expect(track.out.trim().split('\n')).toHaveLength(2);
    expect((await sitebox('device', 'track', 'cam-9', ...WHO)).out).toBe('nothing is known of where cam-9 was\n');
    expect(rig.audit()).toEqual(['Chief 1: positions read', 'Chief 1: track read', 'Chief 1: track read']);
    const { detail } = db.prepare('SELECT detail FROM audit WHERE seq = 1').get() as { detail: string };
    expect(JSON.parse(detail)).toEqual({ devices: 2, why: 'search at the east gate' });
  });
});

describe('device', () => {
  it('add shows the password once, and the gateway beside it lets the device in until it is revoked', async () => {
    const registry = openRegistry({ db, log: SILENT_LOG });
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
    for (const name of readdirSync(join(rig.folder, 'store'))) {
      expect(readFileSync(join(rig.folder, 'store', name)).includes(secret)).toBe(false);
    }

    expect(await sitebox('device', 'revoke', 'cam-1', '--by', 'Chief 2')).toMatchObject({ code: 0, err: '' });
    expect(registry.refresh()).toEqual(['cam-1']);
    expect(await registry.login('cam-1', Buffer.from(secret))).toBeUndefined();
    expect((await sitebox('device', 'list')).out).toMatch(/REVOKED 20\S+Z by Chief 2\n$/);
    expect(await sitebox('device', 'revoke', 'cam-1', '--by', 'Chief 2')).toMatchObject({
      code: 1,
      out: '',
      err: 'REFUSED: device cam-1 is not registered, or was revoked already\n',
    });
    expect(rig.audit()).toEqual(['Chief 1: device added', 'Chief 2: device revoked']);
  });

  it('add takes several at once, and stops at the first that is there already', async () => {
    const added = await sitebox('device', 'add', 'cam-1', 'cam-2', 'cam-3', ...CAM);
    expect([added.code, new Set(added.out.match(/password {3}\S+/g)).size]).toEqual([0, 3]);
    const again = await sitebox('device', 'add', 'cam-4', 'cam-2', 'cam-5', ...CAM);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('cam-2') as string });
    expect((await sitebox('device', 'list')).out.match(/^cam-\d/gm)).toEqual(['cam-1', 'cam-2', 'cam-3', 'cam-4']);
    expect((await sitebox('device', 'add', 'a', 'b', ...CAM, '--serial', 'X')).code).toBe(64);
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
  writeFileSync(rig.file, 'site: [demo\n');
  expect(await sitebox('device', 'list')).toMatchObject({ code: 78 });
  expect(rig.audit()).toEqual([]);
});

it('the program has these verbs', async () => {
  const program = fileURLToPath(new URL('../../../sitebox.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, 'device', 'add', 'cam-1', '--config', rig.file, ...CAM]);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, out]).toEqual([0, expect.stringMatching(/^device cam-1 is registered/)]);
  expect(openRegistry({ db, log: SILENT_LOG }).device('cam-1')).toBeDefined();
});
