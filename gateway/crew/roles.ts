/** What each role may send and see: the one table that decides it, for the box, for its documents and for the test. */
import type { CrewMessage, CrewRole } from '../contracts/crew.ts';

/** What a device tells of itself (position, battery, recording), calls for help, and answers to orders. */
export type DeviceMessage = 'report' | 'sos' | 'answer';

type Kind = CrewMessage['kind'];
type VisibleMember<K extends Kind> = Exclude<keyof Extract<CrewMessage, { kind: K }>, 'kind' | 'id'>;

interface RoleRights {
  readonly sends: readonly DeviceMessage[];
  /** The members of each kind of message that the role may see. What is not named here is not shown, nor is a kind that is not named. */
  readonly sees: { readonly [K in Kind]?: readonly VisibleMember<K>[] };
}

/** The crew's own officers see everything. Partners see where help is needed and what to do: never who, which vehicle, or why. */
const PARTNER: RoleRights = {
  sends: ['report', 'sos', 'answer'],
  sees: {
    acknowledged: ['sos'],
    sos: ['state', 'at', 'place', 'doubtful'],
    order: ['text', 'at', 'place'],
    alert: ['hit', 'at', 'confirmed', 'oneOpinion', 'cancelled', 'instruction', 'place'],
    interval: ['seconds'],
  },
};

export const ROLES: Readonly<Record<CrewRole, RoleRights>> = {
  officer: {
    sends: ['report', 'sos', 'answer'],
    sees: {
      ...PARTNER.sees,
      sos: ['state', 'at', 'place', 'doubtful', 'device'],
      alert: ['hit', 'at', 'confirmed', 'oneOpinion', 'cancelled', 'what', 'instruction', 'place'],
    },
  },
  guard: PARTNER,
  volunteer: PARTNER,
};

const PLACE = ['lat', 'lon', 'name'];
const CALL_PLACE = [...PLACE, 'origin', 'ageS', 'trusted'];

export function maySend(role: CrewRole, what: DeviceMessage): boolean {
  return ROLES[role].sends.includes(what);
}

/**
 * `message` cut down to what `role` may see; undefined where that is nothing. A place is never more than its coordinates and its name; that
 * of a call for help has its origin and its age besides.
 */
export function visibleTo(role: CrewRole, message: CrewMessage): CrewMessage | undefined {
  const shown: readonly string[] | undefined = ROLES[role].sees[message.kind];
  if (!shown) return undefined;
  const cut: Record<string, unknown> = { kind: message.kind, id: message.id };
  for (const [name, value] of Object.entries(message)) if (shown.includes(name)) cut[name] = value;
  if ('place' in message && message.place && 'place' in cut) {
    const members = message.kind === 'sos' ? CALL_PLACE : PLACE;
    cut.place = Object.fromEntries(Object.entries(message.place).filter(([name]) => members.includes(name)));
  }
  if ('doubtful' in message && message.doubtful && 'doubtful' in cut) {
    const { lat, lon } = message.doubtful;
    cut.doubtful = { lat, lon };
  }
  return cut as unknown as CrewMessage;
}
