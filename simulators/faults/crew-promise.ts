/** The crew's promise that is checked after faults. Pure. */
import { repeated, type ReceivedHit } from './promise.ts';

export interface CrewOutcome {
  readonly kills: number;
  /** `DEVICE NAME` of calls for help: raised, or withdrawn, with a receipt. */
  readonly raised: readonly string[];
  readonly cancelled: readonly string[];
  /** `ORDER DEVICE`: answered as done, with a receipt. */
  readonly done: readonly string[];
  /** Orders that the room has given. */
  readonly told: readonly string[];
  /** As the box keeps them. */
  readonly calls: readonly {
    readonly id: string;
    readonly device: string;
    readonly name: string;
    readonly state: string;
  }[];
  /** What the room holds, in the order in which it came in first. */
  readonly held: readonly ReceivedHit[];
  /** How many of these came more than once. */
  readonly again: number;
}

export interface Breaches {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

interface Data {
  readonly id: string;
  readonly device?: string;
  readonly state?: string;
  readonly targets?: readonly { readonly device: string; readonly state: string }[];
}

/** Every breach as a sentence. */
export function crewBreaches({ raised, cancelled, done, told, calls, held }: CrewOutcome): Breaches {
  const newest = new Map<string, ReceivedHit>();
  for (const event of held) {
    const { id } = event.data as Data;
    const key = `${event.type} ${id}`;
    if ((newest.get(key)?.sequence ?? -1) <= (event.sequence ?? 0)) newest.set(key, event);
  }
  const lastOf = (type: string, id: string): Data | undefined =>
    newest.get(`io.sitebox.${type}.v1 ${id}`)?.data as Data;
  const first = new Set(held.map((e) => e.id));
  const idsOf = (name: string): string[] => calls.filter((c) => `${c.device} ${c.name}` === name).map((c) => c.id);
  const sosOf = (name: string): Data | undefined =>
    idsOf(name)
      .map((id) => lastOf('sos', id))
      .find((d) => d);
  const targetOf = (key: string): string | undefined => {
    const [order = '', device] = key.split(' ');
    return lastOf('order', order)?.targets?.find((t) => t.device === device)?.state;
  };
  const names = [...new Set([...raised, ...cancelled])];
  const ids = new Set(calls.map((c) => c.id));
  const sos = held.filter((e) => e.type === 'io.sitebox.sos.v1').map((e) => (e.data as Data).id);
  return {
    lost: [
      ...names.filter((name) => !idsOf(name).some((id) => first.has(id))).map((name) => `call ${name} never arrived`),
      ...cancelled.filter((name) => sosOf(name)?.state !== 'cancelled').map((name) => `call ${name} was withdrawn`),
      ...told.filter((id) => !first.has(id)).map((id) => `order ${id} never arrived`),
      ...done.filter((key) => targetOf(key) !== 'done').map((key) => `order ${key} was done`),
    ],
    doubled: [
      ...repeated(held.map((e) => `${e.source} ${e.id}`)).map((key) => `event ${key} is held twice`),
      ...names.filter((name) => idsOf(name).length > 1).map((name) => `call ${name} is two`),
      ...[...new Set(sos)].filter((id) => !ids.has(id)).map((id) => `call ${id} is nobody's`),
      ...repeated(done).map((key) => `order ${key} was done twice`),
    ],
  };
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
