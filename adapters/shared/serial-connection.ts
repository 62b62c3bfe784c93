/** A serial line: a device path of this computer, or `tcp://host:port` of a serial-to-network converter (ser2net and its like). */
import { readFileSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { SerialPort } from 'serialport';
import { whyNotConnected } from '../../gateway/contracts/network-errors.ts';
import { english } from '../../gateway/contracts/words/words.ts';

export interface SerialSettings {
  /** Bits per second. Ignored over tcp, where the converter has its own settings, like the other three. */
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

export interface SerialConnection {
  /** Sends bytes in order. Does not wait; a lost line shows in `closed`. */
  write(bytes: Uint8Array): void;
  /**
   * Passes every incoming piece to `receive`, which replaces an earlier receiver. A piece is zeroed when `receive` returns: copy what must live
   * longer. Bytes that come without a receiver are dropped.
   */
  onBytes(receive: (chunk: Uint8Array) => void): void;
  /** Rejects when the device is lost, with a sentence for people; resolves after `close`, or when the signal has aborted. */
  readonly closed: Promise<void>;
  /** Resolves once the port can be opened again, or after a second. */
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const CLOSE_MS = 1_000;
const WATCH_MS = 300;
const CHUNK_BYTES = 4_096;

/** The fault of an address, for a message below its key; undefined if it is valid. */
export function addressProblem(address: string): string | undefined {
  if (hostOf(address) || /^\/[^\0]+$/.test(address)) return undefined;
  return english('port-expected');
}

/**
 * Opens the line. Rejects with a sentence that names the fault and the remedy: no such device, no permission (and the group that owns it), in use,
 * not a serial port, connection refused. Abort ends the opening and the open line. Name a device by a stable path, /dev/serial/by-id/…: unplugged
 * and plugged back in, it is found there again.
 */
export async function openSerialConnection(
  address: string,
  settings: SerialSettings,
  signal: AbortSignal,
): Promise<SerialConnection> {
  signal.throwIfAborted();
  const host = hostOf(address);
  const line = newLine(address);
  if (host) await openTcp(host, address, line, signal);
  else await openSerial(address, settings, line);
  if (signal.aborted) {
    await line.link.close();
    signal.throwIfAborted();
  }
  const abort = (): void => {
    line.link.close().catch(() => undefined);
  };
  signal.addEventListener('abort', abort, { once: true });
  const forget = (): void => signal.removeEventListener('abort', abort);
  line.link.closed.finally(forget).catch(() => undefined);
  return line.link;
}

/** The part both kinds share. Call `attach` once the device is open, and `ended` whenever it has gone. */
interface Line {
  readonly link: SerialConnection;
  readonly take: (chunk: Uint8Array) => void;
  readonly attach: (device: { write: (bytes: Uint8Array) => void; end: () => void }) => void;
  readonly ended: (cause?: Error | null) => void;
}

function newLine(address: string): Line {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // A line that is lost before a caller uses `closed` must not end the program.
  promise.catch(() => undefined);
  let receive: ((chunk: Uint8Array) => void) | undefined;
  let device: { write: (bytes: Uint8Array) => void; end: () => void } | undefined;
  let closing = false;
  const closed = promise.finally(() => {
    receive = undefined;
    device = undefined;
  });
  closed.catch(() => undefined);
  const close = async (): Promise<void> => {
    receive = undefined;
    if (!closing) {
      closing = true;
      device?.end();
      setTimeout(resolve, CLOSE_MS).unref();
    }
    await closed.catch(() => undefined);
  };
  return {
    link: { write: (bytes) => device?.write(bytes), onBytes: (to) => void (receive = to), closed, close },
    take(chunk) {
      try {
        receive?.(chunk);
      } finally {
        chunk.fill(0);
      }
    },
    attach: (to) => void (device = to),
    ended(cause) {
      if (closing) return resolve();
      reject(new Error(english('port-lost', { address }), { cause }));
    },
  };
}

async function openSerial(path: string, settings: SerialSettings, line: Line): Promise<void> {
  const port = new SerialPort({
    path,
    baudRate: settings.baud,
    dataBits: settings.dataBits,
    parity: settings.parity,
    stopBits: settings.stopBits,
    autoOpen: false,
    highWaterMark: CHUNK_BYTES,
  });
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) throw new Error(whyNotOpen(path, found.code ?? found.message), { cause: found });
  if (!found.isCharacterDevice()) throw new Error(english('port-not-serial', { path }));
  const failed = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (failed) throw new Error(whyNotOpen(path, failed.message, found.gid), { cause: failed });
  port.on('error', (error) => line.ended(error));
  port.on('close', (error?: Error | null) => line.ended(error));
  port.on('data', (chunk: Buffer) => line.take(chunk));
  line.attach({
    write: (bytes) => void port.write(Buffer.from(bytes)),
    end: () => port.close(() => undefined),
  });
  watchDevice(path, found, () => port.close(() => undefined), line.link.closed);
}

/**
 * Checks whether `path` still leads to the opened device, and calls `gone` when it twice did not. A device unplugged while bytes come in answers
 * every read with nothing, and serialport reads on for ever without an error.
 */
function watchDevice(path: string, opened: Stats, gone: () => void, closed: Promise<void>): void {
  let misses = 0;
  const timer = setInterval(() => {
    stat(path)
      .then((now) => (misses = now.ino === opened.ino && now.rdev === opened.rdev ? 0 : misses + 1))
      .catch(() => (misses += 1));
    if (misses >= 2) gone();
  }, WATCH_MS);
  const stop = (): void => clearInterval(timer);
  closed.finally(stop).catch(() => undefined);
}

/** serialport passes the text of the system (strerror, always in English) and no code. */
function whyNotOpen(path: string, words: string, gid?: number): string {
  if (/ENOENT|ENXIO|ENODEV|No such/.test(words)) return english('port-no-device', { path });
  if (/EACCES|EPERM|Permission denied|not permitted/.test(words)) {
    const user = userName();
    // The folder above it may not be looked into.
    if (gid === undefined) return english('port-hidden', { path, user });
    return english('port-denied', { path, group: groupName(gid), user });
  }
  if (/Cannot lock|busy/i.test(words)) return english('port-in-use', { path });
  if (/Inappropriate ioctl|Invalid argument/.test(words)) return english('port-not-serial', { path });
  return english('port-not-opened', { path, cause: words });
}

function groupName(gid: number): string {
  try {
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((l) => l.split(':')[2] === String(gid));
    return line?.split(':')[0] ?? String(gid);
  } catch {
    return String(gid);
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'sitebox';
  }
}

interface Host {
  readonly host: string;
  readonly port: number;
}

/** Undefined for a device path. */
function hostOf(address: string): Host | undefined {
  const [, host, port] = /^tcp:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(address) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

async function openTcp({ host, port }: Host, address: string, line: Line, signal: AbortSignal): Promise<void> {
  // One buffer for all input, because Node's own pieces are copies that cannot be wiped.
  const buffer = new Uint8Array(CHUNK_BYTES);
  const callback = (bytes: number): boolean => {
    line.take(buffer.subarray(0, bytes));
    return true;
  };
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 10_000,
    onread: { buffer, callback },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let cause: NodeJS.ErrnoException | undefined;
  socket.once('connect', resolve);
  socket.on('error', (error) => (cause = error));
  socket.once('close', () => {
    reject(new Error(whyNotReached(address, cause), { cause }));
    line.ended(cause);
  });
  // The converter has ended its side; a reader that only listens would never notice.
  socket.once('end', () => socket.destroy());
  const giveUp = (): void => void socket.destroy();
  const timer = setTimeout(giveUp, CONNECT_MS);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
  line.attach({ write: (bytes) => void socket.write(Uint8Array.from(bytes)), end: () => socket.destroy() });
}

function whyNotReached(address: string, error: NodeJS.ErrnoException | undefined): string {
  const why = whyNotConnected(error, 'converter', 'port');
  if (why !== undefined) return `${address}: ${why}`;
  if (error === undefined || error.code === 'ETIMEDOUT')
    return english('port-no-answer', { address, seconds: CONNECT_MS / 1000 });
  return english('port-not-reached', { address, cause: error.code ?? error.message });
}
