/**
 * Logs in for ffmpeg: it speaks to a port on loopback, and what it asks goes on to the camera with an `Authorization`. ffmpeg 5.1 answers
 * Digest with MD5 alone, mixes up two challenges, and needs the password; this knows SHA-256, logs in once a connection, and keeps it here.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import { whyNotConnected } from '../../../gateway/contracts/network-errors.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import type { DigestCredentials } from '../../shared/digest.codec.ts';
import { DigestLogin } from '../../shared/digest-login.ts';
import { statusError } from './causes.ts';
import { fieldOf, RtspReader, rtspBytes, withField, type RtspMessage } from './rtsp.codec.ts';

const CONNECT_MS = 5_000;
/** Requests whose answers are awaited; ffmpeg asks one after the other, and keeps the session alive between. */
const MAX_PENDING = 16;
/** Without a login, with one, and with another nonce. */
const MAX_TRIES = 2;
const DEFAULT_PORT = 554;

interface Pending {
  readonly request: RtspMessage;
  /** As ffmpeg counts: what it asked has another number here after a login. */
  readonly cseq: string;
  readonly authorized: boolean;
  /** Times that it was sent before. */
  readonly tries: number;
}

/** Listens until ffmpeg has come. Only who knows `url`, which has a secret path, is let through, and only once. */
export async function openRelay(url: string, who: DigestCredentials): Promise<LoginRelay> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new LoginRelay(server, url, who);
}

export class LoginRelay {
  /** What ffmpeg opens in the place of the camera's address. */
  readonly url: string;
  /** Why it ended, where the camera said so, or could not be reached. */
  failure: CameraError | undefined;
  readonly #server: Server;
  readonly #base: string;
  readonly #camera: URL;
  readonly #authority: string;
  readonly #login: DigestLogin;
  readonly #sockets = new Set<Socket>();
  readonly #pending = new Map<string, Pending>();
  #cseq = 0;
  /** The camera has taken the login. */
  #accepted = false;

  constructor(server: Server, url: string, who: DigestCredentials) {
    const [authority = '', rest = ''] = [/^rtsp:\/\/[^/?#]*/i.exec(url)?.[0], url.replace(/^rtsp:\/\/[^/?#]*/i, '')];
    this.#server = server;
    this.#authority = authority;
    this.#camera = new URL(url);
    this.#login = new DigestLogin(who);
    this.#base = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/${randomBytes(16).toString('hex')}`;
    this.url = this.#base + rest;
    server.on('connection', (socket) => this.#accept(socket));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
  }

  #fail(error: CameraError): void {
    this.failure ??= error;
    this.close();
  }

  #accept(client: Socket): void {
    this.#keep(client);
    const reader = new RtspReader('requests');
    let camera: Socket | undefined;
    client.on('data', (chunk: Buffer) => {
      try {
        for (const part of reader.read(chunk)) {
          if ('data' in part) camera?.write(part.data);
          else if (camera) this.#ask(camera, part.message);
          else if (part.message.start.split(' ')[1]?.startsWith(this.#base)) {
            // Nobody else is let in.
            this.#server.close();
            camera = this.#connect(client);
            this.#ask(camera, part.message);
          } else client.destroy();
        }
      } catch {
        this.close();
      }
    });
  }

  #connect(client: Socket): Socket {
    const { hostname, port } = this.#camera;
    const host = hostname.replace(/^\[|\]$/g, '');
    const camera = this.#keep(connect({ host, port: port === '' ? DEFAULT_PORT : Number(port), noDelay: true }));
    const late = new CameraError(english('camera-no-answer-within', { seconds: CONNECT_MS / 1000 }));
    const timer = setTimeout(() => this.#fail(late), CONNECT_MS);
    const reader = new RtspReader('responses');
    camera
      .once('connect', () => clearTimeout(timer))
      .once('error', (error) => {
        const why = whyNotConnected(error, 'camera') ?? english('camera-no-answer');
        // Once it has answered, it has only gone away.
        if (this.#cseq === 0 || camera.connecting || camera.bytesRead === 0) this.failure ??= new CameraError(why);
      })
      .once('close', () => {
        clearTimeout(timer);
        client.end();
      })
      .on('data', (chunk: Buffer) => {
        try {
          for (const part of reader.read(chunk)) {
            if ('message' in part) this.#answer(camera, client, part.message);
            else if (!client.write(part.data)) camera.pause();
          }
        } catch {
          this.#fail(new CameraError(english('camera-no-rtsp'), 'setting'));
        }
      });
    client.on('drain', () => camera.resume()).once('close', () => camera.destroy());
    return camera;
  }

  #ask(camera: Socket, request: RtspMessage): void {
    const [method = '', uri = '', version = ''] = request.start.split(' ');
    const address = uri.startsWith(this.#base) ? this.#authority + uri.slice(this.#base.length) : uri;
    this.#send(camera, { ...request, start: `${method} ${address} ${version}` }, fieldOf(request, 'cseq') ?? '0', 0);
  }

  #send(camera: Socket, request: RtspMessage, cseq: string, tries: number): void {
    const [method = '', uri = ''] = request.start.split(' ');
    const number = String(++this.#cseq);
    const authorization = this.#login.authorization(method, uri);
    this.#pending.set(number, { request, cseq, authorized: authorization !== undefined, tries });
    if (this.#pending.size > MAX_PENDING) this.#pending.delete(this.#pending.keys().next().value!);
    const counted = withField(request, 'CSeq', number);
    camera.write(rtspBytes(authorization === undefined ? counted : withField(counted, 'Authorization', authorization)));
  }

  #answer(camera: Socket, client: Socket, response: RtspMessage): void {
    // Of a camera that does not count: the answer to what was asked first.
    const number = fieldOf(response, 'cseq') ?? this.#pending.keys().next().value ?? '0';
    const asked = this.#pending.get(number);
    this.#pending.delete(number);
    const status = Number(response.start.split(' ')[1]);
    if (asked && status === 401 && this.#loginAgain(response, asked)) {
      this.#send(camera, asked.request, asked.cseq, asked.tries + 1);
      return;
    }
    this.#accepted ||= asked?.authorized === true && status < 300;
    if (this.failure) return this.close();
    const method = asked?.request.start.split(' ')[0] ?? '';
    if (status >= 300 && ['DESCRIBE', 'SETUP', 'PLAY'].includes(method)) return this.#fail(statusError(status));
    client.write(rtspBytes(forFfmpeg(response, asked?.cseq ?? number, camera.remoteAddress ?? '')));
  }

  /** True where the request is to be sent again, with what the camera asks for now. A password that it has not taken is sent once. */
  #loginAgain(response: RtspMessage, { authorized, tries }: Pending): boolean {
    const offers = response.fields.filter(([name]) => name.toLowerCase() === 'www-authenticate').map(([, v]) => v);
    const taken = this.#login.challenged(offers);
    const isOldNonce = taken === 'stale' || this.#accepted;
    if (taken === 'unsupported') this.failure ??= new CameraError(english('camera-rtsp-login'), 'setting');
    else if (authorized && (!isOldNonce || tries >= MAX_TRIES)) this.failure ??= statusError(401);
    return !this.failure;
  }
}

/** With ffmpeg's own number, and with where pictures over UDP come from: for ffmpeg the camera is on loopback. */
function forFfmpeg(response: RtspMessage, cseq: string, address: string): RtspMessage {
  const counted = withField(response, 'CSeq', cseq);
  const transport = fieldOf(response, 'transport');
  if (transport === undefined || !/client_port=/i.test(transport) || /source=/i.test(transport)) return counted;
  return withField(counted, 'Transport', `${transport};source=${address}`);
}
