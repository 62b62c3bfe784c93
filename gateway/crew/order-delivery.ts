/** Orders on their way to connected devices: each is sent once over a connection, and again over the next one until the device has it. */
import type { Id } from '../contracts/base.ts';
import type { CrewDevice } from '../contracts/crew.ts';
import type { DeviceConnections } from './device-connections.ts';
import type { Orders } from './orders.ts';
import type { Registry } from './registry.ts';

interface OrderDeliveryParts {
  readonly orders: Orders;
  readonly connections: DeviceConnections;
  readonly registry: Pick<Registry, 'device'>;
}

export class OrderDelivery {
  readonly #parts: OrderDeliveryParts;
  /** By device: orders sent over its present connection that it has not acknowledged. */
  readonly #inFlight = new Map<string, Set<Id>>();

  constructor(parts: OrderDeliveryParts) {
    this.#parts = parts;
  }

  /** Throws what the store throws; what was not sent waits there. */
  sendTo(device: CrewDevice): void {
    const { orders, connections } = this.#parts;
    const inFlight = this.#inFlight.get(device.id) ?? new Set();
    this.#inFlight.set(device.id, inFlight);
    for (const order of orders.pending(device.id, inFlight)) {
      if (!connections.send(device, order)) continue;
      inFlight.add(order.id);
      orders.markSent(device.id, order.id);
    }
  }

  /** As `sendTo`, for a device that may have been revoked meanwhile. */
  sendToId(id: string): void {
    const device = this.#parts.registry.device(id);
    if (device) this.sendTo(device);
  }

  /** Called each second: sends new orders to devices that are connected. Throws as `sendTo`. */
  turn(): void {
    for (const id of this.#parts.orders.turn()) if (this.#parts.connections.equipmentOf(id)) this.sendToId(id);
  }

  /** Whether the message is an order on its way; most receipts are of other messages, and the store need not be read for them. */
  isInFlight(device: string, message: Id): boolean {
    return this.#inFlight.get(device)?.has(message) ?? false;
  }

  /** Throws what the store throws: then the order stays in flight. */
  acknowledged(device: string, order: Id): void {
    this.#parts.orders.markDelivered(device, order);
    this.#inFlight.get(device)?.delete(order);
  }

  /** The connection of the device has ended, or another one has begun: what was in flight over it is sent again. */
  connectionChanged(device: string): void {
    this.#inFlight.delete(device);
  }
}
