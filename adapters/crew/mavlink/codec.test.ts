import { Readable } from 'node:stream';
import fc from 'fast-check';
import { common, minimal, MavLinkPacketParser, MavLinkPacketSplitter, MavLinkProtocolV2 } from 'node-mavlink';
import type { MavLinkData, MavLinkPacket } from 'node-mavlink';
import { describe, expect, it } from 'vitest';
import { readDatagram, writeFrame, type FrameResult, type MavlinkFrame, type MavlinkMessage } from './codec.ts';
import { BATTERY, bytesOf, HEARTBEAT, POSITION, SYSTEM } from './vectors.fixtures.ts';

function only(datagram: Uint8Array): MavlinkFrame {
  const [frame, ...more] = readDatagram(datagram);
  if (frame === undefined || typeof frame === 'string' || more.length > 0) throw new Error('expected one whole frame');
  return frame;
}

const messages: fc.Arbitrary<MavlinkMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('heartbeat' as const),
    type: fc.nat(255),
    armed: fc.boolean(),
    state: fc.nat(8),
  }),
  fc.record(
    {
      kind: fc.constant('system' as const),
      voltageV: fc.nat(65_534).map((mv) => mv / 1000),
      currentA: fc.nat(32_767).map((ca) => ca / 100),
      batteryPercent: fc.nat(100),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    {
      kind: fc.constant('position' as const),
      lat: fc.integer({ min: -90e7, max: 90e7 }).map((n) => n / 1e7),
      lon: fc.integer({ min: -180e7, max: 180e7 }).map((n) => n / 1e7),
      altitudeM: fc.integer({ min: -500_000, max: 9_000_000 }).map((mm) => mm / 1000),
      heightM: fc.integer({ min: -500_000, max: 9_000_000 }).map((mm) => mm / 1000),
      velocity: fc
        .tuple(...[0, 1, 2].map(() => fc.integer({ min: -9_000, max: 9_000 }).map((n) => n / 100)))
        .map(([a, b, c]) => [a!, b!, c!] as const),
      headingDeg: fc.nat(35_999).map((n) => n / 100),
    },
    { requiredKeys: ['kind', 'lat', 'lon', 'altitudeM', 'heightM', 'velocity'] },
  ),
  fc.record(
    {
      kind: fc.constant('battery' as const),
      battery: fc.nat(3),
      voltageV: fc.nat(65_534).map((mv) => mv / 1000),
      currentA: fc.nat(32_767).map((ca) => ca / 100),
      batteryPercent: fc.nat(100),
      secondsLeft: fc.integer({ min: 1, max: 100_000 }),
      charging: fc.boolean(),
    },
    { requiredKeys: ['kind', 'battery'] },
  ),
);
const senders = fc.record({
  system: fc.nat(255),
  component: fc.nat(255),
  sequence: fc.nat(255),
  signed: fc.boolean(),
});

describe('the vectors', () => {
  it('heartbeat', () => {
    expect(only(HEARTBEAT)).toEqual({
      system: 1,
      component: 1,
      sequence: 0,
      signed: false,
      message: { kind: 'heartbeat', type: 2, armed: true, state: 4 },
    });
  });

  it('position', () => {
    expect(only(POSITION).message).toEqual({
      kind: 'position',
      lat: 30.25,
      lon: 120.125,
      altitudeM: 128.5,
      heightM: 80,
      headingDeg: 337.5,
      velocity: [1.2, -0.5, 0.1],
    });
  });

  it('system, its zeros cut', () => {
    expect(only(SYSTEM).message).toEqual({ kind: 'system', voltageV: 15.2, currentA: 12.5, batteryPercent: 72 });
  });

  it('battery, its zeros cut', () => {
    expect(only(BATTERY).message).toEqual({
      kind: 'battery',
      battery: 0,
      voltageV: 15.2,
      currentA: 12.5,
      batteryPercent: 72,
      secondsLeft: 900,
      charging: false,
    });
  });

  it('come out the same when written, where this writes all of it', () => {
    const { message } = only(HEARTBEAT);
    expect(writeFrame({ system: 1, sequence: 0 }, message)).toEqual(HEARTBEAT);
  });
});

describe('datagrams', () => {
  const [heartbeat, position] = [HEARTBEAT, POSITION];
  const kinds = (...parts: Uint8Array[]): string[] =>
    readDatagram(Buffer.concat(parts)).map((a) => (typeof a === 'string' ? a : a.message.kind));

  it('with several frames, and none', () => {
    expect(kinds(heartbeat, position, SYSTEM, BATTERY)).toEqual(['heartbeat', 'position', 'system', 'battery']);
    expect(kinds()).toEqual([]);
  });

  it('with a frame of version 1, with damage, cut: what came before counts', () => {
    expect(kinds(heartbeat, bytesOf('FE 09 00 01 01 00 00 00 00 00 02 03 81 04 03 00 00'), position)).toEqual([
      'heartbeat',
      'version 1',
    ]);
    expect(kinds(heartbeat, bytesOf('00'), position)).toEqual(['heartbeat', 'damaged']);
    expect(kinds(heartbeat, position.subarray(0, 20))).toEqual(['heartbeat', 'damaged']);
    const damaged = Uint8Array.from(position);
    damaged[14]! ^= 1;
    expect(kinds(heartbeat, damaged, position)).toEqual(['heartbeat', 'damaged']);
  });

  it('with messages that are not read, and flags that nobody knows: passed over', () => {
    const [unknown, flagged] = [Uint8Array.from(heartbeat), Uint8Array.from(position)];
    unknown[7] = 30;
    flagged[2] = 2;
    expect(kinds(unknown, flagged, heartbeat)).toEqual(['other', 'other', 'heartbeat']);
  });

  it('signed ones are as long as they are, and marked', () => {
    const { message } = only(position);
    const signed = writeFrame({ system: 7, sequence: 9, signed: true }, message);
    expect(signed).toHaveLength(position.length + 13);
    expect(only(signed)).toMatchObject({ signed: true, system: 7, sequence: 9 });
    expect(kinds(signed, heartbeat)).toEqual(['position', 'heartbeat']);
    expect(kinds(signed.subarray(0, -1))).toEqual(['damaged']);
  });

  it('what is out of range is impossible, and the next frame is read', () => {
    const { message } = only(position);
    if (message.kind !== 'position') throw new Error('expected a position');
    const at = (more: object): Uint8Array => writeFrame({ system: 1, sequence: 0 }, { ...message, ...more });
    expect(kinds(at({ lat: 90.1 }), heartbeat)).toEqual(['impossible', 'heartbeat']);
    expect(kinds(at({ lon: -180.1 }))).toEqual(['impossible']);
    // C5: where the nose points says nothing of the place.
    const turned = only(at({ headingDeg: 400 })).message;
    expect(turned).toMatchObject({ kind: 'position', lat: message.lat, lon: message.lon, odd: 'hdg' });
    expect(turned).not.toHaveProperty('headingDeg');
    for (const kind of ['system', 'battery'] as const) {
      const full = { kind, battery: 0, voltageV: 11.1, batteryPercent: 101 };
      const read = only(writeFrame({ system: 1, sequence: 0 }, full)).message;
      expect(read).toMatchObject({ kind, voltageV: 11.1, odd: 'battery_remaining' });
      expect(read).not.toHaveProperty('batteryPercent');
    }
  });
});

describe('node-mavlink', () => {
  const types = new Map(Object.entries({ ...minimal.REGISTRY, ...common.REGISTRY }));

  /** What it makes of bytes: id and fields. */
  async function parse(bytes: Uint8Array): Promise<{ packet: MavLinkPacket; data: MavLinkData }[]> {
    const packets = Readable.from([Buffer.from(bytes)])
      .pipe(new MavLinkPacketSplitter())
      .pipe(new MavLinkPacketParser()) as AsyncIterable<MavLinkPacket>;
    const found = [];
    for await (const packet of packets) {
      const type = types.get(String(packet.header.msgid));
      if (!type) throw new Error('a message that nobody wrote');
      found.push({ packet, data: packet.protocol.data(packet.payload, type) });
    }
    return found;
  }

  it('reads what this writes', async () => {
    const samples = fc.sample(fc.tuple(senders, messages), { seed: 1, numRuns: 200 });
    const found = await parse(Buffer.concat(samples.map(([s, m]) => writeFrame({ ...s, signed: false }, m))));
    expect(found).toHaveLength(samples.length);
    for (const [i, { packet, data }] of found.entries()) {
      const [sender, message] = samples[i]!;
      expect(packet.header).toMatchObject({ sysid: sender.system, compid: sender.component, seq: sender.sequence });
      if (data instanceof common.GlobalPositionInt && message.kind === 'position') {
        expect([data.lat, data.lon]).toEqual([Math.round(message.lat * 1e7), Math.round(message.lon * 1e7)]);
        expect(data.alt).toBe(Math.round(message.altitudeM * 1000));
        expect(data.vx).toBe(Math.round(message.velocity[0] * 100));
      } else if (data instanceof common.SysStatus && message.kind === 'system') {
        expect(data.batteryRemaining).toBe(message.batteryPercent ?? -1);
      } else if (data instanceof common.BatteryStatus && message.kind === 'battery') {
        expect([data.batteryRemaining, data.id]).toEqual([message.batteryPercent ?? -1, message.battery]);
      } else if (data instanceof minimal.Heartbeat && message.kind === 'heartbeat') {
        expect([Number(data.type), Number(data.systemStatus)]).toEqual([message.type, message.state]);
      } else throw new Error(`another message than ${message.kind}`);
    }
  });

  it('writes what this reads', () => {
    const field = fc.record({
      lat: fc.integer({ min: -90e7, max: 90e7 }),
      lon: fc.integer({ min: -180e7, max: 180e7 }),
      alt: fc.integer({ min: -500_000, max: 9_000_000 }),
      hdg: fc.nat(35_999),
      percent: fc.nat(100),
      millivolts: fc.nat(65_534),
    });
    const protocol = new MavLinkProtocolV2(42, 1);
    fc.assert(
      fc.property(field, fc.nat(255), (f, sequence) => {
        const place = Object.assign(new common.GlobalPositionInt(), { ...f, relativeAlt: f.alt, vx: 1, vy: 2, vz: 3 });
        const status = Object.assign(new common.SysStatus(), {
          voltageBattery: f.millivolts,
          currentBattery: 150,
          batteryRemaining: f.percent,
        });
        expect(only(protocol.serialize(place, sequence))).toEqual({
          system: 42,
          component: 1,
          sequence,
          signed: false,
          message: {
            kind: 'position',
            lat: f.lat / 1e7,
            lon: f.lon / 1e7,
            altitudeM: f.alt / 1000,
            heightM: f.alt / 1000,
            velocity: [0.01, 0.02, 0.03],
            headingDeg: f.hdg / 100,
          },
        });
        expect(only(protocol.serialize(status, sequence)).message).toEqual({
          kind: 'system',
          voltageV: f.millivolts / 1000,
          currentA: 1.5,
          batteryPercent: f.percent,
        });
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('damage', () => {
  it('what was written is read, and one changed byte never gives another message: 2,000 of them', () => {
    const same = (arrival: FrameResult, frame: MavlinkFrame): boolean =>
      typeof arrival === 'string' || JSON.stringify(arrival.message) === JSON.stringify(frame.message);
    fc.assert(
      fc.property(senders, messages, fc.nat(), fc.integer({ min: 1, max: 255 }), (sender, message, where, mask) => {
        const bytes = writeFrame(sender, message);
        const frame = only(bytes);
        expect(frame).toEqual({ ...sender, message });
        bytes[where % bytes.length]! ^= mask;
        expect(readDatagram(bytes).every((arrival) => same(arrival, frame))).toBe(true);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('of any kind throws nothing', () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(HEARTBEAT, POSITION, SYSTEM, BATTERY));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        expect(readDatagram(Buffer.concat(pieces)).length).toBeLessThanOrEqual(250);
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
