/** Orders to the crew: their devices, and how far each has come. They wait for a device that is away, and never expire. */
import type { CrewMessage, CrewRole, OrderAnswer, GeoLocation, Protocol } from '../contracts/crew.ts';
import type { NewOrder } from '../contracts/instruction.ts';
import {
  devicesWaitedFor,
  getOrder,
  insertOrder,
  moveTarget,
  undelivered,
  type Order,
  type Target,
  type TargetState,
} from '../store/orders.ts';
import type { Id, Instant } from '../contracts/base.ts';
import { nearest, type DispatchCandidate } from './nearest.ts';
import type { Registry } from './registry.ts';
import type { CrewRooms } from './rooms.ts';
import { words, type Message } from '../contracts/words/words.ts';

interface ChosenTargets {
  readonly targets: readonly string[];
  /** Devices that "nearest" left out because where they are is not known well enough. */
  readonly stale: readonly string[];
}

/** Why there is no order, in words for the person who gave it. */
type OrderProblem = { readonly problem: Message };

/** `late`: it says less than is known. `contradicts`: the order was ended otherwise, and stays so. `unknown`: never for that device. */
type AnswerOutcome = 'taken' | 'repeat' | 'late' | 'contradicts' | 'unknown';

interface OrderParts extends Pick<CrewRooms, 'db' | 'outbox'> {
  readonly registry: Pick<Registry, 'device'>;
}

/** Protocols whose devices can display a message: drones are never sent any, and terminals and receivers have no display. */
export const CAN_DISPLAY: Readonly<Record<Protocol, boolean>> = {
  bodycam: true,
  dji: false,
  jt808: false,
  mavlink: false,
  nmea: false,
};

const MAX_CHARACTERS = 500;
const MAX_NAME = 100;
const MAX_TARGETS = 100;
const MAX_REASON = 200;
/** A device that was away for months gets the oldest of them, and the others when it comes the next time. */
const MAX_PENDING = 100;

export type Orders = ReturnType<typeof openOrders>;

export function openOrders({ db, outbox, registry }: OrderParts) {
  const move = (device: string, order: Id, state: TargetState, at: Instant, reason?: string): AnswerOutcome => {
    const moved = moveTarget(db, { order, device, at }, (target) => advance(target, state, at, reason), outbox);
    if (!moved) return 'unknown';
    if (moved.changed) return 'taken';
    if (moved.before.state === state) return 'repeat';
    return RANK[state] === RANK.done && RANK[moved.before.state] === RANK.done ? 'contradicts' : 'late';
  };
  return {
    /**
     * Commits an order; when it returns, it is on disk. `candidates`: where devices were last, for "nearest". An id that came before names the
     * order that there is. Throws, with nothing kept, when the disk or the outbox is full.
     */
    create(
      order: NewOrder,
      given: Pick<Order, 'id' | 'by' | 'origin'>,
      candidates: readonly DispatchCandidate[],
    ): (ChosenTargets & { readonly id: Id }) | OrderProblem {
      const earlier = getOrder(db, given.id);
      if (earlier) return { id: earlier.id, targets: earlier.targets.map((t) => t.device), stale: [] };
      const problem = problemIn(order, given.by);
      if (problem !== undefined) return { problem };
      const chosen = targetsOf(order, registry, candidates);
      if ('problem' in chosen) return chosen;
      const place = order.place ? { place: plainPlace(order.place) } : {};
      const { id, origin, by } = given;
      const row = { id, origin, by: by.trim(), text: order.text.trim(), ...place, created: outbox.now() };
      insertOrder(db, row, chosen.targets, outbox);
      return { id, ...chosen };
    },
    /**
     * What a device has not said it has, oldest first, less what is on its way already (`inFlight`): to be given to it when it comes, and
     * when it is named by `turn`.
     */
    pending: (device: string, inFlight: ReadonlySet<string> = new Set()): readonly CrewMessage[] =>
      undelivered(db, device, MAX_PENDING + inFlight.size).flatMap(({ id, text, created, place }) =>
        inFlight.has(id) ? [] : [{ kind: 'order', id, text, at: created, ...(place ? { place } : {}) }],
      ),
    /** Devices with an order that was not yet given to them, whichever process wrote it. Cheap; called each second. */
    turn: () => devicesWaitedFor(db),
    /** The message was given to the connection of the device. Passes over messages that are no order, as the next two do. Throws as `create`. */
    markSent: (device: string, message: Id) => void move(device, message, 'sent', outbox.now()),
    markDelivered: (device: string, message: Id) => void move(device, message, 'delivered', outbox.now()),
    recordAnswer: ({ device, order, state, at, reason }: OrderAnswer) => move(device, order, state, at, reason),
  };
}

const RANK: Readonly<Record<TargetState, number>> = { waiting: 0, sent: 1, delivered: 2, read: 3, done: 4, refused: 4 };

/** Only ever onwards. What was passed over has no time: a device that answers before its receipt comes has read it all the same. */
function advance(target: Target, state: TargetState, at: Instant, reason: string | undefined): Target | undefined {
  if (RANK[state] <= RANK[target.state]) return undefined;
  const time = state === 'done' || state === 'refused' ? { ended: at } : { [state]: at };
  const why = state === 'refused' && reason ? { reason: [...reason].slice(0, MAX_REASON).join('') } : {};
  return { ...target, state, ...time, ...why };
}

function targetsOf(
  { to, place }: NewOrder,
  registry: OrderParts['registry'],
  candidates: readonly DispatchCandidate[],
): ChosenTargets | OrderProblem {
  if ('nearest' in to) {
    if (!place) return { problem: words('order-needs-place') };
    const isAble = (id: string): boolean => {
      const device = registry.device(id);
      return device !== undefined && CAN_DISPLAY[device.protocol] && (to.role === undefined || device.role === to.role);
    };
    const able = candidates.filter((c) => isAble(c.device));
    const { chosen, stale } = nearest(place, able, to.nearest);
    if (chosen.length > 0) return { targets: chosen.map((c) => c.device), stale };
    return { problem: nobodyNear(to.role, stale.join(', ')) };
  }
  for (const id of to) {
    const device = registry.device(id);
    if (!device) return { problem: words('order-device-unregistered', { id }) };
    if (!CAN_DISPLAY[device.protocol])
      return { problem: words('order-device-shows-none', { id, protocol: device.protocol }) };
  }
  return { targets: [...new Set(to)], stale: [] };
}

function nobodyNear(role: CrewRole | undefined, devices: string): Message {
  if (role === undefined)
    return devices === '' ? words('order-nobody-near') : words('order-nobody-near-stale', { devices });
  if (devices === '') return words('order-nobody-near-of-role', { role });
  return words('order-nobody-near-of-role-stale', { role, devices });
}

function problemIn({ text, place, to }: NewOrder, by: string): Message | undefined {
  const within = (value: string, most: number): boolean => value.trim() !== '' && [...value].length <= most;
  if (!within(text, MAX_CHARACTERS)) return words('order-text-length', { most: MAX_CHARACTERS });
  if (!within(by, MAX_NAME)) return words('order-by-length', { most: MAX_NAME });
  if (place) {
    if (!(Math.abs(place.lat) <= 90 && Math.abs(place.lon) <= 180)) return words('order-place-degrees');
    if (place.name !== undefined && !within(place.name, MAX_NAME))
      return words('order-place-length', { most: MAX_NAME });
  }
  const count = 'nearest' in to ? to.nearest : to.length;
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_TARGETS))
    return words('order-targets', { most: MAX_TARGETS });
  return undefined;
}

function plainPlace({ lat, lon, name }: GeoLocation): GeoLocation {
  return { lat, lon, ...(name === undefined ? {} : { name }) };
}
