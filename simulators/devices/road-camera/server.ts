/** A road camera made of software: an RTSP server that plays a clip again and again, and can be told to misbehave. */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { serveTcp } from '../../product/loopback.ts';
import { packetize, readClip, type Clip, type RtpState } from './h264.ts';
import { openRtspLogin, type RtspLogin, type LoginOptions } from './login.ts';
import { clientPort, interleavedChannel, requestReader, response, sdp, type Request } from './rtsp.ts';

/**
 * stall: the socket stays open, nothing is sent · cut: every connection is closed at once · slow: one picture a second ·
 * size: the stream goes on with `otherClip` · html: a web page answers · missing: no stream at this path (404).
 */
export type CameraFault = 'stall' | 'cut' | 'slow' | 'size' | 'html' | 'missing';

export interface CameraOptions extends LoginOptions {
  /** Annex-B H.264, or the file that holds it; it starts with a key frame. */
  readonly clip: string | Uint8Array;
  /** Played during the fault `size`. */
  readonly otherClip?: string | Uint8Array;
  /** Pictures a second; 25 unless told. */
  readonly fps?: number;
  /** Each client sees the clip from this picture on, which has to be a key picture; from the first one unless told. */
  readonly from?: number;
  /** Told of each picture of the clip, by its number, when it is sent. */
  sent?(picture: number): void;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  /** What it sends by: `tcp` within the connection, `udp` as datagrams; the other is refused. Both unless told. */
  readonly transport?: 'tcp' | 'udp';
  /** It offers a second track, of ONVIF metadata, which is no video. */
  readonly metadata?: boolean;
  /** Every picture has the stamp of the first one. */
  readonly stampsStandStill?: boolean;
  /** Of the datagrams, each so-manyth is lost. */
  readonly losesEvery?: number;
}

export type RtspCamera = Awaited<ReturnType<typeof startCamera>>;

interface State {
  readonly options: CameraOptions;
  readonly clip: Clip;
  readonly otherClip: Clip | undefined;
  readonly fps: number;
  readonly login: RtspLogin;
  readonly playing: Set<Socket>;
  fault: CameraFault | undefined;
}

const PATH = '/stream1';
const TICK_MS = 10;
/** A client that takes nothing for this long a backlog misses pictures up to the next key frame, as with a real camera. */
const MAX_BACKLOG_BYTES = 4 * 2 ** 20;

export async function startCamera(options: CameraOptions) {
  const load = (clip: string | Uint8Array): Clip => readClip(typeof clip === 'string' ? readFileSync(clip) : clip);
  const state: State = {
    options,
    clip: load(options.clip),
    otherClip: options.otherClip === undefined ? undefined : load(options.otherClip),
    fps: options.fps ?? 25,
    login: openRtspLogin(options),
    playing: new Set(),
    fault: undefined,
  };
  const { port, sockets, close } = await serveTcp((socket) => serve(socket, state), options.port);
  return {
    /** Without credentials. */
    url: `rtsp://127.0.0.1:${port}${PATH}`,
    port,
    /** Connections that are playing now. */
    get clients(): number {
      return state.playing.size;
    },
    /** Logins that were wrong. */
    get wrongLogins(): number {
      return state.login.wrong();
    },
    fault(kind: CameraFault | undefined): void {
      if (kind === 'size' && !state.otherClip) throw new Error('the fault `size` needs otherClip');
      state.fault = kind;
      if (kind === 'cut') for (const socket of sockets) socket.destroy();
    },
    close,
  };
}

function serve(socket: Socket, state: State): void {
  const read = requestReader();
  let stop: (() => void) | undefined;
  let send: Send | undefined;
  const session = randomBytes(4).toString('hex');
  socket.on('close', () => stop?.());
  if (state.fault === 'cut') return void socket.destroy();
  socket.on('data', (chunk) => {
    if (state.fault === 'html') return void socket.end(webPage());
    let requests: Request[];
    try {
      requests = read(chunk);
    } catch {
      return void socket.destroy();
    }
    for (const request of requests) {
      const refusal = refuse(request, state);
      if (refusal !== undefined) {
        socket.write(refusal);
      } else if (request.method === 'SETUP') {
        const asked = setUp(socket, request, state);
        send = asked?.send;
        const ok = response(request, 200, { Transport: asked?.transport ?? '', Session: `${session};timeout=60` });
        socket.write(asked ? ok : response(request, 461));
      } else if (request.method === 'PLAY') {
        if (!send) {
          socket.write(response(request, 455));
          continue;
        }
        socket.write(response(request, 200, { Session: session, Range: 'npt=0-' }));
        stop ??= play(socket, send, state);
      } else {
        socket.write(answer(request, session, state));
        if (request.method === 'TEARDOWN') socket.end();
      }
    }
  });
}

function answer(request: Request, session: string, state: State): string {
  switch (request.method) {
    case 'OPTIONS':
      return response(request, 200, { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER' });
    case 'DESCRIBE': {
      const headers = { 'Content-Type': 'application/sdp', 'Content-Base': `${request.url}/` };
      return response(request, 200, headers, sdp(state.clip, state.fps, state.options.metadata));
    }
    case 'GET_PARAMETER':
    case 'SET_PARAMETER':
    case 'TEARDOWN':
      return response(request, 200, { Session: session });
    default:
      return response(request, 501);
  }
}

/** Takes the packets of one picture, each behind its four bytes of interleaving. */
type Send = (packets: readonly Buffer[]) => void;

/** The way that SETUP asks for; undefined where the camera does not send so. */
function setUp(socket: Socket, request: Request, { options }: State): { send: Send; transport: string } | undefined {
  const asked = request.headers['transport'];
  const channel = options.transport === 'udp' ? undefined : interleavedChannel(asked);
  if (channel !== undefined) {
    const send: Send = (packets) => void socket.write(Buffer.concat(packets.map((p) => onChannel(p, channel))));
    return { send, transport: `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}` };
  }
  const port = options.transport === 'tcp' ? undefined : clientPort(asked);
  if (port === undefined) return undefined;
  const datagrams = createSocket('udp4').on('error', () => undefined);
  socket.once('close', () => datagrams.close());
  let sent = 0;
  const send: Send = (packets) => {
    for (const packet of packets)
      if (options.losesEvery === undefined || ++sent % options.losesEvery !== 0)
        datagrams.send(packet.subarray(4), port, socket.remoteAddress);
  };
  return { send, transport: `RTP/AVP;unicast;client_port=${port}-${port + 1};server_port=50000-50001` };
}

function onChannel(packet: Buffer, channel: number): Buffer {
  packet[1] = channel;
  return packet;
}

/** The refusal of a request: not logged in, or no such stream. */
function refuse(request: Request, state: State): string | undefined {
  if (request.method === 'OPTIONS') return undefined;
  const offers = state.login.refuse(request.headers['authorization'], request.method);
  if (offers) return response(request, 401, { 'WWW-Authenticate': offers.join('\r\nWWW-Authenticate: ') });
  const path = /^rtsp:\/\/[^/]+(\/[^/?]*)/i.exec(request.url)?.[1];
  return state.fault === 'missing' || path !== PATH ? response(request, 404) : undefined;
}

const webPage = (): string => {
  const page = '<!doctype html><title>Camera</title><p>Please log in.</p>';
  return `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`;
};

/** Sends pictures at their time until stopped. Time stamps go on growing over the end of the clip and over faults. */
function play(socket: Socket, sendPackets: Send, state: State): () => void {
  const rtp: RtpState = { ssrc: randomInt(2 ** 32), sequence: randomInt(2 ** 16) };
  const firstTimestamp = randomInt(2 ** 32);
  const startedAt = performance.now();
  let clip = state.clip;
  let next = state.options.from ?? 0;
  let gap = false;
  let sentAt = -Infinity;
  const send = (n: number): void => {
    const slow = state.fault === 'slow' && performance.now() - sentAt < 1000;
    if (state.fault === 'stall' || slow || socket.writableLength > MAX_BACKLOG_BYTES) {
      gap = true;
      return;
    }
    const wanted = state.fault === 'size' && state.otherClip ? state.otherClip : state.clip;
    if (wanted !== clip) next = 0;
    clip = wanted;
    // After a gap only a key frame can be decoded; the first picture of a clip is one.
    while (gap && !clip.units[next % clip.units.length]!.key) next += 1;
    gap = false;
    state.options.sent?.(next % clip.units.length);
    const unit = clip.units[next++ % clip.units.length]!;
    sentAt = performance.now();
    const stamp = state.options.stampsStandStill ? 0 : Math.round((n * 90_000) / state.fps);
    sendPackets(packetize(unit, firstTimestamp + stamp, rtp));
  };
  let n = 0;
  const timer = setInterval(() => {
    while (startedAt + (n * 1000) / state.fps <= performance.now()) send(n++);
  }, TICK_MS);
  state.playing.add(socket);
  return () => {
    clearInterval(timer);
    state.playing.delete(socket);
  };
}
