import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { openWire, type ReaderPort, type Wire } from '../../simulators/devices/reader/wire.ts';
import { PATIENCE } from '../../simulators/conformance/source.ts';
import { newPty, testPlace } from '../../simulators/conformance/reader.ts';
import {
  addressProblem,
  openSerialConnection,
  type SerialConnection,
  type SerialSettings,
} from './serial-connection.ts';

const SETTINGS: SerialSettings = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 };
const never = new AbortController().signal;
const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function wireAt(place: ReaderPort, receive: (bytes: Uint8Array) => void = () => undefined): Promise<Wire> {
  const wire = await openWire(place, receive);
  ends.push(() => wire.close());
  return wire;
}
async function linkTo(address: string, signal = never): Promise<SerialConnection> {
  const link = await openSerialConnection(address, SETTINGS, signal);
  ends.push(() => link.close());
  return link;
}
const whyNot = (address: string): Promise<string> =>
  openSerialConnection(address, SETTINGS, never).then(
    () => 'open',
    (error: Error) => error.message,
  );
const until = (body: () => void): Promise<void> => vi.waitFor(body, PATIENCE);

describe.each<[string, () => ReaderPort, () => ReaderPort]>([
  ['serial', () => testPlace(), newPty],
  ['tcp', () => ({ tcp: 0 }), () => ({ tcp: 0 })],
])('%s', (_, place, placeThatGoes) => {
  it('carries bytes both ways, in order, all 256 of them', async () => {
    const all = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7) % 256);
    const there: number[] = [];
    const here: number[] = [];
    const wire = await wireAt(place(), (bytes) => void there.push(...bytes));
    const link = await linkTo(wire.address);
    link.onBytes((chunk) => void here.push(...chunk));
    link.write(all.subarray(0, 9_000));
    link.write(all.subarray(9_000));
    wire.send(all);
    await until(() => expect([here.length, there.length]).toEqual([all.length, all.length]));
    expect(Buffer.from(here).equals(Buffer.from(all))).toBe(true);
    expect(Buffer.from(there).equals(Buffer.from(all))).toBe(true);
  });

  it('zeroes each piece when the receiver has returned', async () => {
    const wire = await wireAt(place());
    const link = await linkTo(wire.address);
    const pieces: Uint8Array[] = [];
    let seen = '';
    link.onBytes((chunk) => {
      pieces.push(chunk);
      seen += Buffer.from(chunk).toString('latin1');
    });
    wire.send(Buffer.from('secret'));
    await until(() => expect(seen).toBe('secret'));
    for (const piece of pieces) expect(piece.every((byte) => byte === 0)).toBe(true);
  });

  it('ends when it is closed and can be opened again at once', async () => {
    const wire = await wireAt(place());
    for (let i = 0; i < 3; i++) {
      const link = await linkTo(wire.address);
      await link.close();
      expect(await link.closed).toBeUndefined();
      link.write(Buffer.from('into the void'));
    }
  });

  it('ends when the signal aborts, and is not opened after that', async () => {
    const wire = await wireAt(place());
    const controller = new AbortController();
    const link = await linkTo(wire.address, controller.signal);
    controller.abort();
    expect(await link.closed).toBeUndefined();
    await expect(openSerialConnection(wire.address, SETTINGS, controller.signal)).rejects.toThrow('abort');
  });

  it('says that the device was lost', async () => {
    const wire = await wireAt(placeThatGoes());
    const link = await linkTo(wire.address);
    await Promise.all([wire.close(), expect(link.closed).rejects.toThrow(`${wire.address} was lost: unplugged`)]);
  });
});

describe('a device', () => {
  it('that is unplugged and plugged back in is found again under its name', async () => {
    const place = newPty();
    const first = await wireAt(place);
    const link = await linkTo(first.address);
    await first.close();
    await expect(link.closed).rejects.toThrow('was lost');
    expect(await whyNot(place.pty)).toBe(`${place.pty}: no such device: is the reader plugged in and switched on?`);
    const second = await wireAt(place);
    let seen = '';
    (await linkTo(second.address)).onBytes((chunk) => void (seen += Buffer.from(chunk).toString()));
    second.send(Buffer.from('back'));
    await until(() => expect(seen).toBe('back'));
  });

  it('that is unplugged while bytes pour in is noticed too', async () => {
    const wire = await wireAt(newPty());
    const link = await linkTo(wire.address);
    let bytes = 0;
    link.onBytes((chunk) => {
      bytes += chunk.length;
      if (bytes < 1_000_000) wire.send(new Uint8Array(9_000));
    });
    for (let i = 0; i < 20; i++) wire.send(new Uint8Array(3_000));
    await until(() => expect(bytes).toBeGreaterThan(100_000));
    await Promise.all([wire.close(), expect(link.closed).rejects.toThrow('was lost')]);
  });

  it('that another program uses is not shared', async () => {
    const wire = await wireAt(newPty());
    await linkTo(wire.address);
    expect(await whyNot(wire.address)).toContain('is in use by another program');
  });

  it('that is not a serial port is named', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    expect(await whyNot(file)).toBe(
      `${file} is not a serial port: name the device of the reader, such as /dev/serial/by-id/usb-…`,
    );
    expect(await whyNot('/dev/null')).toContain('/dev/null is not a serial port');
    expect(await whyNot('/dev/nothing-here')).toContain('no such device');
  });

  it('without permission: whose group it belongs to, and what to do', async () => {
    const wire = await wireAt(newPty());
    const isRoot = process.geteuid?.() === 0;
    // Root may open everything, so for this moment the test runs as another user.
    if (isRoot) chownSync(wire.address, 0, 20);
    chmodSync(wire.address, 0o000);
    chmodSync(join(wire.address, '..'), 0o755);
    const { gid } = statSync(wire.address);
    if (isRoot) process.seteuid?.(65_534);
    try {
      const why = await whyNot(wire.address);
      expect(why).toMatch(
        /permission denied; the device belongs to group \S+: add the user \S+ to it \(usermod -aG \S+ \S+\)/,
      );
      if (isRoot) expect(why).toContain('group dialout');
      expect(why).not.toContain(`group ${gid}`);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(wire.address, 0o600);
    }
  });
});

describe('tcp', () => {
  it('connection refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await whyNot(`tcp://127.0.0.1:${port}`)).toContain('nothing listens there: is the converter running');
  });

  it('a converter that ends the connection counts as lost', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const link = await linkTo(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(link.closed).rejects.toThrow('was lost');
  });
});

it('an address is a path or tcp://host:port', () => {
  for (const good of ['/dev/ttyUSB0', 'tcp://10.0.0.5:4001', 'tcp://reader.local:1', 'tcp://[fe80::1]:65535']) {
    expect(addressProblem(good)).toBeUndefined();
  }
  for (const bad of [
    '',
    'COM1',
    'ttyUSB0',
    'tcp://host',
    'tcp://host:0',
    'tcp://host:65536',
    'udp://host:1',
    'tcp://u@h:1',
  ]) {
    expect(addressProblem(bad)).toContain('expected a device path');
  }
});
