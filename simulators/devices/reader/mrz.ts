/** A page reader of passports and cards: sends the zone of what is presented, in the envelope of its make. */
import { envelope, misread, type EnvelopeKind, type Zone } from './mrz-zone.ts';
import { openWire, type ReaderPort } from './wire.ts';
import type { Random } from '../../scene/random.ts';

export type PageReader = Awaited<ReturnType<typeof startPageReader>>;

/** Elyctis: read by yourself, once. */
const READ_BY_YOURSELF = '43000101';

export interface PageReaderOptions {
  readonly envelope?: EnvelopeKind;
  /** Reads only after it has been asked to, once for each request. For Elyctis readers. */
  readonly onRequest?: boolean;
}

/** Starts a reader at `place`. One that waits for requests drops what is presented before one has come. */
export async function startPageReader(place: ReaderPort, options: PageReaderOptions = {}) {
  const { envelope: kind = 'desko', onRequest = false } = options;
  let requests = 0;
  let armed = !onRequest;
  let input = '';
  const wire = await openWire(place, (bytes) => {
    input += Buffer.from(bytes).toString('hex');
    while (input.startsWith(READ_BY_YOURSELF)) {
      input = input.slice(READ_BY_YOURSELF.length);
      requests += 1;
      armed = true;
      if (onRequest) wire.send(Uint8Array.of(0x43, 0, 0));
    }
  });
  const read = (...reads: readonly (readonly (string | undefined)[])[]): void => {
    if (!armed) return;
    armed = !onRequest;
    wire.send(Buffer.concat(reads.map((lines) => envelope(kind, lines))));
  };
  return {
    ...wire,
    /** The document is drawn through, or lies on the glass for a moment. */
    present: (zone: Zone): void => read(zone.lines),
    /** The same, with one character misread. */
    presentMisread: (zone: Zone, random: Random): void => read(misread(zone, random)),
    /** The same, moved so early that the upper line was not seen. */
    presentHalf: (zone: Zone): void => read([undefined, ...zone.lines.slice(1)]),
    /** Both in one go, as fast as the line carries them. */
    presentBoth: (first: Zone, second: Zone): void => read(first.lines, second.lines),
    /** Nothing was found on the page. */
    presentNothing: (): void => read([]),
    /** Requests to read that came in. */
    requests: (): number => requests,
  };
}
