/**
 * Where devices connect to: TCP, TLS, WebSocket. Counts connections, and gives on those that have come as far as MQTT.
 * Until then each step (TLS handshake, HTTP head, CONNECT) may take `connectS`.
 */
import { createServer as createHttpServer, STATUS_CODES, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { CrewRefusal } from '../../../gateway/contracts/crew.ts';
import { refusedHost } from '../../../gateway/contracts/hosts.ts';
import { notListening, type Listen } from '../../shared/listen.ts';
import type { BrokerConfig, BrokerLimits } from './config.ts';

/** A connection that speaks MQTT from here on. */
export interface MqttPeer {
  readonly stream: Duplex;
  /** Undefined where it is gone already. */
  readonly address: string | undefined;
  /** Common name of the certificate it has shown, signed by `tls.clientAuthority`. */
  readonly certificate: string | undefined;
  /** To be called after login: the limits of a stranger end. */
  readonly loggedIn: () => void;
}

export interface ListenerParts {
  readonly config: BrokerConfig;
  readonly tls: TlsOptions | undefined;
  /** Takes over a connection. */
  readonly serve: (peer: MqttPeer) => void;
  readonly refused: (why: CrewRefusal) => void;
  /** A port was opened; `key` is its key in the configuration. */
  readonly listening: (key: string, address: AddressInfo) => void;
}

const MAX_HTTP_HEAD_BYTES = 8 * 1024;
/** Heads of frames: a WebSocket client may send CONNECT in many. */
const MAX_FRAMES_BYTES = 1024;
const PACKET_HEADER_BYTES = 5;
const nothing = (): void => undefined;

export function openListeners(parts: ListenerParts) {
  const { config, tls, serve, refused } = parts;
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  // It is not awaited where the listeners are closed early.
  lost.catch(nothing);
  const admission = openAdmission(config.limits, refused);
  const servers: Server[] = [];
  const open = (key: string, { host, port }: Listen, server: Server): void => {
    server.on('connection', admission.admit);
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      // A client that goes away has not failed to log in.
      if (error.code !== 'ECONNRESET') refused('login');
      socket.destroy();
    });
    server.on('error', (error) => lose(notListening({ host, port }, error, key)));
    server.listen({ host, port, exclusive: true }, () => parts.listening(key, server.address() as AddressInfo));
    servers.push(server);
  };
  // Without noDelay every answer waits for the acknowledgement of the one before: 40 ms.
  const noDelay = true;
  const handshake = { ...tls, noDelay, handshakeTimeout: config.limits.connectS * 1000 };
  if (config.listen) {
    const server = createServer({ noDelay });
    open('listen', config.listen, server);
    server.on('connection', (socket) => {
      if (!socket.destroyed)
        serve({ stream: socket, address: socket.remoteAddress, certificate: undefined, loggedIn: nothing });
    });
  }
  if (config.tls) {
    const server = createTlsServer(handshake, (socket) => {
      const certificate = commonName(socket);
      if (certificate === false) return refuseCertificate(socket, refused);
      serve({ stream: socket, address: socket.remoteAddress, certificate, loggedIn: nothing });
    });
    open('tls', config.tls, server);
  }
  if (config.websocket) {
    const head = {
      maxHeaderSize: MAX_HTTP_HEAD_BYTES,
      headersTimeout: config.limits.connectS * 1000,
      requestTimeout: config.limits.connectS * 1000,
      connectionsCheckingInterval: 1_000,
    };
    const server = config.websocket.tls
      ? createHttpsServer({ ...handshake, ...head })
      : createHttpServer({ noDelay, ...head });
    upgrade(server, config.websocket, parts);
    open('websocket', config.websocket, server);
  }
  return {
    /** Rejects when a port cannot be opened or is lost; never resolves. */
    lost,
    /** Closes the ports and ends every connection. */
    async close(): Promise<void> {
      admission.close();
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    },
  };
}

function openAdmission({ connections, perAddress }: BrokerLimits, refused: ListenerParts['refused']) {
  const sockets = new Set<Socket>();
  const addresses = new Map<string, number>();
  return {
    /** Destroys a connection that is one too many. */
    admit: (socket: Socket): void => {
      const address = socket.remoteAddress ?? '';
      const count = addresses.get(address) ?? 0;
      // An error before MQTT begins has no other listener, and would end the process.
      socket.on('error', nothing);
      if (sockets.size >= connections || count >= perAddress) {
        refused('too many connections');
        return void socket.destroy();
      }
      sockets.add(socket);
      addresses.set(address, count + 1);
      socket.once('close', () => {
        sockets.delete(socket);
        const left = (addresses.get(address) ?? 1) - 1;
        if (left === 0) addresses.delete(address);
        else addresses.set(address, left);
      });
    },
    close: (): void => sockets.forEach((socket) => socket.destroy()),
  };
}

/** Of a certificate that the authority has signed; undefined without one, false for any other. */
function commonName(socket: TLSSocket): string | undefined | false {
  const { subject } = socket.getPeerCertificate();
  // Without a certificate it is an empty object.
  if (subject === undefined) return undefined;
  // A name that occurs twice is an array, whatever the types say.
  const name: unknown = subject.CN;
  return socket.authorized && typeof name === 'string' && name !== '' ? name : false;
}

function refuseCertificate(socket: Duplex, refused: ListenerParts['refused']): void {
  refused('login');
  socket.destroy();
}

/** MQTT in WebSocket (MQTT 3.1.1 section 6). Any other request is answered with 426 and closed. */
function upgrade(
  server: HttpServer,
  { path, hosts, tls }: NonNullable<BrokerConfig['websocket']>,
  { config, serve, refused }: ListenerParts,
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    path,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: config.limits.packetBytes + PACKET_HEADER_BYTES,
    handleProtocols: (offered) => ['mqtt', 'mqttv3.1'].find((name) => offered.has(name)) ?? false,
  });
  server.on('request', (_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end();
  });
  server.on('clientError', (_error, socket) => void socket.destroy());
  server.on('upgrade', (request, socket: Socket, head) => {
    // A foreign page may have its own name lead here (DNS rebinding).
    const status = tls ? undefined : refusedHost(request, hosts);
    if (status) {
      refused('login');
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const certificate = socket instanceof TLSSocket ? commonName(socket) : undefined;
      if (certificate === false) return refuseCertificate(socket, refused);
      // ws gathers a message of `maxPayload` for anybody: until login the bytes below it are counted.
      let bytes = 0;
      const count = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes <= config.limits.loginBytes + MAX_FRAMES_BYTES) return;
        refused('too large');
        socket.destroy();
      };
      socket.on('data', count);
      const loggedIn = (): void => void socket.off('data', count);
      serve({ stream: createWebSocketStream(webSocket), address: socket.remoteAddress, certificate, loggedIn });
    });
  });
}
