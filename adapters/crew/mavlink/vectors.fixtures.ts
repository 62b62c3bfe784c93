/** Computed from the layouts of mavlink/c_library_v2, and read by node-mavlink. */
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

export const HEARTBEAT = bytesOf('FD 09 00 00 00 01 01 00 00 00 00 00 00 00 02 03 81 04 03 9F E6');
export const POSITION = bytesOf(
  'FD 1C 00 00 01 01 01 21 00 00 40 E2 01 00 A0 C8 07 12 D0 9E 99 47 F4 F5 01 00 80 38 01 00 78 00 CE FF 0A 00 D6 83 8F 35',
);
export const SYSTEM = bytesOf(
  'FD 1F 00 00 02 01 01 01 00 00 2F 01 00 00 2F 01 00 00 2F 01 00 00 FA 00 60 3B E2 04 00 00 00 00 00 00 00 00 00 00 00 00 48 B9 6D',
);
export const BATTERY = bytesOf(
  'FD 29 00 00 03 01 01 93 00 00 78 05 00 00 FF FF FF FF 4E 0C D8 0E D8 0E D8 0E D8 0E FF FF FF FF FF FF FF FF FF FF FF FF E2 04 00 01 01 48 84 03 00 00 01 1C A5',
);
