/** The end of an alert over a real broker and TCP: three devices are alerted, one is away, and the box is started anew before it comes. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBroker } from '../../adapters/crew/broker/equipment.ts';
import { crewSchema } from '../../gateway/config/crew.ts';
import { openCrewRig, PLATE_HIT, type CrewRig } from '../../gateway/crew/crew.fixtures.ts';
import { hashSecret } from '../../gateway/crew/credentials.ts';
import { CrewService } from '../../gateway/crew/crew-service.ts';
import { addDevice } from '../../gateway/store/devices.ts';
import { recordHit } from '../../gateway/store/hits.ts';
import { Supervisor } from '../../gateway/supervise.ts';
import { testContext } from '../conformance/context.ts';
import { startFleet, type Fleet, type FleetDevice } from '../devices/crew/fleet.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const CAMS = ['cam-1', 'cam-2', 'cam-3'];
const SECRET = 'the same for all';
const HIT = PLATE_HIT.id;

let rig: CrewRig;
let undo: (() => unknown)[];
let fleet: Fleet;
let box: Box;

type Box = ReturnType<typeof startBox>;

/** The crew's part of a box on the store of the rig, with its broker. */
function startBox(port: number) {
  const context = testContext('broker');
  const equipment = openBroker({ listen: { host: '127.0.0.1', port } }, context);
  const config = crewSchema.parse({ equipment: [{ id: 'broker', kind: 'broker' }], alerts: [{ roles: ['officer'] }] });
  const { db, clock } = rig;
  const parts = [{ id: 'broker', equipment }];
  const crew = new CrewService({ db, clock, outbox: rig.outbox(), config, equipment: parts, log: context.log });
  const stop = new AbortController();
  const running = crew.run(new Supervisor(context.log), stop.signal);
  return {
    crew,
    port: () => Number(/"port":(\d+)/.exec(context.said())?.[1]),
    async stop() {
      stop.abort();
      await running;
    },
  };
}

const cam = (n: 1 | 2 | 3): FleetDevice => fleet.device(`cam-${n}`);
const screens = () =>
  CAMS.map((id) =>
    fleet
      .device(id)
      .alerts()
      .map(({ cancelled, confirmed }) => ({ cancelled, confirmed })),
  );
const ALERTED = [{ cancelled: undefined, confirmed: true }];
const ENDED = [{ cancelled: true, confirmed: false }];
const away = (n: 1 | 2 | 3) => expect.poll(() => cam(n).isConnected(), PATIENCE).toBe(false);

beforeEach(async () => {
  rig = openCrewRig();
  undo = [() => rig.close()];
  const hash = await hashSecret(SECRET);
  for (const id of CAMS)
    addDevice(
      rig.db,
      { id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [], hash },
      { by: 'x', now: 0 },
    );
  recordHit(rig.db, { hit: PLATE_HIT, evidence: [], windowMs: 0 }, rig.outbox());
  box = startBox(0);
  undo.push(() => box.stop());
  await expect.poll(() => box.port(), PATIENCE).toBeGreaterThan(0);
  const devices = CAMS.map((id) => ({ id, protocol: 'bodycam', credential: SECRET }) as const);
  fleet = await startFleet({ seed: 1, broker: { url: `mqtt://127.0.0.1:${box.port()}` }, devices });
  undo.push(() => fleet.close());
  await Promise.all(CAMS.map((id) => fleet.device(id).event((e) => e.what === 'connected')));
});
afterEach(async () => {
  for (const step of undo.reverse()) await step();
});

test('two hear it at once, the third first of all when it comes, after a restart; then no one is named', async () => {
  await expect
    .poll(() => (box.crew.alert(PLATE_HIT, 'confirmed'), screens()), PATIENCE)
    .toEqual(Array(3).fill(ALERTED));
  await cam(3).disconnect();
  await away(3);
  box.crew.standDown(HIT, 'dismissed');
  await expect.poll(screens, PATIENCE).toEqual([ENDED, ENDED, ALERTED]);
  const port = box.port();
  await box.stop();
  box = startBox(port);
  rig.pass(5_000);
  const named = () => (box.crew.turn(), box.crew.status.problems!().map(({ what }) => what));
  await expect.poll(named, PATIENCE).toEqual([expect.stringMatching(/not got the end: cam-3$/)]);
  const before = cam(3).received().length;
  cam(3).connect();
  await expect.poll(screens, PATIENCE).toEqual(Array(3).fill(ENDED));
  expect(cam(3).received()[before]!.alert).toMatchObject({ hit: HIT, cancelled: true });
  await expect.poll(named, PATIENCE).toEqual([]);
  const events = rig.send().filter(({ type }) => type === 'io.sitebox.alert.v1');
  expect(events.at(-1)!.data).toMatchObject({ told: CAMS, notTold: [] });
});

test('a device that was away from the beginning never shows an alert that has ended', async () => {
  await cam(3).disconnect();
  await away(3);
  await expect
    .poll(() => (box.crew.alert(PLATE_HIT, 'one-opinion'), screens()), PATIENCE)
    .toEqual([...Array<object>(2).fill([{ cancelled: undefined, confirmed: false }]), []]);
  box.crew.standDown(HIT, 'outcome');
  const before = cam(3).received().length;
  cam(3).connect();
  // The interval comes after all else that a device has missed.
  await expect.poll(() => cam(3).received().slice(before), PATIENCE).toMatchObject([{ interval: 30 }]);
  await expect.poll(screens, PATIENCE).toEqual([ENDED, ENDED, []]);
});
