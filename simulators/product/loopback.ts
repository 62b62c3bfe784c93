/** Servers on 127.0.0.1, by default on any free port, whose end breaks their connections. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Has the server listen, and gives its port. Rejects where it cannot. */
export async function listenOn(server: Server, port = 0, host = '127.0.0.1'): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function serveHttp(server: HttpServer | HttpsServer, port?: number, host?: string) {
  return {
    port: await listenOn(server, port, host),
    close: async (): Promise<void> => {
      const closed = server[Symbol.asyncDispose]();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `serve` gets each connection; one that breaks only ends. */
export async function serveTcp(serve: (socket: Socket) => void, port?: number) {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    serve(socket);
  });
  return {
    port: await listenOn(server, port),
    /** Those that are open. */
    sockets,
    close: async (): Promise<void> => {
      const closed = server[Symbol.asyncDispose]();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
