/** Which equipment reaches which device, and giving messages to it. Everything here is in memory, and gone with the connection. */
import type { CrewMessage, CrewDevice, Equipment } from '../contracts/crew.ts';
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
  tell(device: CrewDevice, message: CrewMessage): boolean;
  /** Everybody who is there but one; in portions, so that a thousand devices do not hold up what else has to be done. */
  tellOthers(message: CrewMessage, but: string | undefined, deviceOf: (id: string) => CrewDevice | undefined): void;
}

/** Devices told in one go: the event loop is free again between two goes. */
const TOLD_AT_ONCE = 50;

export function openLinks(): Links {
  const links = new Map<string, Equipment>();
  const tell = (device: CrewDevice, message: CrewMessage): boolean => {
    const visible = visibleTo(device.role, message);
    return visible !== undefined && (links.get(device.id)?.deliver?.(device.id, visible) ?? false);
  };
  return {
    up: (device, equipment) => void links.set(device, equipment),
    down(device, equipment) {
      if (links.get(device) === equipment) links.delete(device);
    },
    of: (device) => links.get(device),
    devices: () => [...links.keys()],
    tell,
    tellOthers(message, but, deviceOf) {
      const waiting = [...links.keys()].filter((id) => id !== but);
      const some = (): void => {
        for (const id of waiting.splice(0, TOLD_AT_ONCE)) {
          const device = deviceOf(id);
          if (device) tell(device, message);
        }
        if (waiting.length > 0) setImmediate(some);
      };
      some();
    },
  };
}
