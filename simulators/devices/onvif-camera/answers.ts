/** What a simulated ONVIF camera answers: SOAP 1.2 messages as cameras write them (ONVIF Core, Media and Event specifications). */

const NAMESPACES = [
  's="http://www.w3.org/2003/05/soap-envelope"',
  'tds="http://www.onvif.org/ver10/device/wsdl"',
  'trt="http://www.onvif.org/ver10/media/wsdl"',
  'tr2="http://www.onvif.org/ver20/media/wsdl"',
  'tt="http://www.onvif.org/ver10/schema"',
  'tev="http://www.onvif.org/ver10/events/wsdl"',
  'wsnt="http://docs.oasis-open.org/wsn/b-2"',
  'wsa="http://www.w3.org/2005/08/addressing"',
  'ter="http://www.onvif.org/ver10/error"',
]
  .map((one) => `xmlns:${one}`)
  .join(' ');

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${NAMESPACES}><s:Body>${body}</s:Body></s:Envelope>`;

export const fault = (subcode: string, reason: string): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:${subcode}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  );

export interface SimulatedStream {
  readonly token: string;
  readonly codec: 'H264' | 'H265' | 'JPEG';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Pictures from one key frame to the next. */
  readonly govLength: number;
  readonly kilobitsPerS: number;
}

export interface DeviceAnswers {
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
  readonly streams: readonly SimulatedStream[];
  /** The start of the addresses of its services, and of its streams, as it writes them. */
  readonly servicesAt: string;
  readonly streamsAt: string;
  /** The second media service (Profile T): `claimed` where it is announced, and answers nothing. */
  readonly media2: boolean | 'claimed';
}

/** By the name of the call. `body` is the message that asked. */
export function answerOf(call: string, camera: DeviceAnswers, now: Date, body: string): string | undefined {
  const { maker, model, serial, streams, servicesAt, streamsAt } = camera;
  switch (call) {
    case 'GetSystemDateAndTime':
      return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>${dateAndTime(now)}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
    case 'GetServices':
      return `<tds:GetServicesResponse>${services(camera)
        .map(
          ([space, path]) =>
            `<tds:Service><tds:Namespace>http://www.onvif.org/${space}/wsdl</tds:Namespace><tds:XAddr>${servicesAt}${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`,
        )
        .join('')}</tds:GetServicesResponse>`;
    case 'GetDeviceInformation':
      return `<tds:GetDeviceInformationResponse><tds:Manufacturer>${maker}</tds:Manufacturer><tds:Model>${model}</tds:Model><tds:FirmwareVersion>V1.0.0 build 260101</tds:FirmwareVersion><tds:SerialNumber>${serial}</tds:SerialNumber><tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse>`;
    case 'GetProfiles':
      if (!body.includes('ver20'))
        return `<trt:GetProfilesResponse>${streams.map(profile).join('')}</trt:GetProfilesResponse>`;
      return camera.media2 === true
        ? `<tr2:GetProfilesResponse>${streams.map(profile2).join('')}</tr2:GetProfilesResponse>`
        : undefined;
    case 'GetStreamUri': {
      const token = /ProfileToken>([^<]+)/.exec(body)?.[1] ?? '';
      const uri = `<tt:Uri>${streamsAt}${token}?a=1&amp;b=2</tt:Uri>`;
      if (body.includes('ver20'))
        return `<tr2:GetStreamUriResponse>${uri.replaceAll('tt:', 'tr2:')}</tr2:GetStreamUriResponse>`;
      return `<trt:GetStreamUriResponse><trt:MediaUri>${uri}<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>`;
    }
    default:
      return undefined;
  }
}

function services({ media2 }: DeviceAnswers): (readonly [space: string, path: string])[] {
  const first = ['device', 'media', 'events'].map((name) => [`ver10/${name}`, `/onvif/${name}`] as const);
  return media2 !== false ? [...first, ['ver20/media', '/onvif/media2']] : first;
}

function dateAndTime(at: Date): string {
  return (
    `<tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date>`
  );
}

const resolution = ({ width, height }: SimulatedStream): string =>
  `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>`;

function profile(stream: SimulatedStream): string {
  const { token, codec, fps, govLength, kilobitsPerS } = stream;
  const h264 = `<tt:H264><tt:GovLength>${govLength}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>`;
  return (
    `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token}</tt:Name><tt:VideoSourceConfiguration token="vsc"><tt:Name>v</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>vs1</tt:SourceToken><tt:Bounds x="0" y="0" width="1920" height="1080"/></tt:VideoSourceConfiguration>` +
    `<tt:VideoEncoderConfiguration token="e-${token}"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${codec}</tt:Encoding>${resolution(stream)}` +
    `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${kilobitsPerS}</tt:BitrateLimit></tt:RateControl>${codec === 'H264' ? h264 : ''}</tt:VideoEncoderConfiguration></trt:Profiles>`
  );
}

function profile2(stream: SimulatedStream): string {
  const { token, codec, fps, govLength, kilobitsPerS } = stream;
  return (
    `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${token}</tr2:Name><tr2:Configurations>` +
    `<tr2:VideoEncoder token="e-${token}" GovLength="${govLength}" Profile="Main"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${codec}</tt:Encoding>${resolution(stream)}` +
    `<tt:RateControl ConstantBitRate="true"><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:BitrateLimit>${kilobitsPerS}</tt:BitrateLimit></tt:RateControl></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>`
  );
}
