/**
 * What Hikvision's plate cameras push (ISAPI, `EventNotificationAlert` of event type ANPR): XML alone, or multipart with pictures.
 * Known from the code of integrations, not from a document of the maker. What such a message says of driver and passengers (belt,
 * telephone, pictures of faces) is on no list here and therefore never read.
 */
import {
  messageOf,
  MAX_PICTURE_BYTES,
  PushError,
  decodeUtf8,
  type BodyParser,
  type PushMessage,
  type FieldMapping,
} from '../push/codec.ts';
import { boundaryOf, openMultipart, type MultipartPart, type PartHeaders } from '../push/multipart.codec.ts';
import { readXml, MAX_XML_BYTES } from '../push/xml.codec.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const ALERT = 'EventNotificationAlert';
const PLATE = `${ALERT}/ANPR/licensePlate`;
const EVENT = `${ALERT}/eventType`;
const WANTED = new Set([
  ...['macAddress', 'channelID', 'dateTime', 'eventType'].map((name) => `${ALERT}/${name}`),
  ...['licensePlate', 'confidenceLevel', 'direction', 'plateColor'].map((name) => `${ALERT}/ANPR/${name}`),
  // Firmware differs in where it says that a read comes late.
  ...[ALERT, `${ALERT}/ANPR`].flatMap((at) => [`${at}/isDataRetransmission`, `${at}/alarmDataType`]),
]);

type Kept = 'xml' | 'plate' | 'scene';

/** The pictures of plate and road, by name; everything else, faces above all, is passed over unseen. */
const PICTURES = new Map<string, Kept>([
  ['licenseplatepicture', 'plate'],
  ['detectionpicture', 'scene'],
]);

const MAX_BYTES: Readonly<Record<Kept, number>> = {
  xml: MAX_XML_BYTES,
  plate: MAX_PICTURE_BYTES,
  scene: MAX_PICTURE_BYTES,
};

/** Reads one body of the type that `contentType` names; throws a PushError for one that is not expected. */
export function openHikvisionParser(contentType: string, reading: FieldMapping): BodyParser {
  const type = /^[^;\s]*/.exec(contentType)![0].toLowerCase();
  if (type === 'multipart/form-data') return fromParts(boundaryOf(contentType), reading);
  if (isXml(type)) return fromXml(reading);
  throw new PushError(415, english('push-type-xml'));
}

const isXml = (type: string): boolean => type === 'application/xml' || type === 'text/xml';

function fromXml(reading: FieldMapping): BodyParser {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    feed(chunk) {
      bytes += chunk.length;
      if (bytes > MAX_XML_BYTES) throw new PushError(413, english('push-xml-too-long', { most: MAX_XML_BYTES }));
      chunks.push(chunk);
    },
    end: () => alert(Buffer.concat(chunks), [], reading),
  };
}

function fromParts(boundary: string, reading: FieldMapping): BodyParser {
  const multipart = openMultipart(boundary, (head) => {
    const kept = keptAs(head);
    return kept === undefined ? 0 : MAX_BYTES[kept];
  });
  return {
    feed: (chunk) => multipart.feed(chunk),
    end() {
      const parts = multipart.end();
      const xml = parts.find((part) => keptAs(part) === 'xml');
      if (!xml) throw new PushError(400, english('push-xml-missing'));
      return alert(xml.bytes, parts, reading);
    },
  };
}

/** Firmware differs in names and types: `anpr.xml` or `anpr`, a name or only a file name. */
function keptAs({ name, fileName, type }: PartHeaders): Kept | undefined {
  const names = [name, fileName].map((n) => n.toLowerCase());
  if (isXml(type) || names.some((n) => n.endsWith('.xml'))) return 'xml';
  return names.map((n) => PICTURES.get(n.replace(/\.jpe?g$/, ''))).find((kept) => kept !== undefined);
}

const isTrue = (word: string | undefined): boolean => word === '1' || word?.toLowerCase() === 'true';
/** As the maker's SDK counts: 0 is sent as it happens, 1 was kept. */
const isHistory = (word: string | undefined): boolean => word === '1' || /^histor/i.test(word ?? '');

/** Other events, the heartbeat `videoloss` among them, say only that the camera lives. */
function alert(xml: Uint8Array, parts: readonly MultipartPart[], reading: FieldMapping): PushMessage {
  const found = readXml(decodeUtf8(xml), WANTED);
  const text = (path: string): string | undefined => found.get(path)?.trim();
  const event = text(EVENT);
  if (event === undefined) throw new PushError(400, english('push-xml-event', { field: EVENT }));
  if (event.toUpperCase() !== 'ANPR') return { kind: 'heartbeat' };
  const plate = text(PLATE);
  if (plate === undefined) throw new PushError(400, english('push-xml-plate', { field: PLATE }));
  const confidence = text(`${ALERT}/ANPR/confidenceLevel`);
  const picture = (kept: Kept): Uint8Array | undefined => parts.find((part) => keptAs(part) === kept)?.bytes;
  const fields = {
    device: text(`${ALERT}/macAddress`) ?? '',
    channel: text(`${ALERT}/channelID`) ?? '',
    plate,
    time: text(`${ALERT}/dateTime`) || undefined,
    confidence: confidence === undefined || !/^\d{1,3}(\.\d{1,6})?$/.test(confidence) ? undefined : Number(confidence),
    colour: text(`${ALERT}/ANPR/plateColor`),
    direction: text(`${ALERT}/ANPR/direction`),
    retransmitted: [ALERT, `${ALERT}/ANPR`].some(
      (at) => isTrue(text(`${at}/isDataRetransmission`)) || isHistory(text(`${at}/alarmDataType`)),
    ),
    pictures: { plate: picture('plate'), scene: picture('scene') },
  };
  return messageOf(fields, PLATE, reading);
}
