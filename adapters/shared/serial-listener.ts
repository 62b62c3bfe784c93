/** The shared part of readers that send unasked: the configuration keys of their serial line, and listening with a timeout for silence. */
import { z } from 'zod';
import { addressProblem, openSerialConnection, type SerialConnection } from './serial-connection.ts';

/** Configuration keys of a reader's line. The defaults fit most devices; the manual of the device decides. */
export const serialKeys = {
  port: z.string().superRefine((port, check) => {
    const message = addressProblem(port);
    if (message !== undefined) check.addIssue({ code: 'custom', message });
  }),
  baud: z.int().min(300).max(4_000_000).default(115_200),
  dataBits: z.literal([7, 8]).default(8),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.literal([1, 2]).default(1),
};

export type SerialConfig = { readonly [key in keyof typeof serialKeys]: z.infer<(typeof serialKeys)[key]> };

export interface SerialListener {
  /** The line is open. */
  opened(link: SerialConnection): void;
  /** The piece is zeroed afterwards. */
  bytes(chunk: Uint8Array): void;
  /** Nothing has come for `silenceMs` since the last piece. */
  silence(): void;
  /** The run is over; no further calls follow. */
  ended(): void;
}

/** Opens the line and listens until `signal` aborts (then it resolves) or the device is lost (then it rejects with a sentence). */
export async function listenSerial(
  config: SerialConfig,
  silenceMs: number,
  listener: SerialListener,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let link: SerialConnection | undefined;
  try {
    link = await openSerialConnection(config.port, config, signal);
    link.onBytes((chunk) => {
      if (signal.aborted) return;
      clearTimeout(timer);
      listener.bytes(chunk);
      timer = setTimeout(() => signal.aborted || listener.silence(), silenceMs);
    });
    listener.opened(link);
    await link.closed;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    listener.ended();
    await link?.close();
  }
}
