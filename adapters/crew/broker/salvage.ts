/**
 * Salvages calls for help from bytes that never reach aedes: of a device that was gone before its login was checked, or of a packet that is too
 * large. No receipt can go out for them, but the call counts.
 */
import type { EquipmentHost, CrewDevice } from '../../../gateway/contracts/crew.ts';
import { isCallTopic, readMessage, readTopic } from '../topics/codec.ts';

const PUBLISH = 3;
/** Remaining length has at most four bytes (MQTT 3.1.1, section 2.2.3). */
const MAX_LENGTH_BYTES = 4;

/** Where a packet that is too large begins: its first byte, and what has come of its body. */
export interface PartialPacket {
  readonly head: number;
  readonly body: Buffer;
}

/** Raises the calls of `device` in `bytes`, which begin with a packet. What cannot be stored is counted: the device calls again. */
export function salvageCalls(host: EquipmentHost, device: CrewDevice, bytes: Buffer): void {
  for (const packet of packetsIn(bytes)) salvageCall(host, device, packet);
}

export function salvageCall(host: EquipmentHost, device: CrewDevice, packet: PartialPacket): void {
  const published = readPublish(packet);
  if (!published || !isCallTopic(device, published.topic)) return;
  const decoded = readMessage(readTopic(published.topic)!, published.payload, Date.now(), device.id);
  if (!('sos' in decoded)) return;
  try {
    host.sos(decoded.sos);
  } catch {
    host.refused('not stored', device.id);
  }
}

/** The last one may be cut short. */
function* packetsIn(bytes: Buffer): Generator<PartialPacket> {
  for (let at = 0; at < bytes.length;) {
    const head = bytes[at]!;
    let length = 0;
    let used = 0;
    for (let more = true; more && used < MAX_LENGTH_BYTES; used++) {
      const byte = bytes[at + 1 + used];
      if (byte === undefined) return;
      length += (byte & 0x7f) * 128 ** used;
      more = (byte & 0x80) !== 0;
    }
    const bodyAt = at + 1 + used;
    yield { head, body: bytes.subarray(bodyAt, bodyAt + length) };
    at = bodyAt + length;
  }
}

/** Undefined for other packets, and where the topic is not whole. */
function readPublish({ head, body }: PartialPacket): { readonly topic: string; readonly payload: Buffer } | undefined {
  if (head >> 4 !== PUBLISH || body.length < 2) return undefined;
  const topicEnd = 2 + body.readUInt16BE(0);
  if (body.length < topicEnd) return undefined;
  const qos = (head >> 1) & 3;
  return { topic: body.toString('utf8', 2, topicEnd), payload: body.subarray(topicEnd + (qos > 0 ? 2 : 0)) };
}
