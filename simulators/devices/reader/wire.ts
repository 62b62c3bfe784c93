/**
 * The far end of a serial line, for readers that are simulated: a pseudo terminal (socat makes it), a TCP port, or a real serial
 * port whose other end the gateway opens.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { PATIENCE_FACTOR } from '../../patience.ts';
import { serveTcp } from '../../product/loopback.ts';

/** `pty`: path of the link that will name the device. `tcp`: a port of 127.0.0.1, 0 for any. `serial`: this end of a real pair. */
export type ReaderPort =
  | { readonly pty: string }
  | { readonly tcp: number }
  | { readonly serial: string; readonly baud: number; readonly far: string };

export interface Wire {
  /** What the gateway opens: a device path, or `tcp://127.0.0.1:PORT`. */
  readonly address: string;
  send(bytes: Uint8Array): void;
  /** The device goes away: the terminal hangs up, the connections break. */
  close(): Promise<void>;
}

/** Opens the far end; `receive` gets what the gateway writes. */
export function openWire(place: ReaderPort, receive: (bytes: Uint8Array) => void): Promise<Wire> {
  if ('pty' in place) return openPty(place.pty, receive);
  if ('tcp' in place) return openTcp(place.tcp, receive);
  return openSerial(place, receive);
}

const SOCAT_MS = 5_000 * PATIENCE_FACTOR;

async function openPty(path: string, receive: (bytes: Uint8Array) => void): Promise<Wire> {
  await rm(path, { force: true });
  const socat = spawn('socat', [`pty,raw,echo=0,link=${path}`, 'stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => socat.once('close', () => resolve()));
  let failed: Error | undefined;
  socat.once('error', (error) => (failed = error));
  socat.stdin.on('error', () => undefined);
  socat.stdout.on('data', receive);
  const end = async (): Promise<void> => {
    socat.kill('SIGKILL');
    await ended;
    await rm(path, { force: true });
  };
  const deadline = performance.now() + SOCAT_MS;
  while (
    await access(path, constants.R_OK).then(
      () => false,
      () => true,
    )
  ) {
    if (failed) throw new Error('socat cannot be started: install it, or use a tcp port', { cause: failed });
    if (socat.exitCode !== null || performance.now() > deadline) {
      await end();
      throw new Error(`socat made no terminal at ${path}`);
    }
    await sleep(5);
  }
  // Without a second holder of the device socat would end as soon as the gateway closes it once.
  const holder = await open(path, constants.O_RDWR | constants.O_NOCTTY);
  return {
    address: path,
    send: (bytes) => void socat.stdin.write(Uint8Array.from(bytes)),
    async close() {
      await end();
      await holder.close();
    },
  };
}

async function openTcp(at: number, receive: (bytes: Uint8Array) => void): Promise<Wire> {
  const { port, sockets, close } = await serveTcp((socket) => socket.on('data', receive), at);
  return {
    address: `tcp://127.0.0.1:${port}`,
    send: (bytes) => sockets.forEach((socket) => socket.write(Uint8Array.from(bytes))),
    close,
  };
}

async function openSerial(
  { serial, baud, far }: { readonly serial: string; readonly baud: number; readonly far: string },
  receive: (bytes: Uint8Array) => void,
): Promise<Wire> {
  const port = new SerialPort({ path: serial, baudRate: baud, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  port.on('data', receive);
  return {
    address: far,
    send: (bytes) => void port.write(Buffer.from(bytes)),
    close: () => new Promise((resolve) => port.close(() => resolve())),
  };
}
