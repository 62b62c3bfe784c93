/** A satellite receiver: NMEA-0183 over a TCP port or a pseudo terminal, which the box opens. It speaks whether anybody listens or not. */
import { writeReading } from '../../../adapters/crew/nmea/codec.ts';
import { openWire, type Wire } from '../reader/wire.ts';
import type { LinkEvents, DeviceLink } from './types.ts';

const PIECE_BYTES = 11;

export async function openReceiver(events: LinkEvents): Promise<DeviceLink> {
  const place = events.spec.line ?? { tcp: 0 };
  let wire: Wire | undefined = await openWire(place, () => undefined);
  const { address } = wire;
  let sent = 0;
  const spoil = (text: string): string =>
    // The first digit of the time is another one, and the checksum is as it was.
    events.has('wrong checksum') && ++sent % 3 === 0
      ? text.replace(/,(\d)/, (_, d) => `,${(Number(d) + 1) % 3}`)
      : text;
  return {
    address,
    connect() {
      if (!wire) throw new Error(`${events.spec.id}: its line is closed for good`);
      events.connected();
    },
    async disconnect() {
      const leaving = wire;
      wire = undefined;
      events.disconnected();
      await leaving?.close();
    },
    report({ at, fix }) {
      const bytes = Buffer.from(spoil(writeReading('GN', { time: at, ...fix })));
      const step = events.has('cut') ? PIECE_BYTES : bytes.length;
      for (let from = 0; from < bytes.length; from += step) wire?.send(bytes.subarray(from, from + step));
    },
  };
}
