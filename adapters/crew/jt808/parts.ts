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
/** Where the location stands in front: what comes further behind is extras, a picture or sound. */
const MAX_FRONT_PARTS = 8;

/** One body of a location in what has come of a message. */
export interface Found {
  readonly body: Uint8Array;
  /** The same for the same location, whatever else has come since. */
  readonly key: string;
  /** No part that comes can add to its place and time. */
  readonly isWhole: boolean;
}

export interface Joined {
  readonly found: readonly Found[];
  /** From the first part on, without a gap; empty while that is missing. */
  readonly front: Uint8Array;
  /** All of it has come. */
  readonly isWhole: boolean;
  /** By key of what was found: the name of the call that it became, and whether it was whole then. */
  readonly calls: Map<string, { readonly name: string; readonly isWhole: boolean }>;
  /** The place in front was taken. Belongs to whoever reads it. */
  isLocated: boolean;
  /** Every part came over a line that may be believed. */
  readonly believed: boolean;
}

interface Message extends Omit<Joined, 'found' | 'front' | 'isWhole'> {
  readonly parts: number;
  readonly bodies: Map<number, Uint8Array>;
  bytes: number;
  atMs: number;
  believed: boolean;
}

interface Run {
  readonly first: number;
  readonly bodies: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

/**
 * `givenUp` is called for each batch of which parts are missing when its time is over, another comes, or it is too long. `mono` in ms. The
 * result is undefined where the message may hold no alarm, or not in this part, and where the numbers of the part make no sense.
 */
export function openParts(
  givenUp: () => void,
  mono: () => number = () => performance.now(),
): (packet: Packet, believed: boolean) => Joined | undefined {
  const messages = new Map<number, Message>();
  const open = ({ message, parts = 0 }: Packet): Message => {
    const fresh = {
      parts,
      bodies: new Map<number, Uint8Array>(),
      bytes: 0,
      atMs: mono(),
      calls: new Map<string, never>(),
      believed: true,
      isLocated: false,
    };
    if (messages.has(message) && message === BATCH) givenUp();
    messages.set(message, fresh);
    return fresh;
  };
  const goesOn = (packet: Packet, { parts, bodies, bytes, atMs }: Message): boolean => {
    const had = bodies.get(packet.part!);
    if (parts !== packet.parts || mono() - atMs > MAX_PART_GAP_S * 1000) return false;
    if (had) return Buffer.compare(had, packet.body) === 0;
    return bodies.size < MAX_PARTS && bytes + packet.body.length <= MAX_JOINED_BYTES;
  };
  return (packet, believed) => {
    const { message: kind, part = 0, parts = 0, body } = packet;
    if (part < 1 || part > parts) return undefined;
    if (kind !== BATCH && (LOCATION_AT[kind] === undefined || part > MAX_FRONT_PARTS)) return undefined;
    const known = messages.get(kind);
    const message = known && goesOn(packet, known) ? known : open(packet);
    if (message.bodies.has(part)) {
      // Sent again: an alarm in it is said again.
      for (const key of message.calls.keys()) if (key.startsWith(`${part} `)) message.calls.delete(key);
    } else {
      message.bodies.set(part, body);
      message.bytes += body.length;
    }
    message.believed &&= believed;
    message.atMs = mono();
    const isWhole = message.bodies.size >= message.parts;
    if (isWhole) messages.delete(kind);
    const runs = runsOf(message.bodies);
    const front = runs[0]?.first === 1 ? runs[0].bytes : new Uint8Array();
    const found = runs.flatMap((run) => findIn(run, kind, message.parts));
    return Object.assign(message, { found, front, isWhole });
  };
}

function runsOf(bodies: ReadonlyMap<number, Uint8Array>): Run[] {
  const runs: { first: number; bodies: Uint8Array[] }[] = [];
  for (const part of [...bodies.keys()].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last.first + last.bodies.length === part) last.bodies.push(bodies.get(part)!);
    else runs.push({ first: part, bodies: [bodies.get(part)!] });
  }
  return runs.map((run) => ({ ...run, bytes: Buffer.concat(run.bodies) }));
}

function findIn(run: Run, kind: number, parts: number): Found[] {
  const { first, bytes } = run;
  // Without the first part nobody says where a location begins: of a batch it can be seen, of all else it stood in that part.
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
function keyOf({ first, bodies }: Run, at: number): string {
  let [part, rest] = [first, at];
  for (const { length } of bodies) {
    if (rest < length) break;
    rest -= length;
    part++;
  }
  return `${part} ${rest}`;
}
