/** Credentials in wrong hands: real clients at a real port, the crew behind it, and what the command room is told. */
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { crewSchema } from '../config/crew.ts';
import { QUIET_MS } from './credential-watch.ts';
import { hashSecret } from './credentials.ts';
import { CrewService } from './crew-service.ts';
import { openCrewRig, type CrewRig } from './crew.fixtures.ts';
import type { OpenEquipment } from '../contracts/crew.ts';
import { addDevice, revokeDevice } from '../store/devices.ts';
import { crewDevice, listeningPort, runEquipment } from '../../simulators/conformance/equipment.ts';
import { MESSAGES, writeCode, writePacket } from '../../adapters/crew/jt808/codec.ts';
import { openJt808 } from '../../adapters/crew/jt808/equipment.ts';
import { connackCode, device, OFFICER, rawClient } from '../../simulators/conformance/broker.ts';
import { openBroker } from '../../adapters/crew/broker/equipment.ts';
import { testContext } from '../../simulators/conformance/context.ts';

const PHONE = '13800000001';
const CAR = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [PHONE] });
const BY = { by: 'Chief 1', now: 1 };
const hash = await hashSecret(`secret of ${OFFICER.id}`);

let rig: CrewRig;
let crew: CrewService;
beforeEach(() => {
  rig = openCrewRig();
  addDevice(rig.db, { ...OFFICER, hash }, BY);
  addDevice(rig.db, CAR, BY);
});

/** Runs `open` behind a crew; gives its port. */
async function start(open: OpenEquipment): Promise<number> {
  const context = testContext('crew');
  const equipment = open({ listen: { host: '127.0.0.1', port: 0 } }, context);
  const config = crewSchema.parse({ equipment: [{ id: 'crew', kind: 'broker' }] });
  const parts = [{ id: 'crew', equipment }];
  crew = new CrewService({
    db: rig.db,
    outbox: rig.outbox(),
    clock: rig.clock,
    config,
    equipment: parts,
    log: SILENT_LOG,
  });
  const { ended, abort } = runEquipment(equipment, crew.hostFor(equipment));
  onTestFinished(async () => {
    abort();
    await ended;
    rig.close();
  });
  return listeningPort(context);
}

/** What the room hears of credentials, after a turn. */
function told(): unknown[] {
  crew.turn();
  return rig.send().flatMap(({ type, data }) => {
    const isMisuse = type === 'io.sitebox.device.v2' && 'times' in (data as object);
    return isMisuse ? [data] : [];
  });
}
const alarms = () => crew.status.problems!().map(({ what }) => what);

it('S5: two clients with one credential are told to the room, and are an alarm until it has been quiet', async () => {
  const port = await start(openBroker);
  const one = await device(port);
  const two = await device(port);
  await one.closed;
  // Once in a while it is the device itself, over another network.
  expect(told()).toEqual([]);
  rig.pass(61_000);
  let before = two;
  for (let i = 0; i < 3; i++) {
    const next = await device(port);
    await before.closed;
    before = next;
  }
  const what = { device: OFFICER.id, what: 'two clients' };
  expect(told()).toMatchObject([{ ...what, state: 'raised', times: 4, addresses: ['127.0.0.1'] }]);
  expect(alarms()).toEqual([`two clients use the credential of ${OFFICER.id} (127.0.0.1)`]);
  for (let i = 0; i < 10; i++) {
    const next = await device(port);
    await before.closed;
    before = next;
    rig.pass(30_000);
    expect(told()).toEqual([]);
  }
  rig.pass(QUIET_MS);
  expect(told()).toMatchObject([{ ...what, state: 'cleared', times: 14 }]);
  expect(alarms()).toEqual([]);
});

it('S5: a revoked device that knocks is told with its address; a stranger, and one wrong password, are not', async () => {
  const port = await start(openBroker);
  expect(await connackCode(port, { clientId: 'nobody' })).toBe(4);
  expect(await connackCode(port, { password: 'wrong' })).toBe(4);
  expect([told(), alarms()]).toEqual([[], []]);
  revokeDevice(rig.db, OFFICER.id, BY);
  crew.turn();
  for (let i = 0; i < 5; i++) expect(await connackCode(port)).toBe(4);
  const what = { device: OFFICER.id, what: 'revoked device login' };
  expect(told()).toMatchObject([{ ...what, state: 'raised', times: 5, addresses: ['127.0.0.1'] }]);
  expect(alarms()).toEqual([`login of a revoked device: ${OFFICER.id} (127.0.0.1)`]);
  for (let i = 0; i < 5; i++) expect(await connackCode(port)).toBe(4);
  expect(told()).toEqual([]);
  const [now, total] = crew.status.readings!();
  expect(now!.read()).toContainEqual([['revoked device login'], 1]);
  expect(total!.read()).toContainEqual([['revoked device login'], 10]);
});

it('S5: a wrong password again and again is told', async () => {
  const port = await start(openBroker);
  for (let i = 0; i < 5; i++) expect(await connackCode(port, { password: 'wrong' })).toBe(4);
  expect(told()).toMatchObject([{ device: OFFICER.id, what: 'wrong password', state: 'raised', times: 5 }]);
});

it('S5: two terminals with one number push each other out, and a revoked one knocks', async () => {
  const port = await start(openJt808);
  const login = (): Buffer => {
    const body = writeCode(2013, crew.hostFor({ run: () => Promise.resolve() }).authCode(CAR.id));
    return Buffer.from(
      writePacket({ message: MESSAGES.authenticate, layout: 2013, version: 0, phone: PHONE, serial: 1, body }),
    );
  };
  const packet = login();
  const dial = async () => {
    const client = await rawClient(port);
    const answered = new Promise((resolve) => client.socket.once('data', resolve));
    client.send(packet);
    await answered;
    return client;
  };
  let before = await dial();
  for (let i = 0; i < 3; i++) {
    const next = await dial();
    await before.closed;
    before = next;
  }
  expect(told()).toMatchObject([{ device: CAR.id, what: 'two clients', state: 'raised', times: 3 }]);
  revokeDevice(rig.db, CAR.id, BY);
  crew.turn();
  const late = await dial();
  expect(told()).toMatchObject([{ device: CAR.id, what: 'revoked device login', addresses: ['127.0.0.1'] }]);
  late.close();
});
