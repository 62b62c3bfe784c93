/** `sitebox order`, `sos` and `mode` on a real store, beside the parts of a running gateway. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../../contracts/base.ts';
import { openClock } from '../../clock/clock.ts';
import { currentMode } from '../../crew/modes.ts';
import { openOrders } from '../../crew/orders.ts';
import { openRegistry } from '../../crew/registry.ts';
import { openSosRecords } from '../../crew/sos-records.ts';
import type { Db } from '../../store/db.ts';
import { timeKeeper } from '../../store/time.ts';
import { appendTracks } from '../../store/tracks.ts';
import { CREW, openCliRig, type CliRig } from './crew.fixtures.ts';

let rig: CliRig;
let db: Db;
let sitebox: CliRig['sitebox'];
beforeEach(() => {
  rig = openCliRig();
  ({ db, sitebox } = rig);
});
afterEach(() => rig.close());

it('S4: what a person, a device or the room writes cannot steer the terminal', async () => {
  rig.register('cam-1');
  const evil = 'Chief\u202e 1\u001b[31m';
  const sent = await sitebox('order', 'send', '--text', `go\u200b \u009b2Jeast`, '--by', evil, '--to', 'cam-1');
  expect(sent).toMatchObject({ code: 0 });
  const id = /^order (\w{26})/.exec(sent.out)![1]!;
  // Written by an older box, before what comes in was cleaned.
  db.prepare('UPDATE orderTargets SET reason = ?').run('no\u001b[2J\u2066');
  const shown = await sitebox('order', 'show', id);
  const listed = await sitebox('order', 'list');
  const unseen = /[^\P{C}\n]/u;
  for (const { out, err } of [sent, shown, listed]) expect(out + err).not.toMatch(unseen);
  expect(shown.out).toContain('Chief 1 [31m');
  expect(shown.out).toContain('"no\\u001b[2J\\u2066"');
  expect(rig.audit().join()).not.toMatch(unseen);
});

describe('order', () => {
  const given = ['--text', 'close the path', '--by', 'Chief 1'];

  it('send reaches the devices through the gateway beside it, and show has what became of it', async () => {
    rig.register('cam-1', 'cam-2');
    const registry = openRegistry({ db, log: SILENT_LOG });
    const orders = openOrders({ db, outbox: rig.outbox, registry });
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
    orders.markSent('cam-1', id);
    orders.recordAnswer({ device: 'cam-1', order: id, state: 'refused', at: Date.now(), reason: 'hurt' });
    const shown = await sitebox('order', 'show', id);
    expect(shown.out).toMatch(
      /^\w{26} {2}20\S+Z {2}from Chief 1 \(box\)\n {2}close the path\n {2}at -33.1, 120.5 gate\n/,
    );
    expect(shown.out).toMatch(/ {2}cam-1 {2}refused {2}sent 20\S+Z {2}ended 20\S+Z {2}"hurt"\n {2}cam-2 {2}waiting\n$/);
    expect((await sitebox('order', 'list')).out).toMatch(/1 refused, 1 waiting\n$/);
    expect(rig.events()[0]).toMatchObject({ type: 'io.sitebox.order.v1' });
    expect(rig.events()[0]!.data).toMatchObject({ id, origin: 'box', by: 'Chief 1' });
    expect(rig.audit().slice(2)).toEqual(['Chief 1: order created', 'cam-1: order refused']);
  });

  it('send goes to the nearest by the tracks on disk, names those whose track has ended, and that they were read is audited', async () => {
    rig.register('cam-1', 'cam-2', 'cam-3');
    const now = Date.now();
    const at = (device: string, lat: number, ageMs: number, trusted = true) => {
      return { device, at: now - ageMs, lat, lon: 120, trusted };
    };
    const far = at('cam-1', 30.02, 1000);
    appendTracks(db, [at('cam-1', 30, 60_000), far, at('cam-2', 30.01, 10_000), at('cam-3', 30, 300_000)]);
    const nearest = ['--nearest', '1', '--lat', '30', '--lon', '120'];
    const sent = await sitebox('order', 'send', ...given, ...nearest);
    expect(sent.out).toMatch(/^order \w{26} for cam-2\nleft out, last position too old: cam-3\n$/);
    expect(rig.audit().slice(3)).toEqual(['Chief 1: positions read', 'Chief 1: order created']);
    appendTracks(db, [at('cam-2', 30.01, 0, false)]);
    expect((await sitebox('order', 'send', ...given, ...nearest)).out).toContain(' for cam-1\n');

    rig.configure({ crew: { ...CREW, keepTracksH: 0 } });
    const blind = await sitebox('order', 'send', ...given, ...nearest);
    expect(blind).toMatchObject({ code: 1, err: expect.stringContaining('name the devices with --to') as string });
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
    expect(rig.events()).toEqual([]);
  });

  it('send says so where the outbox is full', async () => {
    rig.register('cam-1');
    rig.configure({ limits: { outboxRows: 100 } });
    const orders = openOrders({ db, outbox: rig.outbox, registry: openRegistry({ db, log: SILENT_LOG }) });
    for (let i = 0; i < 100; i++) {
      orders.create({ text: 'x', to: ['cam-1'] }, { id: `O-${i}`, by: 'Room 1', origin: 'room' }, []);
    }
    expect(await sitebox('order', 'send', ...given, '--to', 'cam-1')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^Nothing was changed: the outbox of relay room is full/) as string,
    });
  });
});

describe('sos', () => {
  it('list shows what nobody has seen, and acknowledge ends the reminders', async () => {
    rig.register('cam-1');
    const desk = openSosRecords({ db, outbox: rig.outbox, clock: openClock(timeKeeper(db)) });
    const device = openRegistry({ db, log: SILENT_LOG }).device('cam-1')!;
    const position = { lat: 30.25, lon: 120.125, trusted: true };
    const { id } = desk.report({ device: 'cam-1', sos: 'a', state: 'raised', at: Date.now(), position }, device);
    const listed = await sitebox('sos', 'list', '--by', 'Chief 1');
    expect(listed.out).toMatch(
      /cam-1 \(officer, bodycam\) {2}at 30.25000, 120.12500 \(own, \d+ s ago\) {2}NOT SEEN\n$/,
    );
    const seen = await sitebox('sos', 'acknowledge', id, '--by', 'Chief 1');
    expect(seen).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/seen 20\S+Z by Chief 1 \(box\)\n$/) as string,
    });
    expect(desk.open(), 'D2').toMatchObject([{ id, acknowledged: { by: 'Chief 1', from: 'box' } }]);
    expect(await sitebox('sos', 'acknowledge', 'none', '--by', 'C')).toMatchObject({ code: 1, out: '' });
    expect(rig.audit().slice(1)).toEqual([
      'cam-1: sos raised',
      'Chief 1: calls for help read',
      'Chief 1: sos acknowledged',
    ]);
  });
});

describe('mode', () => {
  it('set holds for the gateway beside it until it ends, and show says who answers for it', async () => {
    expect((await sitebox('mode', 'show')).out).toBe('normal  by box (box): as installed\n');
    const why = ['--by', 'Chief 1', '--reason', 'landslide'];
    const set = await sitebox('mode', 'set', 'emergency', ...why, '--hours', '2');
    expect(set).toMatchObject({ code: 0, err: '' });
    expect(set.out).toMatch(/^emergency {2}since 20\S+Z {2}until 20\S+Z {2}by Chief 1 \(box\): landslide\n$/);
    expect((await sitebox('mode', 'show')).out).toBe(set.out);
    expect(currentMode(db, Date.now())).toMatchObject({ mode: 'emergency', by: 'Chief 1', origin: 'box' });
    expect(currentMode(db, Date.now() + 2 * 3_600_000).mode).toBe('normal');
    expect(rig.events().map((e) => e.type)).toEqual(['io.sitebox.mode.v1']);
    expect((await sitebox('mode', 'set', 'normal', ...why)).code).toBe(0);
    expect(rig.audit()).toEqual(['Chief 1: mode set', 'Chief 1: mode set']);
    for (const args of [
      ['emergency', ...why],
      ['emergency', ...why, '--hours', '73'],
      ['normal', ...why, '--hours', '1'],
      ['quiet', ...why],
      ['emergency', '--by', 'Chief 1', '--hours', '2'],
    ]) {
      expect([args, (await sitebox('mode', 'set', ...args)).code]).toEqual([args, 64]);
    }
  });
});
