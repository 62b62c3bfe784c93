/** Ports of 127.0.0.1, for programs that must be told theirs. */
import { createServer } from 'node:net';
import { listenOn } from './loopback.ts';

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  await using server = createServer();
  return await listenOn(server);
}

/** Whether nothing listens on a port of 127.0.0.1 at this moment. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await listenOn(server, port).catch(() => undefined);
  if (listens !== undefined) await server[Symbol.asyncDispose]();
  return listens !== undefined;
}
