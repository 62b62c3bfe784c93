/** What was promised to a device is there after a kill, and nothing is there by halves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDb } from '../store/db.ts';
import { untoldEnds, untoldEndsOf } from '../store/alerts.ts';
import { recordHit } from '../store/hits.ts';
import { openCrewRig, PLATE_HIT, type CrewRig } from './crew.fixtures.ts';

let rig: CrewRig;
beforeEach(() => (rig = openCrewRig()));
afterEach(() => rig.close());

const url = (path: string): string => new URL(path, import.meta.url).href;
/** Calls for help and answers to orders as fast as they go; each is printed when the call returns, as a PUBACK would be sent. */
const PROGRAM = `
  import { writeSync } from 'node:fs';
  import { openClock } from '${url('../clock/clock.ts')}';
  import { openDb } from '${url('../store/db.ts')}';
  import { timeKeeper } from '${url('../store/time.ts')}';
  import { OutboxWriter } from '${url('../store/outbox/outbox.ts')}';
  import { openOrders } from '${url('./orders.ts')}';
  import { openRegistry } from '${url('./registry.ts')}';
  import { openSosRecords } from '${url('./sos-records.ts')}';
  const db = openDb(process.argv[1]);
  const clock = openClock(timeKeeper(db));
  const limits = { rows: 1e6, bytes: 1e9 };
  const outbox = new OutboxWriter(db, { source: '/s', relays: ['room'], limits, now: () => clock.now(), wake() {} });
  const registry = openRegistry({ db, log: undefined });
  const orders = openOrders({ db, outbox, registry });
  const records = openSosRecords({ db, outbox, clock });
  for (let i = 0; ; i++) {
    const at = Date.now();
    const { id } = records.report({ device: 'cam-1', sos: 'n' + i, state: i % 2 ? 'raised' : 'cancelled', at }, registry.device('cam-1'));
    records.acknowledge(id, 'Room 1');
    orders.create({ text: 'come', to: ['cam-1'] }, { id: 'O-' + i, by: 'Room 1', origin: 'room' }, []);
    orders.recordAnswer({ device: 'cam-1', order: 'O-' + i, state: 'done', at });
    writeSync(1, id + ' ' + i + '\\n');
  }
`;

it('each call, order and answer is whole: row, audit and event', async () => {
  rig.add({ id: 'cam-1' });
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', rig.folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const promised: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    promised.push(line);
    if (promised.length === 40) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  const db = openDb(rig.folder);
  const count = (sql: string, ...args: unknown[]) =>
    (db
      .prepare(sql)
      .pluck()
      .get(...args) ?? 0) as number;
  for (const line of promised) {
    const [id, i] = line.split(' ');
    expect(count('SELECT count(*) FROM sos WHERE id = ? AND acknowledgedMs > 0', id)).toBe(1);
    expect(count('SELECT count(*) FROM outbox WHERE stream = ?', `sos:${id}`)).toBe(2);
    expect(count(`SELECT count(*) FROM orderTargets WHERE orderId = ? AND state = 'done'`, `O-${i}`)).toBe(1);
    expect(count('SELECT count(*) FROM outbox WHERE stream = ?', `order:O-${i}`)).toBe(2);
  }
  const audited = (what: string) => count('SELECT count(*) FROM audit WHERE what = ?', what);
  const [calls, seen] = [count('SELECT count(*) FROM sos'), count('SELECT count(*) FROM sos WHERE acknowledgedMs > 0')];
  expect([audited('sos raised') + audited('sos cancelled'), audited('sos acknowledged')]).toEqual([calls, seen]);
  const [orders, ended] = [count('SELECT count(*) FROM orders'), audited('order done')];
  expect(audited('order created')).toBe(orders);
  expect(count('SELECT count(*) FROM outbox')).toBe(calls + seen + orders + ended);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
  rig.audit(); // The chain is whole.
});

/** Alerts cam-1, ends the alert, and is killed as the end is about to be sent. */
const END = `
  import { openClock } from '${url('../clock/clock.ts')}';
  import { SILENT_LOG } from '${url('../contracts/base.ts')}';
  import { crewSchema } from '${url('../config/crew.ts')}';
  import { openDb } from '${url('../store/db.ts')}';
  import { getHit } from '${url('../store/hits.ts')}';
  import { timeKeeper } from '${url('../store/time.ts')}';
  import { OutboxWriter } from '${url('../store/outbox/outbox.ts')}';
  import { CrewService } from '${url('./crew-service.ts')}';
  const db = openDb(process.argv[1]);
  const clock = openClock(timeKeeper(db));
  const limits = { rows: 1e6, bytes: 1e9 };
  const outbox = new OutboxWriter(db, { source: '/s', relays: ['room'], limits, now: () => clock.now(), wake() {} });
  const config = crewSchema.parse({ equipment: [{ id: 'b', kind: 'broker' }], alerts: [{ roles: ['officer'] }] });
  const equipment = {
    run: () => Promise.resolve(),
    deliver: (device, message) => !message.cancelled || process.kill(process.pid, 'SIGKILL'),
  };
  const crew = new CrewService({ db, outbox, clock, config, equipment: [{ id: 'b', equipment }], log: SILENT_LOG });
  crew.hostFor(equipment).presence('cam-1', true);
  crew.alert(getHit(db, 'HIT-1'), 'confirmed');
  crew.standDown('HIT-1', 'dismissed');
`;

it('the end of an alert is whole where the box is killed between the commit and the sending', async () => {
  rig.add({ id: 'cam-1' });
  recordHit(rig.db, { hit: PLATE_HIT, evidence: [], windowMs: 0 }, rig.outbox());
  rig.send();
  const child = spawn(process.execPath, ['--input-type=module', '-e', END, '--', rig.folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  // No one has told the device, and the box knows that after a start.
  const { db } = rig;
  expect(untoldEnds(db, 9)).toMatchObject([{ hit: 'HIT-1', device: 'cam-1' }]);
  expect(untoldEndsOf(db, 'cam-1', 9)).toHaveLength(1);
  expect(rig.send().at(-1)).toMatchObject({ type: 'io.sitebox.alert.v1', data: { notTold: ['cam-1'] } });
  rig.audit(); // The chain is whole.
});
