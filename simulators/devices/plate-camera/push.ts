/** The bytes that plate cameras push, of both makers, as integrations show them; and the same bytes gone wrong. */

/** One vehicle as the camera saw it. Pictures are JPEG files, drawn by the caller. */
export interface SeenVehicle {
  /** Anything a test wants a camera to say. */
  readonly plate: string;
  readonly at: Date;
  /** Percent. */
  readonly confidence?: number;
  /** As the maker calls it. */
  readonly colour?: string;
  readonly direction?: string;
  /** The camera had kept it: true as ISAPI's isDataRetransmission, 'history' as its alarmDataType 1 (hikvision). */
  readonly late?: true | 'history';
  readonly platePicture?: Uint8Array;
  readonly scenePicture?: Uint8Array;
}

/** One request. */
export interface Push {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** `2026-11-21T10:02:03.847`: wall time of a camera whose clock runs so many minutes ahead of UTC. */
function wallTime(at: Date, zoneMin: number): string {
  return new Date(at.getTime() + zoneMin * 60_000).toISOString().slice(0, -1);
}

const BOUNDARY = 'MIME_boundary';

export interface HikvisionOptions {
  /** Written before the plate, in its element, as firmware for China does: 蓝, 黄, 黑, 白, 绿 and longer ones. */
  readonly colourInPlate?: string;
  readonly path?: string;
  /** XML alone, as `application/xml`. */
  readonly bare?: boolean;
  /** Of the root; the newer firmware's unless told. '' leaves it out. */
  readonly namespace?: string;
  /** Before every name, with its colon. */
  readonly prefix?: string;
  /** The pictures stand before the XML. */
  readonly picturesFirst?: boolean;
  /** Parts of other names besides, such as pictures of the driver. */
  readonly extraParts?: Readonly<Record<string, Uint8Array>>;
  /** Written into the ANPR element as it stands: what cameras say of driver and passengers. */
  readonly extraXml?: string;
  /** Replaces the XML altogether. */
  readonly xml?: string | Uint8Array;
  readonly channel?: number;
  /** How far the camera's clocks stand ahead of UTC, 0 or more; 480 unless told. */
  readonly zoneMin?: number;
  /** Leaves the zone out of the time, as some firmware does. */
  readonly withoutZone?: boolean;
}

/** What an `EventNotificationAlert` says of a vehicle. */
export function hikvisionXml(seen: SeenVehicle, options: HikvisionOptions = {}): string {
  const { prefix = '', namespace = 'http://www.isapi.org/ver20/XMLSchema', zoneMin = 480, channel = 1 } = options;
  const tag = (name: string, text: string | number | undefined): string =>
    text === undefined ? '' : `<${prefix}${name}>${text}</${prefix}${name}>`;
  const declares = prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`;
  const root = `${prefix}EventNotificationAlert`;
  const zone = options.withoutZone ? '' : `+${new Date(zoneMin * 60_000).toISOString().slice(11, 16)}`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<${root} version="2.0"${namespace === '' ? '' : ` ${declares}="${namespace}"`}>` +
    tag('macAddress', '02:00:00:00:00:01') +
    tag('channelID', channel) +
    tag('dateTime', wallTime(seen.at, zoneMin) + zone) +
    tag('eventType', 'ANPR') +
    tag('eventState', 'active') +
    tag('isDataRetransmission', seen.late === true ? 'true' : undefined) +
    `<${prefix}ANPR>` +
    tag('licensePlate', (options.colourInPlate ?? '') + seen.plate) +
    tag('line', 1) +
    tag('direction', seen.direction ?? 'forward') +
    tag('confidenceLevel', seen.confidence) +
    tag('plateColor', seen.colour) +
    tag('alarmDataType', seen.late === 'history' ? 1 : undefined) +
    (options.extraXml ?? '') +
    `</${prefix}ANPR></${root}>\n`
  );
}

export function hikvisionPush(seen: SeenVehicle, options: HikvisionOptions = {}): Push {
  const { path = '/', bare, picturesFirst, extraParts = {}, xml = hikvisionXml(seen, options) } = options;
  if (bare) return { path, contentType: 'application/xml; charset="UTF-8"', body: Buffer.from(xml) };
  const message = part('anpr.xml', 'text/xml', Buffer.from(xml));
  const pictures = Object.entries({
    'licensePlatePicture.jpg': seen.platePicture,
    'detectionPicture.jpg': seen.scenePicture,
    ...extraParts,
  }).map(([name, bytes]) => (bytes ? part(name, 'image/jpeg', bytes) : Buffer.alloc(0)));
  return {
    path,
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    body: Buffer.concat([
      ...(picturesFirst ? [...pictures, message] : [message, ...pictures]),
      Buffer.from(`--${BOUNDARY}--\r\n`),
    ]),
  };
}

function part(name: string, type: string, bytes: Uint8Array): Buffer {
  const head =
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n` +
    `Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n')]);
}

/** Between vehicles the camera says that no picture is lost. */
export function hikvisionHeartbeat(path = '/'): Push {
  const xml =
    '<EventNotificationAlert version="1.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><channelID>1</channelID>' +
    '<dateTime>2026-11-21T10:02:03+08:00</dateTime><activePostCount>0</activePostCount><eventType>videoloss</eventType>' +
    '<eventState>inactive</eventState></EventNotificationAlert>';
  return { path, contentType: 'application/xml', body: Buffer.from(xml) };
}

export interface DahuaOptions {
  /** What full confidence is on this firmware; 255 unless told. */
  readonly scale?: 100 | 255;
  readonly zoneMin?: number;
  /** Merged into `Picture`: what cameras say of driver and passengers, or instead of what is expected. */
  readonly extra?: object;
}

export function dahuaPush(seen: SeenVehicle, options: DahuaOptions = {}): Push {
  const { scale = 255, zoneMin = 480, extra = {} } = options;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const picture = (name: string, bytes: Uint8Array | undefined): object | undefined =>
    bytes && { PicName: name, Content: base64(bytes) };
  const message = {
    Picture: {
      Plate: {
        PlateNumber: seen.plate,
        Confidence: seen.confidence === undefined ? undefined : Math.round((seen.confidence / 100) * scale),
        PlateColor: seen.colour,
        IsExist: seen.plate !== '',
      },
      SnapInfo: {
        DeviceID: 'ITC-1',
        AccurateTime: wallTime(seen.at, zoneMin).replace('T', ' '),
        Direction: seen.direction ?? 'Obverse',
      },
      NormalPic: picture('scene.jpg', seen.scenePicture),
      CutoutPic: picture('plate.jpg', seen.platePicture),
      ...extra,
    },
  };
  return json('/NotificationInfo/TollgateInfo', message);
}

export const dahuaHeartbeat = (): Push =>
  json('/NotificationInfo/KeepAlive', { Active: 'keepAlive', DeviceID: 'ITC-1' });

const json = (path: string, message: object): Push => ({
  path,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(message)),
});

/** What goes wrong on the way or on purpose, for messages of either maker (the first two only where there are parts). */
export const PUSH_FAULTS = [
  'wrong boundary',
  'no last boundary',
  'truncated',
  'XML bomb',
  'outside entity',
  'other type',
] as const;
export type PushFault = (typeof PUSH_FAULTS)[number];

export function spoil(push: Push, fault: PushFault): Push {
  const xml = (doctype: string): Push => ({
    ...push,
    contentType: 'application/xml',
    body: Buffer.from(
      `<?xml version="1.0"?>\n<!DOCTYPE EventNotificationAlert [${doctype}]>\n<EventNotificationAlert>` +
        '<eventType>ANPR</eventType><ANPR><licensePlate>&e9;</licensePlate></ANPR></EventNotificationAlert>',
    ),
  });
  switch (fault) {
    case 'wrong boundary':
      return { ...push, contentType: push.contentType.replace(BOUNDARY, 'another') };
    case 'no last boundary':
      return { ...push, body: push.body.subarray(0, push.body.lastIndexOf('--')) };
    case 'truncated':
      return { ...push, body: push.body.subarray(0, push.body.length >> 1) };
    case 'XML bomb':
      return xml(
        `<!ENTITY e0 "ha">${Array.from({ length: 9 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}`,
      );
    case 'outside entity':
      return xml('<!ENTITY e9 SYSTEM "file:///etc/hostname">');
    case 'other type':
      return { ...push, contentType: 'text/html' };
  }
}
