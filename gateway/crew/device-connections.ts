/** Which equipment reaches which device, and the way of messages to it. All of it is memory, and ends with the connection. */
import type { CrewDevice, CrewMessage, Equipment } from '../contracts/crew.ts';
import type { Registry } from './registry.ts';
import { visibleTo } from './roles.ts';

/** Devices served in one go of a broadcast: the event loop is free again between two goes. */
const BROADCAST_BATCH = 50;

export class DeviceConnections {
  readonly #registry: Pick<Registry, 'device'>;
  readonly #connections = new Map<string, Equipment>();

  constructor(registry: Pick<Registry, 'device'>) {
    this.#registry = registry;
  }

  /** From now on the device is reached through `equipment`. */
  add(device: string, equipment: Equipment): void {
    this.#connections.set(device, equipment);
  }

  /** Does nothing where the device has come back through other equipment meanwhile. */
  remove(device: string, equipment: Equipment): void {
    if (this.#connections.get(device) === equipment) this.#connections.delete(device);
  }

  equipmentOf(device: string): Equipment | undefined {
    return this.#connections.get(device);
  }

  devices(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** Cuts `message` down to the role of `device` and hands it over: false where the device is away, or its role may not see it. */
  send(device: CrewDevice, message: CrewMessage): boolean {
    const visible = visibleTo(device.role, message);
    return visible !== undefined && (this.equipmentOf(device.id)?.deliver?.(device.id, visible) ?? false);
  }

  /** To every connected device but `except`, in batches: a thousand devices must not hold up everything else. */
  broadcast(message: CrewMessage, except?: string): void {
    const waiting = this.devices().filter((id) => id !== except);
    const sendBatch = (): void => {
      for (const id of waiting.splice(0, BROADCAST_BATCH)) {
        const device = this.#registry.device(id);
        if (device) this.send(device, message);
      }
      if (waiting.length > 0) setImmediate(sendBatch);
    };
    sendBatch();
  }
}
