/** A barcode scanner for tickets: sends what it scans, ended as it was set to. */
import { openWire, type ReaderPort } from './wire.ts';

export interface ScannerOptions {
  /** What stands after a code; '' for scanners that send nothing. */
  readonly end?: '\r' | '\n' | '\r\n' | '\x03' | '';
  /** An STX before each code. */
  readonly stx?: boolean;
  /** The XOR of the code and its end after it. */
  readonly bcc?: boolean;
}

export type Scanner = Awaited<ReturnType<typeof startScanner>>;

/** The bytes of one scan. */
export function scanOf(
  code: string | Uint8Array,
  { end = '\r', stx = false, bcc = false }: ScannerOptions = {},
): Uint8Array {
  const body = Buffer.concat([typeof code === 'string' ? Buffer.from(code) : code, Buffer.from(end, 'latin1')]);
  const check = body.reduce((a, b) => a ^ b, 0);
  return Uint8Array.from([...(stx ? [2] : []), ...body, ...(bcc ? [check] : [])]);
}

export async function startScanner(place: ReaderPort, options: ScannerOptions = {}) {
  const wire = await openWire(place, () => undefined);
  return {
    ...wire,
    /** Scans a ticket; text is sent as UTF-8, bytes as they are. */
    scan: (code: string | Uint8Array): void => wire.send(scanOf(code, options)),
    /** Something was there, and it could not be read. */
    scanUnreadable: (): void => wire.send(scanOf('%%NoRead', options)),
  };
}
