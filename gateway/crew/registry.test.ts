import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { FILLS, leavesOf, overwritePages } from '../store/damage/damage.fixtures.ts';
import { openDb } from '../store/db.ts';
import { addDevice, revokeDevice } from '../store/devices.ts';
import { hashSecret } from './credentials.ts';
import { openRegistry } from './registry.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const BY = { by: 'Chief 1', now: T0 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let rig: CrewRig;

beforeEach(() => (rig = openCrewRig()));
afterEach(() => rig.close());

const open = () => openRegistry({ db: rig.db, log: SILENT_LOG });
const BODYCAM = { kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;

describe('the registry', () => {
  it('knows devices by id and by serial within their protocol, and shows no hash', async () => {
    const hash = await hashSecret('right');
    rig.add({ id: 'drone-1', kind: 'drone', protocol: 'dji', serials: ['RC1', 'DRONE1'] });
    addDevice(rig.db, { ...BODYCAM, id: 'cam-1', hash }, BY);
    const registry = open();
    expect(registry.device('cam-1')).toEqual({ ...BODYCAM, id: 'cam-1' });
    expect(registry.bySerial('dji', 'DRONE1')?.id).toBe('drone-1');
    expect(registry.bySerial('jt808', 'DRONE1')).toBeUndefined();
    expect(registry.all().map((d) => d.id)).toEqual(['cam-1', 'drone-1']);
    expect(JSON.stringify(registry.all())).not.toContain('argon2');
  });

  it('takes over what another process changes, and says who has to go', () => {
    rig.add({ id: 'cam-1' });
    rig.add({ id: 'cam-2' });
    const registry = open();
    const commandLine = openDb(rig.folder);
    expect(registry.refresh()).toEqual([]);
    addDevice(commandLine, { ...BODYCAM, id: 'cam-3' }, BY);
    expect(registry.device('cam-3')).toBeUndefined();
    expect(registry.refresh()).toEqual([]);
    expect(registry.device('cam-3')?.id).toBe('cam-3');
    expect(revokeDevice(commandLine, 'cam-2', BY)).toBe(true);
    expect(revokeDevice(commandLine, 'cam-2', BY)).toBe(false);
    expect(registry.refresh()).toEqual(['cam-2']);
    expect([registry.device('cam-2'), registry.refresh()]).toEqual([undefined, []]);
    // Revoked and registered anew between two looks: the connection made with the old credential has to go.
    revokeDevice(commandLine, 'cam-1', BY);
    addDevice(commandLine, { ...BODYCAM, id: 'cam-1', role: 'guard' }, BY);
    expect(registry.refresh()).toEqual(['cam-1']);
    expect(registry.device('cam-1')?.role).toBe('guard');
    commandLine.close();
    expect(rig.audit().slice(2)).toEqual([
      'Chief 1: device added',
      'Chief 1: device revoked',
      'Chief 1: device revoked',
      'Chief 1: device added',
    ]);
  });

  it('refuses a second device of the same id, and a serial that belongs to another', () => {
    rig.add({ id: 'cam-1' });
    rig.add({ id: 'radio-1', kind: 'vehicle', protocol: 'jt808', serials: ['10000000001', 'T1'] });
    const add = (id: string, protocol: 'jt808' | 'dji', serials: string[]) =>
      addDevice(rig.db, { ...BODYCAM, id, protocol, serials }, BY)?.problem;
    expect(add('cam-1', 'dji', [])).toMatch(/cam-1 is registered already/);
    expect(add('radio-2', 'jt808', ['10000000002', 'T1'])).toMatch(/T1 already belongs to device radio-1/);
    expect(add('radio-2', 'dji', ['T1'])).toBeUndefined();
    revokeDevice(rig.db, 'radio-1', BY);
    expect(add('radio-3', 'jt808', ['10000000001'])).toBeUndefined();
    expect(rig.audit()).toHaveLength(5);
  });
});

describe('a login', () => {
  it('ends in the device or in nothing', async () => {
    addDevice(rig.db, { ...BODYCAM, id: 'cam-1', hash: await hashSecret('right') }, BY);
    rig.add({ id: 'gps-1', protocol: 'nmea' });
    const registry = open();
    expect(await registry.login('cam-1', bytes('right'))).toEqual({ ...BODYCAM, id: 'cam-1' });
    for (const [user, secret] of [
      ['cam-1', 'wrong'],
      ['cam-9', 'right'],
      ['gps-1', ''],
      ['', ''],
    ] as const) {
      expect(await registry.login(user, bytes(secret))).toBeUndefined();
    }
  });

  it('does not survive a revocation, remembered or under way', async () => {
    addDevice(rig.db, { ...BODYCAM, id: 'cam-1', hash: await hashSecret('right') }, BY);
    const registry = open();
    expect(await registry.login('cam-1', bytes('right'))).toBeDefined();
    revokeDevice(rig.db, 'cam-1', BY);
    registry.refresh();
    expect(await registry.login('cam-1', bytes('right'))).toBeUndefined();
    addDevice(rig.db, { ...BODYCAM, id: 'cam-1', hash: await hashSecret('second') }, BY);
    registry.refresh();
    expect(await registry.login('cam-1', bytes('right'))).toBeUndefined();
    const underWay = registry.login('cam-1', bytes('second'));
    revokeDevice(rig.db, 'cam-1', BY);
    registry.refresh();
    expect(await underWay).toBeUndefined();
  });
});

describe('an authentication code', () => {
  it('is the same until the device is registered anew, over restarts, and on no other box', () => {
    rig.add({ id: 'radio-1', protocol: 'jt808', serials: ['1'] });
    rig.add({ id: 'radio-2', protocol: 'jt808', serials: ['2'] });
    const registry = open();
    const authCode = registry.authCode('radio-1');
    expect(authCode).toMatch(/^[0-9a-f]{32}$/);
    expect(open().authCode('radio-1')).toBe(authCode);
    expect(registry.authCode('radio-2')).not.toBe(authCode);
    revokeDevice(rig.db, 'radio-1', BY);
    registry.refresh();
    expect(() => registry.authCode('radio-1')).toThrow(/radio-1 is not registered/);
    // In the same millisecond.
    rig.add({ id: 'radio-1', protocol: 'jt808', serials: ['1'] });
    registry.refresh();
    expect(registry.authCode('radio-1')).not.toBe(authCode);
    const other = openCrewRig();
    other.add({ id: 'radio-1', protocol: 'jt808', serials: ['1'] });
    expect(openRegistry({ db: other.db, log: SILENT_LOG }).authCode('radio-1')).not.toBe(authCode);
    other.close();
  });
});

describe('a store that holds no key of the authentication codes and refuses writes', () => {
  it('keeps no device away: a key in memory holds, and is kept once writes are taken', async () => {
    addDevice(rig.db, { ...BODYCAM, id: 'cam-1', hash: await hashSecret('right') }, BY);
    rig.db.prepare(`DELETE FROM meta WHERE key = 'ticketKey'`).run();
    rig.db.health.shut('read-only', 'planted');
    const registry = open();
    expect(await registry.login('cam-1', bytes('right'))).toBeDefined();
    const authCode = registry.authCode('cam-1');
    expect(authCode).toMatch(/^[0-9a-f]{32}$/);
    // Nothing is kept: another start has another key.
    expect(open().authCode('cam-1')).not.toBe(authCode);
    rig.db.health.reopen();
    rig.db.writable();
    expect(registry.authCode('cam-1')).toBe(authCode);
    expect(open().authCode('cam-1')).toBe(authCode);
  });

  it.each(FILLS)('keeps none away either where its page is overwritten with %s', (_, fill) => {
    rig.add({ id: 'cam-1' });
    const db = overwritePages(rig.db, rig.folder, leavesOf(rig.db, 'meta'), fill);
    try {
      const registry = openRegistry({ db, log: SILENT_LOG });
      expect(registry.authCode('cam-1')).toBe(registry.authCode('cam-1'));
    } finally {
      db.close();
    }
  });

  it('is rare: a key is made with the first device that is registered', () => {
    rig.add({ id: 'cam-1' });
    rig.db.health.shut('read-only', 'planted');
    expect(open().authCode('cam-1')).toBe(open().authCode('cam-1'));
  });

  it('that keeps something else in its place has one made', () => {
    rig.add({ id: 'cam-1' });
    const before = open().authCode('cam-1');
    rig.db.prepare(`UPDATE meta SET value = 'ab' WHERE key = 'ticketKey'`).run();
    const authCode = open().authCode('cam-1');
    expect(authCode).not.toBe(before);
    expect(open().authCode('cam-1')).toBe(authCode);
  });
});

it('S5: a revocation is told to the room, once', () => {
  rig.add({ id: 'cam-1' });
  expect(revokeDevice(rig.db, 'cam-1', { by: 'Chief 2', now: T0 }, rig.outbox())).toBe(true);
  expect(revokeDevice(rig.db, 'cam-1', { by: 'Chief 2', now: T0 }, rig.outbox())).toBe(false);
  expect(rig.send()).toMatchObject([
    {
      type: 'io.sitebox.device.v2',
      subject: 'cam-1',
      data: { device: 'cam-1', what: 'revoked', state: 'raised', since: '2026-11-21T08:00:00.000Z', by: 'Chief 2' },
    },
  ]);
});
