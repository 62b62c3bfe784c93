import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../../gateway/contracts/crew.ts';
import { crewDevice, openTestHost, type TestHost } from '../../../simulators/conformance/equipment.ts';
import { ANSWERS, MESSAGES } from './codec.ts';
import { connect, HERE, PHONE, TIME } from './jt808.fixtures.ts';
import { readLocation, writeLocation } from './location.codec.ts';
import { INTACT_BEFORE_TRUST } from './session.ts';

const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [PHONE] });
describe('damage', () => {
  /** One bit of the latitude and the same bit of the mileage: the XOR overlooks it. */
  function overlooked(packet: Uint8Array): Uint8Array {
    const bytes = Uint8Array.from(packet);
    const at = 1 + 12 + 8 + 1;
    bytes[at]! ^= 0x10;
    bytes[bytes.length - 3]! ^= 0x10;
    return bytes;
  }
  const mileage = [{ id: 1, bytes: Uint8Array.of(0, 0, 1, 1) }];
  const location = (): Uint8Array => writeLocation({ emergency: false, time: TIME, position: HERE, extras: mileage });
  const places = (host: TestHost): Position[] => host.reports.flatMap((r) => r.position ?? []);

  it('that the checksum overlooks is not believed on a line that damages; without that rule it would be', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    const bad = overlooked(terminal.pack(MESSAGES.location, location()));
    expect(readLocation(bad.subarray(13, -2))?.position?.lat).not.toBe(HERE.lat);
    const noticed = Uint8Array.from(bad);
    noticed[20]! ^= 1;
    terminal.feed(noticed);
    terminal.feed(bad);
    expect(places(host)).toEqual([]);
    // The same on a line that was clean so far is what the rule cannot see.
    const unguarded = openTestHost([car]);
    const trusting = connect(unguarded);
    trusting.login();
    trusting.feed(bad);
    expect(places(unguarded)).toHaveLength(1);
  });

  it('is over after a row of whole packets', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    terminal.feed(Buffer.from('~noise~'));
    for (let i = 0; i < INTACT_BEFORE_TRUST; i++) expect(terminal.locate()).toBe(ANSWERS.done);
    expect(places(host)).toEqual([]);
    terminal.locate();
    expect(places(host)).toEqual([HERE]);
  });

  it('in 2,000 damaged packets there is no wrong position', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    // The first is noticed for sure, as on any line that damages at all.
    terminal.feed(Buffer.from('~x~'));
    const damage = fc.array(fc.tuple(fc.noBias(fc.nat()), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(damage, (places) => {
        const packet = terminal.pack(MESSAGES.location, location());
        for (const [where, mask] of places) packet[where % packet.length]! ^= mask;
        terminal.feed(packet);
      }),
      { seed: 5, numRuns: 2000 },
    );
    for (const { lat, lon } of places(host)) expect({ lat, lon }).toEqual({ lat: HERE.lat, lon: HERE.lon });
    expect(host.refusals.length).toBeGreaterThan(1900);
  });
});
