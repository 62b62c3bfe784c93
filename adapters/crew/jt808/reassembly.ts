/**
 * Parts of split messages that may hold an alarm, joined as far as they are there. What has come is looked at with each part, so nothing waits
 * for a part that is lost, and what is given up here has been read before.
 */
import type { Packet } from './codec.ts';
import { BATCH, batchItemIn, LOCATION_AT, LOCATION_BYTES, locationsIn } from './location.codec.ts';

/** Of one message; a terminal has at most one of each kind under way. Batches of 255 locations have some 20 parts. */
const MAX_PARTS = 64;
export const MAX_JOINED_BYTES = 32 * 1024;
/** Between two parts. */
export const MAX_PART_GAP_S = 60;
/** Of a message with the location in front: further behind come extras, a picture or sound. */
const MAX_FRONT_PARTS = 8;

/** One body of a location in what has come of a message. */
export interface LocationBody {
  readonly body: Uint8Array;
  /** The same for the same location, whatever else has come since. */
  readonly key: string;
  /** No part that comes can add to its place and time. */
  readonly isWhole: boolean;
}

export interface JoinedMessage {
  readonly locations: readonly LocationBody[];
  /** From the first part on, without a gap; empty while that is missing. */
  readonly front: Uint8Array;
  /** All of it has come. */
  readonly isWhole: boolean;
  /** By key of the location: the name of the call that it became, and whether it was whole then. */
  readonly calls: Map<string, { readonly name: string; readonly isWhole: boolean }>;
  /** The location in front has been reported; set by the reader. */
  isLocated: boolean;
  /** Every part came over a line that was trusted. */
  readonly isTrusted: boolean;
}

interface PendingMessage extends Omit<JoinedMessage, 'locations' | 'front' | 'isWhole' | 'isTrusted'> {
  readonly parts: number;
  readonly bodies: Map<number, Uint8Array>;
  bytes: number;
  atMs: number;
  isTrusted: boolean;
}

interface PartRun {
  readonly first: number;
  readonly bodies: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

/**
 * `onIncomplete` is called for each batch that still misses parts when its time is over, another comes, or it is too long. `mono` in ms. The
 * result is undefined where the message may hold no alarm, or not in this part, and where the numbers of the part make no sense.
 */
export function openReassembly(
  onIncomplete: () => void,
  mono: () => number = () => performance.now(),
): (packet: Packet, isTrusted: boolean) => JoinedMessage | undefined {
  const messages = new Map<number, PendingMessage>();
  const open = ({ message, parts = 0 }: Packet): PendingMessage => {
    const fresh = {
      parts,
      bodies: new Map<number, Uint8Array>(),
      bytes: 0,
      atMs: mono(),
      calls: new Map<string, never>(),
      isTrusted: true,
      isLocated: false,
    };
    if (messages.has(message) && message === BATCH) onIncomplete();
    messages.set(message, fresh);
    return fresh;
  };
  const goesOn = (packet: Packet, { parts, bodies, bytes, atMs }: PendingMessage): boolean => {
    const had = bodies.get(packet.part!);
    if (parts !== packet.parts || mono() - atMs > MAX_PART_GAP_S * 1000) return false;
    if (had) return Buffer.compare(had, packet.body) === 0;
    return bodies.size < MAX_PARTS && bytes + packet.body.length <= MAX_JOINED_BYTES;
  };
  return (packet, isTrusted) => {
    const { message: kind, part = 0, parts = 0, body } = packet;
    if (part < 1 || part > parts) return undefined;
    if (kind !== BATCH && (LOCATION_AT[kind] === undefined || part > MAX_FRONT_PARTS)) return undefined;
    const pending = messages.get(kind);
    const message = pending && goesOn(packet, pending) ? pending : open(packet);
    if (message.bodies.has(part)) {
      // Sent again: an alarm in it is said again.
      for (const key of message.calls.keys()) if (key.startsWith(`${part} `)) message.calls.delete(key);
    } else {
      message.bodies.set(part, body);
      message.bytes += body.length;
    }
    message.isTrusted &&= isTrusted;
    message.atMs = mono();
    const isWhole = message.bodies.size >= message.parts;
    if (isWhole) messages.delete(kind);
    const runs = runsOf(message.bodies);
    const front = runs[0]?.first === 1 ? runs[0].bytes : new Uint8Array();
    const locations = runs.flatMap((run) => locationsOf(run, kind, message.parts));
    return Object.assign(message, { locations, front, isWhole });
  };
}

function runsOf(bodies: ReadonlyMap<number, Uint8Array>): PartRun[] {
  const runs: { first: number; bodies: Uint8Array[] }[] = [];
  for (const part of [...bodies.keys()].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last.first + last.bodies.length === part) last.bodies.push(bodies.get(part)!);
    else runs.push({ first: part, bodies: [bodies.get(part)!] });
  }
  return runs.map((run) => ({ ...run, bytes: Buffer.concat(run.bodies) }));
}

function locationsOf(run: PartRun, kind: number, parts: number): LocationBody[] {
  const { first, bytes } = run;
  // Without the first part the beginning of a location is unknown: in a batch it can be searched for, elsewhere it was in that part.
  const from = first === 1 ? undefined : kind === BATCH ? batchItemIn(bytes) : bytes.length;
  if (from !== undefined && from >= bytes.length) return [];
  const { bodies } = locationsIn(kind, bytes, from);
  const isLast = first + run.bodies.length > parts;
  return bodies.map((body) => {
    const at = body.byteOffset - bytes.byteOffset;
    return { body, key: keyOf(run, at), isWhole: isLast || body.length >= LOCATION_BYTES };
  });
}

/** Part and place in it where a body begins. */
function keyOf({ first, bodies }: PartRun, at: number): string {
  let [part, rest] = [first, at];
  for (const { length } of bodies) {
    if (rest < length) break;
    rest -= length;
    part++;
  }
  return `${part} ${rest}`;
}
