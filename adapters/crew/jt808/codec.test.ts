import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MESSAGES,
  openUnpacker,
  readAnswer,
  readCode,
  readRegistrationAnswer,
  readTerminalId,
  writeAnswer,
  writeCode,
  writePacket,
  writeRegistration,
  writeRegistrationAnswer,
  type Packet,
} from './codec.ts';
import { readLocation, writeLocation } from './location.codec.ts';
import { bytesOf, J1, J2, J3, J4, J5, J5_REFUSED, J6, J7, J8, J9 } from './vectors.fixtures.ts';

function unpack(...chunks: readonly Uint8Array[]): (Packet | 'damaged')[] {
  const arrivals: (Packet | 'damaged')[] = [];
  const feed = openUnpacker((arrival) => void arrivals.push(arrival));
  for (const chunk of chunks) feed(chunk);
  return arrivals;
}

function only(hex: string): Packet {
  const [packet, ...more] = unpack(bytesOf(hex));
  if (packet === undefined || packet === 'damaged' || more.length > 0) throw new Error('expected one whole packet');
  return packet;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

describe('the vectors', () => {
  it('J1: a location of 2013, both escapes', () => {
    const packet = only(J1);
    expect(packet).toMatchObject({ message: 0x0200, layout: 2013, phone: '123456789012', serial: 126, split: false });
    expect(readLocation(packet.body)).toEqual({
      emergency: true,
      time: Date.parse('2018-10-15T10:10:10+08:00'),
      position: { lat: 12.222222, lon: 132.444444, altitudeM: 40, speedKmh: 6, courseDeg: 0, trusted: true },
      extras: [
        { id: 1, bytes: Uint8Array.of(0, 0, 0, 100) },
        { id: 2, bytes: Uint8Array.of(0, 125) },
      ],
    });
  });

  it('J2, J3: heartbeats, one with an escaped checksum', () => {
    expect(only(J2)).toMatchObject({ message: MESSAGES.heartbeat, phone: '12345678900', serial: 10 });
    expect(only(J3)).toMatchObject({ message: MESSAGES.heartbeat, phone: '40021679287', serial: 43 });
  });

  it('J4: authentication', () => {
    const packet = only(J4);
    expect(packet).toMatchObject({ message: MESSAGES.authenticate, serial: 12345 });
    expect(Buffer.from(readCode(packet)!).toString()).toBe('456121111');
  });

  it('J5: answers to a registration', () => {
    expect(readRegistrationAnswer(only(J5).body)).toEqual({ serial: 100, result: 0, code: '123456' });
    expect(readRegistrationAnswer(only(J5_REFUSED).body)).toMatchObject({ serial: 100, result: 4 });
  });

  it('J6: a general answer', () => {
    expect(readAnswer(only(J6).body)).toEqual({ serial: 100, message: 0x0200, result: 0 });
  });

  it('J7: a registration of 2019', () => {
    const packet = only(J7);
    expect(packet).toMatchObject({ message: MESSAGES.register, layout: 2019, version: 1, phone: '123456789' });
    expect(packet.body).toHaveLength(84);
    expect(readTerminalId(packet)).toBe('CHI123');
  });

  it('J8: a location of 2019 with the emergency button pressed', () => {
    const packet = only(J8);
    expect(packet).toMatchObject({ layout: 2019, version: 1, phone: '10000000001', serial: 125 });
    expect(readLocation(packet.body)).toMatchObject({
      emergency: true,
      time: Date.parse('2026-11-21T02:02:03Z'),
      position: { lat: 30.25, lon: 120.125, altitudeM: 126, speedKmh: 4.5, courseDeg: 90, trusted: true },
      extras: [
        { id: 0x30, bytes: Uint8Array.of(31) },
        { id: 0x31, bytes: Uint8Array.of(9) },
      ],
    });
  });

  it('J9: the answer to it', () => {
    const { body } = only(J9);
    expect(readAnswer(body)).toEqual({ serial: 125, message: 0x0200, result: 0 });
  });

  it('come out the same when written', () => {
    for (const vector of [J1, J2, J3, J4, J5, J5_REFUSED, J6, J7, J8, J9])
      expect(hex(writePacket(only(vector)))).toBe(vector);
    const head = { layout: 2019, version: 1, phone: '10000000001', serial: 1 } as const;
    const body = writeAnswer({ serial: 125, message: 0x0200, result: 0 });
    expect(hex(writePacket({ ...head, message: MESSAGES.answer, body }))).toBe(J9);
    expect(hex(writeRegistrationAnswer({ serial: 100, result: 0, code: '123456' }))).toBe(hex(only(J5).body));
    expect(hex(writeLocation(readLocation(only(J8).body)!)).slice(16)).toBe(hex(only(J8).body).slice(16));
  });
});

describe('layouts', () => {
  it('2013 with the bit of 2019 set is read as what it is', () => {
    const packet = Uint8Array.from([0x02, 0, 0x40, 3, 1, 0x38, 0, 0, 0, 1, 0, 7, 1, 2, 4]);
    const sum = packet.reduce((a, b) => a ^ b);
    const head = { message: 0x0200, layout: 2013, version: 0, phone: '13800000001', serial: 7 };
    expect(unpack(Uint8Array.from([0x7e, ...packet, sum, 0x7e]))).toEqual([
      { ...head, split: false, body: Uint8Array.of(1, 2, 4) },
    ]);
  });

  it('a part of a longer message is marked, an encrypted one is not read', () => {
    const part = Uint8Array.from([0x07, 4, 0x20, 1, 1, 0x38, 0, 0, 0, 1, 0, 7, 0, 2, 0, 1, 0xaa]);
    const close = (bytes: Uint8Array): Uint8Array =>
      Uint8Array.from([0x7e, ...bytes, bytes.reduce((a, b) => a ^ b), 0x7e]);
    expect(unpack(close(part))).toMatchObject([{ message: 0x0704, split: true, body: Uint8Array.of(0xaa) }]);
    const encrypted = Uint8Array.from([0x02, 0, 0x04, 0, 1, 0x38, 0, 0, 0, 1, 0, 7]);
    expect(unpack(close(encrypted))).toEqual(['damaged']);
  });

  it('registrations and codes of both', () => {
    for (const layout of [2013, 2019] as const) {
      expect(readTerminalId({ layout, body: writeRegistration(layout, 'T000042') })).toBe('T000042');
      expect(readTerminalId({ layout, body: new Uint8Array(20) })).toBeUndefined();
      expect(Buffer.from(readCode({ layout, body: writeCode(layout, 'secret') })!).toString()).toBe('secret');
    }
    expect(readCode({ layout: 2019, body: Uint8Array.of(9, 1, 2) })).toBeUndefined();
    expect(readCode({ layout: 2019, body: new Uint8Array() })).toBeUndefined();
  });

  it('does not write what cannot be written', () => {
    const packet = { message: 2, layout: 2013, version: 0, phone: '1', serial: 0, body: new Uint8Array(1024) } as const;
    expect(() => writePacket(packet)).toThrow('at most 1023 bytes');
    expect(() => writePacket({ ...packet, phone: '1234567890123', body: new Uint8Array() })).toThrow('at most 12');
  });
});

describe('a stream', () => {
  const all = [J1, J3, J8, J7, J4].map(bytesOf);
  const expected = all.map((bytes) => unpack(bytes)[0]!);

  it('cut anywhere, joined anyhow', () => {
    const stream = Buffer.concat(all);
    for (let at = 0; at <= stream.length; at++) {
      expect(unpack(stream.subarray(0, at), stream.subarray(at))).toEqual(expected);
    }
    expect(unpack(...[...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('one flag between two packets is enough', () => {
    const [first, second] = [bytesOf(J2), bytesOf(J8)];
    expect(unpack(Buffer.concat([first, second.subarray(1)]))).toEqual([only(J2), only(J8)]);
  });

  it('garbage costs itself only', () => {
    const arrivals = unpack(Buffer.concat([Buffer.from('hello'), all[0]!, Buffer.from('}x noise'), all[1]!]));
    expect(arrivals).toEqual(['damaged', expected[0], 'damaged', expected[1]]);
  });

  it('a packet without end takes no more memory than the longest one, and the next is read', () => {
    const flood = Buffer.alloc(100_000, 0x55);
    expect(unpack(Uint8Array.of(0x7e), flood, bytesOf(J8))).toEqual(['damaged', only(J8)]);
    const longest = { message: 0x0900, layout: 2019, version: 1, phone: '1', serial: 1 } as const;
    const body = new Uint8Array(1023).fill(0x7e);
    expect(unpack(writePacket({ ...longest, body }))).toMatchObject([{ body }]);
  });
});

describe('locations', () => {
  const body = only(J8).body;
  const changed = (at: number, ...bytes: number[]): ReturnType<typeof readLocation> => {
    const copy = Uint8Array.from(body);
    copy.set(bytes, at);
    return readLocation(copy);
  };

  it('south, west, and encrypted', () => {
    expect(changed(7, 0x2f)?.position).toMatchObject({ lat: -30.25, lon: -120.125, trusted: false });
  });

  it('without a fix there is no position, whatever stands in its place', () => {
    expect(changed(7, 1)).toMatchObject({ emergency: true });
    expect(changed(7, 1)?.position).toBeUndefined();
    expect(changed(7, 1)?.wrong).toBeUndefined();
  });

  it.each([
    ['latitude', changed(8, 0x05, 0x5d, 0x4a, 0x81)],
    ['latitude', changed(8, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['longitude', changed(12, 0x0a, 0xba, 0x95, 0x01)],
    ['speed', changed(18, 0x7f, 0xff, 0x01, 0x69)],
    ['time', changed(18, 0x7f, 0xff, 0, 0, 0x2a)],
  ])('%s out of range: named, no position, and the button still counts', (field, location) => {
    expect(location).toMatchObject({ emergency: true, wrong: field });
    expect(location?.position).toBeUndefined();
  });

  it.each([
    ['speed', changed(18, 0x7f, 0xff), 'speedKmh'],
    ['direction', changed(20, 0x01, 0x69), 'courseDeg'],
    ['time', changed(22, 0x26, 0x02, 0x30), 'time'],
  ])('C5: %s alone out of range is named and left out, and the position stands', (field, location, key) => {
    expect(location).toMatchObject({ emergency: true, wrong: field, position: { lat: 30.25, lon: 120.125 } });
    expect({ ...location, ...location?.position }).not.toHaveProperty(key);
  });

  it('C6: a spare byte behind the extras, or extras that are cut, cost nothing else', () => {
    for (const location of [readLocation(Uint8Array.from([...body, 7])), changed(29, 9)]) {
      expect(location).toMatchObject({ emergency: true, wrong: 'extras', position: { lat: 30.25, lon: 120.125 } });
    }
  });

  it('too short is none', () => {
    expect(readLocation(body.subarray(0, 27))).toBeUndefined();
    expect(readLocation(new Uint8Array())).toBeUndefined();
  });

  it('written and read again', () => {
    const degrees = (most: number): fc.Arbitrary<number> =>
      fc
        .integer({ min: -most * 1e6, max: most * 1e6 })
        .filter((n) => n !== 0)
        .map((n) => n / 1e6);
    const location = fc.record({
      emergency: fc.boolean(),
      time: fc.integer({ min: 946_656_000, max: 4_102_416_000 - 28_801 }).map((s) => s * 1000),
      position: fc.record({
        lat: degrees(90),
        lon: degrees(180),
        altitudeM: fc.integer({ min: 0, max: 9000 }),
        speedKmh: fc.integer({ min: 0, max: 3000 }).map((n) => n / 10),
        courseDeg: fc.integer({ min: 0, max: 359 }),
        trusted: fc.boolean(),
      }),
      extras: fc.array(fc.record({ id: fc.nat(255), bytes: fc.uint8Array({ maxLength: 255 }) }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(location, (l) => {
        expect(readLocation(writeLocation(l))).toEqual(l);
      }),
      { seed: 1 },
    );
  });
});

describe('damage', () => {
  it('of one byte, anywhere, changes no packet: 3,000 of them', () => {
    const packets = [J1, J8, J7, J4].map(bytesOf);
    const change = fc.constantFrom<'set' | 'drop' | 'add'>('set', 'drop', 'add');
    const seen = { damaged: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...packets), fc.nat(), change, fc.nat(255), (packet, where, what, byte) => {
        const at = where % packet.length;
        const bytes = [...packet];
        bytes.splice(at, what === 'add' ? 0 : 1, ...(what === 'drop' ? [] : [byte]));
        const arrivals = unpack(Uint8Array.from(bytes), bytesOf(J2));
        for (const arrival of arrivals) {
          if (arrival === 'damaged') seen.damaged++;
          else expect([unpack(packet)[0], only(J2)]).toContainEqual(arrival);
        }
      }),
      { seed: 2, numRuns: 3000 },
    );
    expect(seen.damaged).toBeGreaterThan(2500);
  });

  it('of any kind throws nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
        for (const arrival of unpack(Uint8Array.of(0x7e), ...chunks, Uint8Array.of(0x7e))) {
          if (arrival === 'damaged') continue;
          readLocation(arrival.body);
          readTerminalId(arrival);
          readCode(arrival);
        }
      }),
      { seed: 3, numRuns: 2000 },
    );
    const anyBody = fc.record({ body: fc.uint8Array({ maxLength: 90 }), layout: fc.constantFrom(2013, 2019) });
    fc.assert(
      fc.property(anyBody, (any) => {
        const packet = { ...any, layout: any.layout === 2013 ? 2013 : 2019 } as const;
        const position = readLocation(packet.body)?.position;
        if (position) expect(Math.abs(position.lat) <= 90 && Math.abs(position.lon) <= 180).toBe(true);
        readTerminalId(packet);
        readCode(packet);
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
