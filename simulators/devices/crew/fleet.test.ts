/** Each kind of simulated device against the box's own end of its protocol, over real sockets, and each fault as the box meets it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../conformance/source.ts';
import { openBroker } from '../../../adapters/crew/broker/equipment.ts';
import { crewDevice, listeningPort, openTestHost, runEquipment, type TestHost } from '../../conformance/equipment.ts';
import { openJt808 } from '../../../adapters/crew/jt808/equipment.ts';
import { openMavlink } from '../../../adapters/crew/mavlink/equipment.ts';
import { openNmea } from '../../../adapters/crew/nmea/equipment.ts';
import { distanceM } from '../../../gateway/crew/nearest.ts';
import type { CrewDevice, Equipment, OpenEquipment } from '../../../gateway/contracts/crew.ts';
import { startFleet, type DeviceSpec, type Fleet, type FleetDevice, type FleetOptions } from './fleet.ts';
import { testContext } from '../../conformance/context.ts';

const BASE = { lat: 30.2741, lon: 120.1551 };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = { host: '127.0.0.1', port: 0 };

async function runBox(open: OpenEquipment, config: object, devices: readonly CrewDevice[]) {
  const context = testContext('box');
  const desk = openTestHost(devices);
  const equipment = open(config, context);
  const run = runEquipment(equipment, desk);
  closers.push(async () => {
    run.abort();
    await run.ended;
  });
  return { desk, equipment, port: 'port' in config ? 0 : await listeningPort(context) };
}

async function start(options: Partial<FleetOptions> & Pick<FleetOptions, 'devices'>): Promise<Fleet> {
  const fleet = await startFleet({ seed: 1, base: BASE, intervalS: 0.05, repeatS: 0.1, ...options });
  closers.push(() => fleet.close());
  return fleet;
}

const connected = (device: FleetDevice | undefined) => device!.event((e) => e.what === 'connected');
const until = (check: () => void): Promise<void> => vi.waitFor(check, PATIENCE);
const positionsOf = (desk: TestHost) => desk.reports.flatMap((r) => (r.position ? [r.position] : []));

describe('body-cams', () => {
  const [cam, car] = [crewDevice('cam-1'), crewDevice('car-1', { kind: 'vehicle' })];
  const spec = (device: CrewDevice, more: Partial<DeviceSpec> = {}): DeviceSpec => ({
    id: device.id,
    protocol: 'bodycam',
    kind: device.kind,
    credential: `secret of ${device.id}`,
    ...more,
  });
  const fleetOf = async (devices: readonly DeviceSpec[], more: Partial<FleetOptions> = {}, config: object = {}) => {
    const box = await runBox(openBroker, { listen, ...config }, [cam, car]);
    const fleet = await start({ devices, broker: { url: `mqtt://127.0.0.1:${box.port}` }, ...more });
    return { ...box, fleet };
  };
  const tell = (box: Equipment, id: string, text: string) =>
    box.deliver!(cam.id, { kind: 'order', id, text, at: Date.now() });

  it('report where they walk and drive, with battery and recording', async () => {
    const { desk, fleet } = await fleetOf([spec(cam), spec(car)]);
    fleet.device('cam-1').set({ batteryPercent: 7, recording: 'off' });
    await until(() => {
      for (const { id } of [cam, car]) expect(desk.reports.filter((r) => r.device === id).length).toBeGreaterThan(3);
    });
    const last = desk.reports.findLast((r) => r.device === 'cam-1')!;
    expect(last).toMatchObject({ batteryPercent: 7, recording: 'off', charging: false });
    expect(Math.abs(last.clockOffsetMs!)).toBeLessThan(60_000);
    expect(distanceM(last.position!, fleet.device('cam-1').position())).toBeLessThan(50);
    expect(desk.refusals).toEqual([]);
    expect(fleet.counts()).toMatchObject({ online: 2, connected: 2, refused: 0 });
  });

  it('read an order and do it, or refuse it with a reason; a message that comes again is no second order', async () => {
    const orders = { readAfterS: 0, doneAfterS: 0 };
    const refusing = spec(car, { orders: { ...orders, refuseShare: 1 } });
    const { desk, equipment, fleet } = await fleetOf([spec(cam, { orders }), refusing]);
    const device = fleet.device('cam-1');
    await connected(fleet.device('car-1'));
    await until(() => expect(tell(equipment, 'order-1', 'go to the gate')).toBe(true));
    tell(equipment, 'order-1', 'go to the gate');
    await device.event((e) => e.what === 'answered' && e.state === 'done');
    await until(() => expect(desk.deliveries.filter(([, id]) => id === 'order-1').length).toBeGreaterThan(1));
    expect(desk.answers.map((a) => a.state)).toEqual(['read', 'done']);
    expect(device.received().map((c) => c.order?.text)).toEqual(['go to the gate']);

    expect(equipment.deliver!(car.id, { kind: 'order', id: 'order-2', text: 'go', at: Date.now() })).toBe(true);
    await fleet.device('car-1').event((e) => e.what === 'answered' && e.state === 'refused');
    await until(() => expect(desk.answers.at(-1)).toMatchObject({ order: 'order-2', state: 'refused' }));
    expect(desk.answers.at(-1)!.reason).toMatch(/\w/);
  });

  it('ask for the interval that they are told', async () => {
    const { desk, equipment, fleet } = await fleetOf([spec(cam)], { intervalS: 600 });
    await connected(fleet.devices[0]);
    await until(() => expect(equipment.deliver!(cam.id, { kind: 'interval', id: 'i-1', seconds: 1 })).toBe(true));
    await until(() => expect(desk.reports.at(-1)?.intervalS).toBe(1));
  });

  it('call again until they are acknowledged, also by the same name; the withdrawal is acknowledged too', async () => {
    const { desk, equipment, fleet } = await fleetOf([spec(cam, { faults: ['lost acknowledgements'] })]);
    const device = fleet.device('cam-1');
    await connected(device);
    const acknowledge = (id: string, sos: string) => equipment.deliver!(cam.id, { kind: 'acknowledged', id, sos });
    const sos = device.sos();
    await until(() => expect(acknowledge('a-1', sos)).toBe(true));
    const before = desk.calls.length;
    await until(() => expect(desk.calls.length).toBeGreaterThan(before + 1));
    device.fault('lost acknowledgements', false);
    acknowledge('a-2', sos);
    await device.event((e) => e.what === 'acknowledged' && e.sos === sos);
    device.cancel();
    await until(() => expect(desk.calls.at(-1)?.state).toBe('cancelled'));
    expect(new Set(desk.calls.map((c) => c.sos))).toEqual(new Set([sos]));
    expect(desk.calls[0]!.position).toBeDefined();
  });

  it('repeat a number, show another hour, jump to another province, fail to record', async () => {
    const faults = ['repeats', 'clock off', 'jumps', 'recording'] as const;
    const { desk } = await fleetOf([spec(cam, { faults })]);
    await until(() => expect(desk.reports.length).toBeGreaterThan(8));
    const numbers = desk.reports.map((r) => r.sequence);
    expect(numbers.slice(0, 4)).toEqual([1, 1, 2, 2]);
    expect(Math.round(desk.reports[0]!.clockOffsetMs! / 3_600_000)).toBe(8);
    expect(desk.reports[0]!.recording).toBe('fault');
    const far = positionsOf(desk).filter((p) => distanceM(p, BASE) > 100_000);
    expect(far.length).toBeGreaterThan(0);
    expect(far.length).toBeLessThan(desk.reports.length / 2);
  });

  it('log in with a wrong password: refused, again and again, until it is right', async () => {
    const { desk, fleet } = await fleetOf([spec(cam, { faults: ['wrong credential'] })]);
    const device = fleet.device('cam-1');
    await device.event((e) => e.what === 'refused');
    expect(desk.reports).toEqual([]);
    device.fault('wrong credential', false);
    await connected(device);
    await until(() => expect(desk.reports.length).toBeGreaterThan(0));
  });

  it('flood, which the broker slows down', async () => {
    const limits = { packetsPerS: 50 };
    const { desk } = await fleetOf([spec(cam, { faults: ['flood'] })], { floodPerS: 500 }, { limits });
    await until(() => expect(desk.refusals).toContainEqual(['too fast', 'cam-1']));
  });

  it('fall silent without closing: no report and no receipt comes any more, and nobody says that they went', async () => {
    const { desk, equipment, fleet } = await fleetOf([spec(cam), spec(car)]);
    const device = fleet.device('cam-1');
    await until(() => expect(desk.reports.some((r) => r.device === 'cam-1')).toBe(true));
    await until(() => expect(desk.presences).toContainEqual(['cam-1', true]));
    device.fault('dead', true);
    const before = desk.reports.filter((r) => r.device === 'cam-1').length;
    expect(tell(equipment, 'order-1', 'go')).toBe(true);
    const others = (): number => desk.reports.filter((r) => r.device === 'car-1').length;
    const soFar = others();
    await until(() => expect(others()).toBeGreaterThan(soFar + 5));
    // What was on its way when it died may still come.
    expect(desk.reports.filter((r) => r.device === 'cam-1').length).toBeLessThanOrEqual(before + 1);
    expect(desk.deliveries).toEqual([]);
    expect(desk.presences.filter(([id]) => id === 'cam-1')).toEqual([['cam-1', true]]);
    device.fault('dead', false);
    await until(() => expect(desk.presences.at(-1)).toEqual(['cam-1', true]));
    await device.disconnect();
    await until(() => expect(desk.presences.at(-1)).toEqual(['cam-1', false, true]));
  });
});

describe('DJI', () => {
  const drone = crewDevice('drone-1', { kind: 'drone', protocol: 'dji', serials: ['RC0001', 'UAV0001'] });
  const spec: DeviceSpec = {
    id: drone.id,
    protocol: 'dji',
    kind: 'drone',
    serials: drone.serials,
    credential: 'secret of drone-1',
  };

  it('are there once the box has answered, and report what of the aircraft has changed', async () => {
    const { desk, port } = await runBox(openBroker, { listen }, [drone]);
    const fleet = await start({ devices: [spec], broker: { url: `mqtt://127.0.0.1:${port}` } });
    const device = fleet.device(drone.id);
    await connected(device);
    await until(() => expect(desk.reports.length).toBeGreaterThan(6));
    expect(desk.reports.map((r) => r.flight)).toContain('flying');
    expect(desk.reports.some((r) => r.batteryPercent !== undefined && r.position === undefined)).toBe(true);
    expect(distanceM(positionsOf(desk).at(-1)!, device.position())).toBeLessThan(50);
    expect(desk.refusals).toEqual([]);
    expect(() => device.sos()).toThrow(/drone-1: dji has no call for help/);
    await device.disconnect();
    await until(() => expect(desk.presences.at(-1)).toEqual([drone.id, false, true]));
  });

  it('without serials is refused by name', async () => {
    const fleet = startFleet({
      seed: 1,
      devices: [{ id: 'd', protocol: 'dji' }],
      broker: { url: 'mqtt://127.0.0.1:1' },
    });
    await expect(fleet).rejects.toThrow(/d: dji needs the serials/);
  });
});

describe('JT/T 808 terminals', () => {
  const truck = crewDevice('truck-1', { kind: 'vehicle', protocol: 'jt808', serials: ['13800000001', 'T000042'] });
  const fleetOf = async (...faults: NonNullable<DeviceSpec['faults']>) => {
    const box = await runBox(openJt808, { listen }, [truck]);
    const spec: DeviceSpec = { id: truck.id, protocol: 'jt808', kind: 'vehicle', serials: truck.serials, faults };
    const fleet = await start({ devices: [spec], jt808: { host: '127.0.0.1', port: box.port } });
    return { ...box, device: fleet.device(truck.id) };
  };

  it('register, authenticate, report and call for help until they are answered, with one name', async () => {
    const { desk, device } = await fleetOf('lost acknowledgements');
    await connected(device);
    const sos = device.sos();
    await until(() => expect(desk.calls.length).toBeGreaterThan(3));
    device.fault('lost acknowledgements', false);
    await device.event((e) => e.what === 'acknowledged' && e.sos === sos);
    expect(new Set(desk.calls.map((c) => c.sos)).size).toBe(1);
    expect(distanceM(positionsOf(desk).at(-1)!, device.position())).toBeLessThan(50);
    const calls = desk.calls.length;
    const reports = desk.reports.length;
    await until(() => expect(desk.reports.length).toBeGreaterThan(reports + 3));
    expect(desk.calls.length).toBe(calls);
    expect(desk.refusals).toEqual([]);
  });

  it('are understood with packets cut and joined', async () => {
    const { desk, device } = await fleetOf('cut', 'joined');
    await connected(device);
    await until(() => expect(positionsOf(desk).length).toBeGreaterThan(5));
    expect(desk.refusals).toEqual([]);
  });

  it('with wrong checksums report no position', async () => {
    const { desk, device } = await fleetOf();
    await connected(device);
    await until(() => expect(positionsOf(desk).length).toBeGreaterThan(0));
    device.fault('wrong checksum', true);
    await until(() => expect(desk.refusals.length).toBeGreaterThan(1));
    const before = positionsOf(desk).length;
    const damaged = desk.refusals.length;
    await until(() => expect(desk.refusals.length).toBeGreaterThan(damaged + 2));
    expect(positionsOf(desk).length).toBe(before);
    expect(new Set(desk.refusals.map(([why]) => why))).toEqual(new Set(['malformed']));
  });

  it('with another code are refused until it is right', async () => {
    const { desk, device } = await fleetOf('wrong credential');
    await device.event((e) => e.what === 'refused');
    expect(desk.reports).toEqual([]);
    device.fault('wrong credential', false);
    await connected(device);
  });
});

describe('MAVLink', () => {
  const kite = crewDevice('kite', { kind: 'drone', protocol: 'mavlink', serials: ['7'] });
  it('reports position and battery; another system id or a wrong checksum is refused', async () => {
    const { desk, port } = await runBox(openMavlink, { listen, allow: ['127.0.0.1'] }, [kite]);
    const spec: DeviceSpec = { id: 'kite', protocol: 'mavlink', kind: 'drone', serials: ['7'] };
    const fleet = await start({ devices: [spec], mavlink: { host: '127.0.0.1', port } });
    await until(() => expect(positionsOf(desk).length).toBeGreaterThan(2));
    const position = positionsOf(desk).at(-1)!;
    expect(position).toMatchObject({ trusted: false, altitudeM: 95 });
    expect(distanceM(position, fleet.device('kite').position())).toBeLessThan(50);
    expect(desk.reports.some((r) => r.batteryPercent !== undefined && r.flight === undefined)).toBe(true);
    fleet.device('kite').fault('wrong credential', true);
    await until(() => expect(desk.refusals.map(([why]) => why)).toContain('unknown device'));
    fleet.device('kite').fault('wrong checksum', true);
    await until(() => expect(desk.refusals.map(([why]) => why)).toContain('malformed'));
  });
});

describe('NMEA', () => {
  it('is read over TCP, in pieces too; a wrong checksum is refused', async () => {
    const jeep = crewDevice('jeep', { kind: 'vehicle', protocol: 'nmea' });
    const spec: DeviceSpec = { id: 'jeep', protocol: 'nmea', kind: 'vehicle', faults: ['cut'] };
    const fleet = await start({ devices: [spec] });
    const device = fleet.device('jeep');
    const { desk } = await runBox(openNmea, { device: 'jeep', port: device.address }, [jeep]);
    await until(() => expect(positionsOf(desk).length).toBeGreaterThan(3));
    expect(distanceM(positionsOf(desk).at(-1)!, device.position())).toBeLessThan(50);
    expect(desk.refusals).toEqual([]);
    device.fault('wrong checksum', true);
    await until(() => expect(desk.refusals).toContainEqual(['malformed', 'jeep']));
  });
});
