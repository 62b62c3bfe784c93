/**
 * kill -9 of a box on which everything that is acknowledged goes on at once: plate cameras push listed vehicles, the crew calls for help,
 * withdraws its calls and answers orders, and the command room loses a third of its acknowledgements. What was answered with 200 or a
 * PUBACK is at the room in the end, once.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DB_FILE, openDb, openForReading } from '../../gateway/store/db.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { openPushClient } from '../devices/plate-camera/client.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { seeded, type Random } from '../scene/random.ts';
import { freePort } from '../product/free-port.ts';
import { forgetEnds, giveList, newSecret, stolen } from '../product/site.ts';
import { brokerPort, layCrewBox, type CrewBox } from '../rigs/crew.ts';
import { openCrewman, type Crewman } from '../rigs/officer.ts';
import { PATH } from './push-box.ts';
import { crewBreaches, isAllThere, type Breaches, type CrewOutcome } from './crew-promise.ts';

interface KillsPlan {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  /** Vehicles on the list: each is pushed once, until it is answered. Without any the box has no camera and no lane. */
  readonly vehicles: number;
}

interface KillsOutcome extends CrewOutcome, Breaches {
  /** Reads of plates that were answered with 200. */
  readonly hits: number;
}

const DEVICES = 4;
const CAMERAS = ['north', 'south'] as const;
/** One kill in so many comes while the box starts; the others come this long, at most, after everybody is back. */
const EARLY_EVERY = 8;
const EARLY_MS = 900;
const LATE_MS = 2_000;
const PATIENCE_MS = 180_000 * PATIENCE_FACTOR;
const ORDER_EVERY_MS = 150;
const LOST_ACKNOWLEDGEMENTS = 1 / 3;

/** Entry `E-${i + 1}` of the list. Any two differ in two characters at least, so that none is a possible match of another. */
export function plateOf(i: number): string {
  const check =
    (3 * Math.floor(i / 1000) + 7 * (Math.floor(i / 100) % 10) + (Math.floor(i / 10) % 10) * 9 + (i % 10)) % 10;
  return `皖A${String(i).padStart(4, '0')}${check}`;
}

/** Throws where the box does not come to rest in the end. */
export async function killEverything({ folder, kills, seed, vehicles }: KillsPlan): Promise<KillsOutcome> {
  const secret = newSecret();
  const random = seeded(seed);
  await using undo = new AsyncDisposableStack();
  const room = await startRoom({ secret, faults: { random }, holdMs: 2_000 });
  undo.defer(() => room.close());
  const ports = vehicles === 0 ? [] : await Promise.all(CAMERAS.map(() => freePort()));
  const box = await layBox(folder, room, ports, vehicles);
  const crew = box.logins.map((login) => openCrewman(login, { restless: true }));
  const road = openRoad(ports, vehicles);
  const run = (): GatewayProcess => {
    forgetEnds(box.site);
    const gateway = spawnGateway(box.site.configFile, { env: { ROOM_SECRET: secret, PUSH_PATH: PATH } });
    undo.defer(() => gateway.kill());
    return gateway;
  };
  const comeBack = async (gateway: GatewayProcess): Promise<void> => {
    const port = await brokerPort(gateway);
    await Promise.all([...crew.map((man) => man.come(port)), road.come()]);
  };
  const leave = (): void => {
    crew.forEach((man) => man.leave());
    road.leave();
  };
  undo.defer(leave);
  const orders = startOrders(room, box);
  undo.defer(() => orders.stop());
  room.fault('lost-ack', LOST_ACKNOWLEDGEMENTS);
  for (let k = 0; k < kills; k++) await killOnce(run(), comeBack, leave, k % EARLY_EVERY === EARLY_EVERY - 1, random);

  // The line is good again and nothing new begins: what was begun comes to its end.
  room.fault(undefined);
  orders.stop();
  const gateway = run();
  road.rest();
  await comeBack(gateway);
  crew.forEach((man) => man.rest());
  const outcome = () => outcomeOf(room, box, crew, orders.told, kills);
  const missingAtRoom = (): string[] => [
    ...hitBreaches(room, road.answered).lost.slice(0, 3),
    ...(isAllThere(outcome())
      ? []
      : ['calls or orders are not at the room', ...crewBreaches(outcome()).lost.slice(0, 3)]),
  ];
  /** Reading all that the room holds takes its time away from receiving: only once nothing is on its way any more. */
  const left = (): string[] => {
    const onTheWay = [
      ...(crew.every((man) => man.isIdle()) ? [] : ['the crew waits for receipts']),
      ...(road.isIdle() ? [] : ['a camera waits for an answer']),
      ...(waitingIn(box) === 0 ? [] : [`${waitingIn(box)} events wait in the outbox`]),
    ];
    return onTheWay.length > 0 ? onTheWay : missingAtRoom();
  };
  await restUntil(left);
  leave();
  await gateway.stop();
  const [last, ofHits] = [outcome(), hitBreaches(room, road.answered)];
  const { lost, doubled } = crewBreaches(last);
  const hits = road.answered.length;
  return { ...last, hits, lost: [...lost, ...ofHits.lost], doubled: [...doubled, ...ofHits.doubled] };
}

/** To one device after the other. */
function startOrders(room: Room, box: CrewBox) {
  const told: string[] = [];
  const timer = setInterval(() => {
    const id = `order-${told.length + 1}`;
    const { id: device } = box.logins[told.length % box.logins.length]!;
    told.push(id);
    room.tell({ kind: 'order', id, at: Date.now(), by: 'duty officer', order: { text: 'go there', to: [device] } });
  }, ORDER_EVERY_MS);
  return { told, stop: () => clearInterval(timer) };
}

function outcomeOf(
  room: Room,
  { site }: CrewBox,
  crew: readonly Crewman[],
  told: readonly string[],
  kills: number,
): CrewOutcome {
  const all = (of: (man: Crewman) => readonly string[]): string[] => crew.flatMap(of);
  const db = openDb(site.storage);
  try {
    const calls = db.prepare('SELECT id, device, name, state FROM sos').all() as CrewOutcome['calls'];
    return {
      kills,
      told,
      calls,
      held: room.events(),
      again: room.events().filter((e) => e.times > 1).length,
      raised: all((m) => m.raised),
      cancelled: all((m) => m.cancelled),
      done: all((m) => m.done),
    };
  } finally {
    db.close();
  }
}

async function layBox(folder: string, room: Room, ports: readonly number[], vehicles: number): Promise<CrewBox> {
  const cameras = ports.map((port, i) => {
    const listen = { host: '127.0.0.1', port };
    return {
      id: CAMERAS[i],
      kind: 'hikvision',
      listen,
      allow: ['127.0.0.1'],
      path: 'env:PUSH_PATH',
      crossCheck: false,
    };
  });
  const box = await layCrewBox({
    folder,
    devices: DEVICES,
    roomUrl: room.url,
    more: {
      cameras,
      lanes: vehicles === 0 ? [] : [{ id: 'road', kind: 'road', cameras: [...CAMERAS] }],
      inference: { threads: 1 },
    },
  });
  const plates = Array.from({ length: vehicles }, (_, i) => plateOf(i));
  if (vehicles > 0) await giveList(box.site, 1, plates.map(stolen));
  return box;
}

/** Cameras that push one vehicle after the other; one that was not answered is pushed again, as cameras do. */
function openRoad(ports: readonly number[], vehicles: number) {
  /** Entries whose read was answered with 200. */
  const answered: string[] = [];
  const left = Array.from({ length: vehicles }, (_, i) => vehicles - 1 - i);
  let resting = false;
  let turn = 0;
  let working = 0;
  /** Of each camera, what has no answer yet. */
  const open = new Map<number, number>();
  const drive = async (port: number, mine: number): Promise<void> => {
    const client = openPushClient({ port });
    working++;
    try {
      while (turn === mine) {
        const next = open.get(port) ?? (resting ? undefined : left.pop());
        if (next === undefined) return;
        open.set(port, next);
        const seen = { plate: plateOf(next), at: new Date(), confidence: 98, colour: 'blue' };
        const { status } = await client.send(hikvisionPush(seen, { path: PATH }));
        if (status !== 200) {
          await sleep(50);
          continue;
        }
        open.delete(port);
        answered.push(`E-${next + 1}`);
      }
    } catch {
      // The box was killed: the camera says it again when it is back.
    } finally {
      working--;
      client.close();
    }
  };
  return {
    answered,
    async come() {
      const mine = ++turn;
      for (const port of ports) void drive(port, mine).catch(() => undefined);
    },
    leave: () => void turn++,
    rest: () => void (resting = true),
    isIdle: () => working === 0 && open.size === 0,
  };
}

/** The moment is drawn, not waited for: it is the fault itself. */
async function killOnce(
  gateway: GatewayProcess,
  comeBack: (gateway: GatewayProcess) => Promise<void>,
  leave: () => void,
  early: boolean,
  random: Random,
): Promise<void> {
  if (early) await sleep(random() * EARLY_MS);
  else {
    await comeBack(gateway);
    await sleep(random() * LATE_MS);
  }
  await gateway.kill();
  leave();
}

/** What the room holds of vehicles that were answered. */
function hitBreaches(room: Room, answered: readonly string[]): Breaches {
  const raised = new Map<string, number>();
  for (const { id, type, data } of room.events()) {
    const hit = data as { readonly id?: string; readonly entry?: string };
    if (type === 'io.sitebox.plate.hit.v2' && hit.id === id)
      raised.set(hit.entry ?? '', (raised.get(hit.entry ?? '') ?? 0) + 1);
  }
  return {
    lost: answered.filter((entry) => !raised.has(entry)).map((entry) => `hit of ${entry} never arrived`),
    doubled: [...raised].filter(([, n]) => n > 1).map(([entry, n]) => `${n} hits of ${entry}`),
  };
}

/** Hits, calls and orders that the room does not have yet. */
function waitingIn({ site }: CrewBox): number {
  const db = openForReading(join(site.storage, DB_FILE));
  try {
    const rows = db.prepare(
      `SELECT count(*) FROM outbox
       WHERE dead = 0 AND type IN ('io.sitebox.plate.hit.v2', 'io.sitebox.sos.v1', 'io.sitebox.order.v1')`,
    );
    return Number(rows.pluck().get());
  } finally {
    db.close();
  }
}

/** `left`: what there is still to wait for, in words. */
async function restUntil(left: () => readonly string[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (left().length > 0) {
    if (performance.now() > until) {
      throw new Error(`the box did not come to rest within ${PATIENCE_MS / 1000} s: ${left().join('; ')}`);
    }
    await sleep(500);
  }
}
