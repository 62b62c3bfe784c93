/** Which equipment reaches which device, and giving messages to it. Everything here is in memory, and gone with the connection. */
import type { CrewMessage, Device, Equipment } from '../equipment.ts';
import { visibleTo } from './roles.ts';

export interface Links {
  /** The device can be reached through `equipment` from now on. */
  up(device: string, equipment: Equipment): void;
  /** Passed over where the device has come back through other equipment meanwhile. */
  down(device: string, equipment: Equipment): void;
  /** Through which it can be reached now. */
  of(device: string): Equipment | undefined;
  devices(): readonly string[];
  /** Cuts `message` down to the role of `device` and gives it: false where the device is away, or its role may not see it. */
  tell(device: Device, message: CrewMessage): boolean;
}

export function openLinks(): Links {
  const links = new Map<string, Equipment>();
  return {
    up: (device, equipment) => void links.set(device, equipment),
    down(device, equipment) {
      if (links.get(device) === equipment) links.delete(device);
    },
    of: (device) => links.get(device),
    devices: () => [...links.keys()],
    tell(device, message) {
      const visible = visibleTo(device.role, message);
      return visible !== undefined && (links.get(device.id)?.deliver?.(device.id, visible) ?? false);
    },
  };
}
