/** RTSP 1.0 (RFC 2326) as a camera speaks it: requests in, responses and the session description out. Pure bytes and text. */
import { PAYLOAD_TYPE, type Clip } from './h264.ts';

export interface Request {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What one request and its body may take. */
const MAX_REQUEST_BYTES = 16_384;

/** Collects bytes of one connection and hands out whole requests; interleaved packets from the client (RTCP) are passed over. */
export function requestReader(): (chunk: Uint8Array) => Request[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const found: Request[] = [];
    for (;;) {
      const taken = takeOne(rest, found);
      if (taken === 0) break;
      rest = rest.subarray(taken);
    }
    if (rest.length > MAX_REQUEST_BYTES + 65_539) throw new Error('RTSP request too large');
    return found;
  };
}

/** Bytes used up by the first request or packet of `bytes`; 0 when it is not whole yet. */
function takeOne(bytes: Buffer, found: Request[]): number {
  if (bytes[0] === 0x24) {
    const whole = bytes.length >= 4 ? 4 + bytes.readUInt16BE(2) : Infinity;
    return bytes.length >= whole ? whole : 0;
  }
  const end = bytes.indexOf('\r\n\r\n');
  if (end > MAX_REQUEST_BYTES || (end < 0 && bytes.length > MAX_REQUEST_BYTES)) throw new Error('RTSP head too large');
  if (end < 0) return 0;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = Number(headers['content-length'] ?? 0);
  if (!(length >= 0 && length <= MAX_REQUEST_BYTES)) throw new Error('RTSP body too large');
  if (bytes.length < end + 4 + length) return 0;
  const match = /^([A-Z_]+) (\S+) (?:RTSP|HTTP)\/1\.[01]$/.exec(first);
  if (!match) throw new Error('not an RTSP request');
  found.push({ method: match[1]!, url: match[2]!, headers });
  return end + 4 + length;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  404: 'Not Found',
  455: 'Method Not Valid in This State',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
};

export function response(
  request: Request,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const all: Record<string, string> = { CSeq: request.headers['cseq'] ?? '0', ...headers };
  if (body !== '') all['Content-Length'] = String(Buffer.byteLength(body));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `RTSP/1.0 ${status} ${REASONS[status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`;
}

/** Channel asked for by a SETUP for interleaved TCP; undefined for any other transport (RFC 2326 section 12.39). */
export function interleavedChannel(transport: string | undefined): number | undefined {
  if (!/^RTP\/AVP\/TCP\b/i.test(transport ?? '')) return undefined;
  const channel = Number(/interleaved=(\d{1,3})/i.exec(transport ?? '')?.[1] ?? 0);
  return channel < 255 ? channel : undefined;
}

/** First of the two ports that a SETUP for UDP asks for; undefined for any other transport. */
export function clientPort(transport: string | undefined): number | undefined {
  if (!/^RTP\/AVP(\/UDP)?(;|$)/i.test(transport ?? '')) return undefined;
  const port = Number(/client_port=(\d{1,5})/i.exec(transport ?? '')?.[1] ?? 0);
  return port > 0 && port < 65_536 ? port : undefined;
}

/** A track as cameras with ONVIF have it beside their video. */
const METADATA = ['m=application 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000', 'a=control:trackID=1'];

/** Session description (RFC 8866) of one H.264 track (RFC 6184 section 8). */
export function sdp(clip: Pick<Clip, 'sps' | 'pps'>, fps: number, metadata = false): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const profile = Buffer.from(clip.sps.subarray(1, 4)).toString('hex');
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=simulated camera',
    't=0 0',
    'a=control:*',
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    `a=rtpmap:${PAYLOAD_TYPE} H264/90000`,
    `a=fmtp:${PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${base64(clip.sps)},${base64(clip.pps)}`,
    `a=framerate:${fps}`,
    'a=control:trackID=0',
    ...(metadata ? METADATA : []),
    '',
  ].join('\r\n');
}
