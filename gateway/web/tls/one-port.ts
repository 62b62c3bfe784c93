/** TLS and plain HTTP on one port: the first byte of a connection tells which it is. Plain HTTP is for this machine, and for saying where TLS is. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, TLSSocket, type TlsOptions } from 'node:tls';
import type { KeyPair } from '../../contracts/key-pair.ts';

/** A record of the type `handshake` (RFC 8446, 5.1). No method of HTTP begins so. */
const HANDSHAKE = 0x16;
const MAX_HANDSHAKE_MS = 10_000;

/**
 * 1.3 where the browser has it. 1.2 too, because the web views of panels with Android 9 and older know nothing later; of it only suites with forward
 * secrecy and authenticated encryption.
 */
const VERSIONS: TlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  handshakeTimeout: MAX_HANDSHAKE_MS,
};

export interface OnePort {
  /** For connections from now on. */
  renew(pair: KeyPair): void;
  /** Ends all connections: the HTTP server does not know of those before their first byte or in their handshake. */
  close(): void;
}

/** To be called before `server` listens. */
export function acceptTls(server: Server, pair: KeyPair): OnePort {
  const serve = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  const http = (socket: Socket): void => serve.forEach((listener) => listener.call(server, socket));
  const tls = createServer({ ...VERSIONS, ...contextOf(pair) }, http);
  const sockets = new Set<Socket>();
  // A scan or a broken client is no fault of the box.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    const waiting = setTimeout(() => socket.destroy(), MAX_HANDSHAKE_MS);
    socket.once('close', () => {
      sockets.delete(socket);
      clearTimeout(waiting);
    });
    socket.once('readable', () => {
      clearTimeout(waiting);
      const first = socket.read(1) as Buffer | null;
      if (!first) return void socket.destroy();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) tls.emit('connection', socket);
      else http(socket);
    });
  });
  return {
    renew: (next) => tls.setSecureContext({ ...VERSIONS, ...contextOf(next) }),
    close: () => sockets.forEach((socket) => socket.destroy()),
  };
}

function contextOf({ certificate, key }: KeyPair): TlsOptions {
  return { cert: certificate, key };
}

/** Over TLS, or from a program of this machine. */
export function isPrivate({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return socket instanceof TLSSocket || isOwn(socket.remoteAddress);
}

function isOwn(address = ''): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
