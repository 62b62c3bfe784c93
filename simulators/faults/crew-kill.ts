/**
 * kill -9 of a box whose crew calls for help, withdraws its calls and answers orders, while it reports at a hundred times the usual rate and
 * the command room loses a third of its acknowledgements. What a device was given a receipt for is at the room in the end, once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../gateway/store/db.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { seeded, type Random } from '../scene/random.ts';
import { forgetEnds, newSecret } from '../product/site.ts';
import { brokerPort, layCrewBox, type CrewBox } from '../rigs/crew.ts';
import { openCrewman, type Crewman } from '../rigs/officer.ts';
import type { CrewOutcome } from './crew-promise.ts';
import { PATIENCE_FACTOR } from '../patience.ts';

export interface KillPlan {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
}

const DEVICES = 8;
/** One kill in so many comes while the box starts; the others come this long, at most, after the crew is back. */
const EARLY_EVERY = 5;
const EARLY_MS = 900;
const LATE_MS = 700;
const ORDER_EVERY_MS = 150;
const PATIENCE_MS = 90_000 * PATIENCE_FACTOR;
const LOST_ACKNOWLEDGEMENTS = 1 / 3;

/** Throws where the box, or the crew, does not come to rest in the end. */
export async function killUnderLoad({ folder, kills, seed }: KillPlan): Promise<CrewOutcome> {
  const secret = newSecret();
  const random = seeded(seed);
  const room = await startRoom({ secret, faults: { random }, holdMs: 2_000 });
  const undo: (() => unknown)[] = [() => room.close()];
  try {
    const box = await layCrewBox({ folder, devices: DEVICES, roomUrl: room.url });
    const crew = box.logins.map((login) => openCrewman(login));
    undo.push(() => crew.forEach((man) => man.leave()));
    const run = (): GatewayProcess => {
      forgetEnds(box.site);
      const gateway = spawnGateway(box.site.configFile, { env: { ROOM_SECRET: secret } });
      undo.push(() => gateway.kill());
      return gateway;
    };
    const orders = startOrders(room, box);
    undo.push(() => orders.stop());
    room.fault('lost-ack', LOST_ACKNOWLEDGEMENTS);
    for (let k = 0; k < kills; k++) await killOnce(run(), crew, k % EARLY_EVERY === EARLY_EVERY - 1, random);

    // The line is good again and nobody begins anything new: what was begun comes to its end.
    room.fault(undefined);
    orders.stop();
    const gateway = run();
    await comeBack(gateway, crew);
    crew.forEach((man) => man.rest());
    const outcome = (): CrewOutcome => outcomeOf(room, box, crew, orders.told, kills);
    await rest(() => crew.every((man) => man.isIdle()) && isAllThere(outcome()), 'the crew');
    crew.forEach((man) => man.leave());
    await gateway.stop();
    return outcome();
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The moment is drawn, not waited for: it is the fault itself. */
async function killOnce(
  gateway: GatewayProcess,
  crew: readonly Crewman[],
  early: boolean,
  random: Random,
): Promise<void> {
  if (early) await sleep(random() * EARLY_MS);
  else {
    await comeBack(gateway, crew);
    await sleep(random() * LATE_MS);
  }
  await gateway.kill();
  crew.forEach((man) => man.leave());
}

async function comeBack(gateway: GatewayProcess, crew: readonly Crewman[]): Promise<void> {
  const port = await brokerPort(gateway);
  await Promise.all(crew.map((man) => man.come(port)));
}

/** To one device after the other. */
export function startOrders(room: Room, box: CrewBox) {
  const told: string[] = [];
  const timer = setInterval(() => {
    const id = `order-${told.length + 1}`;
    const { id: device } = box.logins[told.length % box.logins.length]!;
    told.push(id);
    room.tell({ kind: 'order', id, at: Date.now(), by: 'duty officer', order: { text: 'go there', to: [device] } });
  }, ORDER_EVERY_MS);
  return { told, stop: () => clearInterval(timer) };
}

export function outcomeOf(
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

/** The last word of each has come in; whether all is as promised is for `crewBreaches` to say. */
export function isAllThere({ held, calls, told }: CrewOutcome): boolean {
  const ids = new Set(held.map((e) => e.id));
  const ended = new Set(held.flatMap((e) => (JSON.stringify(e.data).includes('"done"') ? [dataId(e.data)] : [])));
  const withdrawn = new Set(held.flatMap((e) => (stateOf(e.data) === 'cancelled' ? [dataId(e.data)] : [])));
  return (
    calls.every((c) => ids.has(c.id) && (c.state === 'raised' || withdrawn.has(c.id))) &&
    told.every((id) => ended.has(id))
  );
}

const dataId = (data: unknown): string => String((data as { id?: unknown } | null)?.id);
const stateOf = (data: unknown): unknown => (data as { state?: unknown } | null)?.state;

async function rest(isOver: () => boolean, what: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!isOver()) {
    if (performance.now() > until) throw new Error(`${what} did not come to rest within ${PATIENCE_MS / 1000} s`);
    await sleep(250);
  }
}
