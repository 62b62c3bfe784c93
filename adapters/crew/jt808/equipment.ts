/** Vehicle terminals that speak JT/T 808 over TCP: the port, the connections, their limits. session.ts has what is said over them. */
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import type { EquipmentHost, OpenEquipment } from '../../../gateway/contracts/crew.ts';
import { TokenBucket } from '../../../gateway/contracts/rate-limiter.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { allowListKey, openAllowList } from '../../shared/allow.ts';
import { listenKey, notListening } from '../../shared/listen.ts';
import { TerminalSession } from './session.ts';

const config = z.strictObject({
  listen: listenKey,
  /** Addresses or networks; absent: everybody who gets to the port. */
  allow: allowListKey.optional(),
  limits: z
    .strictObject({
      connections: z.int().min(1).max(10_000).default(500),
      /** Terminals behind one mobile gateway share an address. */
      perAddress: z.int().min(1).max(10_000).default(100),
      /** A connection silent for this long is closed; terminals send a heartbeat each minute. */
      idleS: z.int().min(1).max(3_600).default(180),
      /** From the first byte to a right authentication. */
      loginS: z.int().min(1).max(600).default(60),
      /** What comes faster has to wait. */
      bytesPerS: z.int().min(1_024).max(1_048_576).default(16_384),
    })
    .prefault({}),
});

type Limits = z.infer<typeof config>['limits'];

/** Answers that a terminal has not read. */
const MAX_UNSENT_BYTES = 64 * 1024;

/** Checks the configuration; `run` listens. It rejects when it cannot, in words that name address and key. */
export const openJt808: OpenEquipment = (value, context) => {
  const { listen, limits, ...rest } = context.check(config, value);
  const allows = rest.allow ? openAllowList(rest.allow) : () => true;
  return {
    async run(host, signal) {
      if (signal.aborted) return;
      const { promise: over, resolve: end, reject: lose } = Promise.withResolvers<void>();
      const server = createServer({ noDelay: true });
      const closeAll = serve(server, host, limits, allows);
      server.on('error', (error) => lose(notListening(listen, error)));
      signal.addEventListener('abort', () => end(), { once: true });
      try {
        server.listen({ ...listen, exclusive: true }, () =>
          context.log.info({ equipment: context.id, listen: server.address() }, 'listening'),
        );
        await over;
      } finally {
        closeAll();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      }
    },
  };
};

/** Returns what ends all connections; `host` is not called afterwards. */
function serve(
  server: Server,
  host: EquipmentHost,
  limits: Limits,
  allows: (address: string | undefined) => boolean,
): () => void {
  const sockets = new Map<Socket, string>();
  const byDevice = new Map<string, Socket>();
  const calls = new Map<string, string>();
  const accept = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    if (!allows(address)) {
      host.refused('not allowed');
      return void socket.destroy();
    }
    const fromThere = [...sockets.values()].filter((other) => other === address).length;
    if (sockets.size >= limits.connections || fromThere >= limits.perAddress) {
      host.refused('too many connections');
      return void socket.destroy();
    }
    sockets.set(socket, address);
    const login = setTimeout(() => socket.destroy(), limits.loginS * 1000);
    socket.setTimeout(limits.idleS * 1000, () => socket.destroy());
    let device: string | undefined;
    const loggedIn = (id: string): void => {
      clearTimeout(login);
      const older = byDevice.get(id);
      if (older && older !== socket) {
        host.sessionTakenOver(id, [address, sockets.get(older)]);
        older.destroy();
      }
      byDevice.set(id, socket);
      device = id;
    };
    const session = new TerminalSession({
      host,
      calls,
      loggedIn,
      address,
      close: () => socket.destroySoon(),
      write: (b) => send(socket, b),
    });
    const throttle = openThrottle(limits.bytesPerS, socket, () => host.refused('too fast', device));
    socket.on('data', (chunk) => {
      throttle(chunk.length);
      session.receive(chunk);
    });
    // A connection that breaks is closed next, and the terminal comes again.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(login);
      sockets.delete(socket);
      if (device !== undefined && byDevice.get(device) === socket) byDevice.delete(device);
    });
  };
  server.on('connection', accept);
  return () => {
    for (const socket of sockets.keys()) socket.destroy();
  };
}

function send(socket: Socket, bytes: Uint8Array): void {
  if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
  else if (socket.writable) socket.write(bytes);
}

/** Makes the terminal wait where it sends faster than `bytesPerS`; nothing of it is lost. */
function openThrottle(bytesPerS: number, socket: Socket, tooFast: () => void): (bytes: number) => void {
  const bucket = new TokenBucket({ size: bytesPerS, perS: bytesPerS });
  return (bytes) => {
    bucket.take(bytes);
    if (bucket.available() >= 0 || socket.isPaused()) return;
    tooFast();
    socket.pause();
    setTimeout(() => socket.resume(), timerMs(bucket.waitMs(0))).unref();
  };
}
