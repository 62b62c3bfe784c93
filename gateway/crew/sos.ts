/** The desk where calls for help come in: on disk first, then told, and told again until somebody has seen it. */
import { newId, type Clock } from '../clock.ts';
import type { CrewMessage, Device, Place, SosReport } from '../equipment.ts';
import type { Db } from '../store/db.ts';
import type { Outlet } from '../store/outbox.ts';
import { acknowledgeSos, recordSos, repeatSos, sosSince, unseenSos, type Sos, type SosPlace } from '../store/sos.ts';
import type { Id, Instant } from '../types.ts';

export interface SosDesk {
  /** When it returns, it is on disk. Throws, with nothing kept, when the disk or the outbox is full. */
  report(report: SosReport, device: Device): ReportedSos;
  /** The command room, or a person at the box, has seen it: no more repeats. Says whether there is such a call. Throws as `report`. */
  acknowledged(id: Id, by: string): boolean;
  /** Not withdrawn, newest first: until somebody has seen it, and for a shift after it was raised. */
  open(): readonly Sos[];
  /** What a device that comes back is told of the others' calls: those open, and withdrawals of the last shift. Whole; `device` made it. */
  messages(): readonly { readonly device: string; readonly message: CrewMessage }[];
  /** Tells the room again what it has not acknowledged, every 30 s by the monotonic clock; called each second. Throws as `report`. */
  turn(): void;
}

export interface ReportedSos {
  readonly id: Id;
  /** False: a repeat, which wrote nothing. */
  readonly fresh: boolean;
  readonly state: SosReport['state'];
  /** For everybody else, where it is fresh; whole, to be cut down to each role. */
  readonly message?: CrewMessage;
}

export interface SosParts {
  readonly db: Db;
  readonly outlet: Outlet;
  readonly clock: Pick<Clock, 'mono' | 'state'>;
}

const REPEAT_MS = 30_000;
/** A call that the room has seen and that nobody withdrew must not stand on the displays for ever. */
export const SHIFT_MS = 12 * 3_600_000;

export function openSosDesk({ db, outlet, clock }: SosParts): SosDesk {
  /** When the room was last told of each call that it has not acknowledged, monotonic. */
  const told = new Map<Id, number>();
  const recent = (): readonly Sos[] => sosSince(db, outlet.now() - SHIFT_MS);
  /**
   * A terminal says that its button is on, and not whether it was pressed again; after a restart of the box its session is a new one. While
   * nobody has seen its last call, that is the one it means.
   */
  const sameCall = (report: SosReport): SosReport => {
    const last = report.state === 'raised' && recent().find((s) => s.device === report.device);
    return last && last.state === 'raised' && !last.acknowledged ? { ...report, sos: last.name } : report;
  };
  return {
    report(given, device) {
      const report = device.protocol === 'jt808' ? sameCall(given) : given;
      const { sos, change } = recordSos(db, { report, device, clock: clock.state() }, outlet);
      const { id, state } = sos;
      if (change === 'repeat') return { id, fresh: false, state };
      // Devices pass over an id that they know: news of a call that they show already have another.
      const message = { ...messageOf(sos), ...(change === 'placed' ? { id: newId(report.at) } : {}) };
      return { id, fresh: true, state, message };
    },
    acknowledged: (id, by) => acknowledgeSos(db, { id, by, from: 'room', clock: clock.state() }, outlet) !== undefined,
    open: () => recent().filter((sos) => sos.state === 'raised'),
    messages: () => recent().map((sos) => ({ device: sos.device, message: messageOf(sos) })),
    turn() {
      const unseen = unseenSos(db);
      for (const id of told.keys()) if (!unseen.includes(id)) told.delete(id);
      const now = clock.mono();
      for (const id of unseen) {
        const last = told.get(id);
        if (last !== undefined && now - last < REPEAT_MS) continue;
        if (last !== undefined) repeatSos(db, { id, clock: clock.state() }, outlet);
        told.set(id, now);
      }
    },
  };
}

/** What is shown to others of a call for help: whole, to be cut down to the role of each. */
function messageOf(sos: Sos): CrewMessage {
  const { device, state, place } = sos;
  const at: Instant = sos.cancelled ?? sos.raised;
  const shown = place ? { place: pointOf(place) } : {};
  return { kind: 'sos', id: sos.cancelId ?? sos.id, state, at, ...shown, device };
}

function pointOf({ lat, lon }: SosPlace): Place {
  return { lat, lon };
}
