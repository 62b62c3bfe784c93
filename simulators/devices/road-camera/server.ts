/** A road camera made of software: an RTSP server that plays a clip again and again, and can be told to misbehave. */
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import {
  basicAuthorization,
  digestResponse,
  parseChallenges,
  type Challenge,
} from '../../../adapters/shared/digest.codec.ts';
import { serveTcp } from '../../product/loopback.ts';
import { packetize, readClip, type Clip, type RtpState } from './h264.ts';
import { interleavedChannel, requestReader, response, sdp, type Request } from './rtsp.ts';

/**
 * stall: the socket stays open, nothing is sent · cut: every connection is closed at once · slow: one picture a second ·
 * size: the stream goes on with `otherClip` · html: a web page answers · missing: no stream at this path (404).
 */
export type CameraFault = 'stall' | 'cut' | 'slow' | 'size' | 'html' | 'missing';

export interface CameraOptions {
  /** Annex-B H.264, or the file that holds it; it starts with a key frame. */
  readonly clip: string | Uint8Array;
  /** Played during the fault `size`. */
  readonly otherClip?: string | Uint8Array;
  readonly user?: string;
  readonly password?: string;
  /** Way of logging in when there is a user; digest unless told. */
  readonly auth?: 'digest' | 'basic';
  /** Pictures a second; 25 unless told. */
  readonly fps?: number;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
}

export type RtspCamera = Awaited<ReturnType<typeof startCamera>>;

interface State {
  readonly options: CameraOptions;
  readonly clip: Clip;
  readonly otherClip: Clip | undefined;
  readonly fps: number;
  readonly challenge: Challenge;
  readonly playing: Set<Socket>;
  fault: CameraFault | undefined;
}

const REALM = 'camera';
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
    challenge: { scheme: 'digest', params: { realm: REALM, nonce: randomBytes(12).toString('hex') } },
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
  let channel: number | undefined;
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
        channel = interleavedChannel(request.headers['transport']);
        const transport = `RTP/AVP/TCP;unicast;interleaved=${channel}-${(channel ?? 0) + 1}`;
        const ok = response(request, 200, { Transport: transport, Session: `${session};timeout=60` });
        socket.write(channel === undefined ? response(request, 461) : ok);
      } else if (request.method === 'PLAY') {
        if (channel === undefined) {
          socket.write(response(request, 455));
          continue;
        }
        socket.write(response(request, 200, { Session: session, Range: 'npt=0-' }));
        stop ??= play(socket, channel, state);
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
      return response(request, 200, headers, sdp(state.clip, state.fps));
    }
    case 'GET_PARAMETER':
    case 'SET_PARAMETER':
    case 'TEARDOWN':
      return response(request, 200, { Session: session });
    default:
      return response(request, 501);
  }
}

/** The refusal of a request: not logged in, or no such stream. */
function refuse(request: Request, state: State): string | undefined {
  const { user, auth = 'digest' } = state.options;
  if (request.method === 'OPTIONS') return undefined;
  if (user !== undefined && !mayEnter(request, state)) {
    const { realm, nonce } = state.challenge.params;
    const offer = auth === 'basic' ? `Basic realm="${realm}"` : `Digest realm="${realm}", nonce="${nonce}"`;
    return response(request, 401, { 'WWW-Authenticate': offer });
  }
  const path = /^rtsp:\/\/[^/]+(\/[^/?]*)/i.exec(request.url)?.[1];
  return state.fault === 'missing' || path !== PATH ? response(request, 404) : undefined;
}

function mayEnter(request: Request, { options, challenge }: State): boolean {
  const who = { user: options.user ?? '', password: options.password ?? '' };
  const given = request.headers['authorization'] ?? '';
  if (options.auth === 'basic') return given === basicAuthorization(who);
  const { username, uri = '', nonce, response: got } = parseChallenges(given)[0]?.params ?? {};
  if (username !== who.user || nonce !== challenge.params['nonce']) return false;
  return got === digestResponse(challenge, who, { method: request.method, uri, cnonce: '', count: 1 });
}

const webPage = (): string => {
  const page = '<!doctype html><title>Camera</title><p>Please log in.</p>';
  return `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`;
};

/** Sends pictures at their time until stopped. Time stamps go on growing over the end of the clip and over faults. */
function play(socket: Socket, channel: number, state: State): () => void {
  const rtp: RtpState = { ssrc: randomInt(2 ** 32), sequence: randomInt(2 ** 16) };
  const firstTimestamp = randomInt(2 ** 32);
  const startedAt = performance.now();
  let clip = state.clip;
  let next = 0;
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
    const unit = clip.units[next++ % clip.units.length]!;
    sentAt = performance.now();
    socket.write(packetize(unit, firstTimestamp + Math.round((n * 90_000) / state.fps), channel, rtp));
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
