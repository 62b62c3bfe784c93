import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeEvent, MAX_EVENT_BYTES } from '../../adapters/upstream/codec.ts';
import type { CrewDevice, Position } from '../contracts/crew.ts';
import { OutboxFull, outboxTotals, type OutboxWriter } from '../store/outbox/outbox.ts';
import { openQueue } from '../store/outbox/queue.ts';
import { compactStream } from '../store/outbox/compact.ts';
import type { Envelope } from '../contracts/relay.ts';
import { openPositions, type Positions } from './positions.ts';
import { openPositionFeed, type PositionFeed } from './position-feed.ts';
import { openCrewRig, T0, type CrewRig } from './crew.fixtures.ts';

const HERE: Position = { lat: 30.25, lon: 120.125, trusted: true };
const QUIET = 5;
const EMERGENCY = 2;

interface Line {
  readonly device: string;
  readonly at: string;
  readonly batteryPercent?: number;
}

let rig: CrewRig;
let outbox: OutboxWriter;
let positions: Positions;
let relay: PositionFeed;
let devices: readonly CrewDevice[];

beforeEach(() => {
  rig = openCrewRig();
  outbox = rig.outbox();
  positions = openPositions({ db: rig.db, clock: rig.clock, keepTracksH: 0, intervalS: () => 10 });
  relay = openPositionFeed({ db: rig.db, outbox, clock: rig.clock, everyS: 10 });
  devices = fleet(3);
});
afterEach(() => rig.close());

function fleet(count: number, id = (i: number) => `cam-${i}`): CrewDevice[] {
  return Array.from({ length: count }, (_, i) => {
    return { id: id(i), kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] };
  });
}

/** Seconds of the gateway; before each, the devices that `speak` in it report. */
function turns(seconds: number, speak: (device: number, second: number) => boolean = () => false, priority = QUIET) {
  for (let s = 0; s < seconds; s++) {
    devices.forEach(({ id }, i) => {
      if (speak(i, s)) positions.report({ device: id, at: rig.clock.now(), position: HERE, batteryPercent: s % 101 });
    });
    relay.turn(devices, positions.all(), priority);
    rig.pass(1000);
  }
}

function linesOf(events: readonly Pick<Envelope, 'data'>[]): Line[] {
  return events.flatMap((e) => (e.data as unknown as { devices: Line[] }).devices);
}

/** The totals stand beside the rows; this is what they have to agree with. */
function recount(): object {
  return rig.db
    .prepare(
      `SELECT count(*) AS rows, sum(bytes) AS bytes, (SELECT sum(length(CAST(data AS BLOB)) + length(evidence)
       + length(subject) + 200) FROM outbox) AS real FROM outbox`,
    )
    .get() as object;
}

describe('the relay', () => {
  it('tells of each device that has something new, once in the interval, the newest', () => {
    turns(10, (device) => device < 2);
    expect(linesOf(rig.send())).toHaveLength(2);
    turns(1);
    expect(linesOf(rig.send()).map((l) => [l.device, l.batteryPercent])).toEqual([
      ['cam-0', 9],
      ['cam-1', 9],
    ]);
    turns(15);
    expect(rig.send()).toEqual([]);
  });

  it('says where, since when, how full, whether it records, how it is connected and whether all that is stale', () => {
    positions.presence('cam-0', true);
    const position = { lat: 30.12345678, lon: 120.1, accuracyM: 5.04, speedKmh: 3.96, courseDeg: 7, altitudeM: 126 };
    const more = { batteryPercent: 76.4, recording: 'fault', signalDbm: -71 } as const;
    positions.report({ device: 'cam-0', at: T0 - 20_000, position: { ...position, trusted: false } });
    positions.report({ device: 'cam-0', at: T0 - 400, ...more });
    positions.report({ device: 'nobody', at: T0 });
    turns(1);
    expect(rig.send()).toMatchObject([
      {
        type: 'io.sitebox.crew.v1',
        subject: 'crew',
        time: T0,
        data: {
          devices: [
            {
              device: 'cam-0',
              kind: 'bodycam',
              role: 'officer',
              at: '2026-11-21T07:59:59.600Z',
              ageS: 20,
              position: { ...position, lat: 30.123457, accuracyM: 5, speedKmh: 4, trusted: false },
              batteryPercent: 76,
              recording: 'fault',
              link: { online: true, signalDbm: -71 },
              stale: false,
            },
          ],
        },
      },
    ]);
    // That it went, and that it is stale, is news without a word from it.
    positions.presence('cam-0', false);
    turns(10);
    expect(linesOf(rig.send())).toMatchObject([{ link: { online: false }, stale: false }]);
    turns(30);
    expect(linesOf(rig.send())).toMatchObject([{ ageS: 40, stale: true }]);
  });

  it('puts 100 devices into an event, which then is within what an event may be', () => {
    devices = fleet(250, (i) => `${'x'.repeat(29)}${i + 100}`);
    const widest = { lat: -30.123456, lon: -120.123456, accuracyM: 99999.9, altitudeM: -499.9, speedKmh: 999.9 };
    for (const { id: device } of devices) {
      positions.report({ device, at: T0, position: { ...widest, courseDeg: 359.9, trusted: false } });
      positions.report({ device, at: T0, batteryPercent: 100, recording: 'fault', signalDbm: -120.5 });
    }
    turns(1);
    const sent = rig.send();
    expect(sent.map((e) => linesOf([e]).length)).toEqual([100, 100, 50]);
    expect(Math.max(...sent.map((e) => encodeEvent(e).length))).toBeLessThan(MAX_EVENT_BYTES);
  });
});

describe('while the line is down', () => {
  it('of each device the newest in every five minutes stays, in order, beside the row that may be under way', () => {
    // 08:00 to 08:12: one device each 10 s, one each minute, one that spoke once.
    turns(720, (device, s) => (device === 0 && s % 10 === 0) || (device === 1 && s % 60 === 0) || s === 0);
    const at = (device: string, lines: readonly Line[]) =>
      lines.filter((l) => l.device === device).map((l) => l.at.slice(11, 19));
    expect(outboxTotals(rig.db, 'room')).toMatchObject(
      rig.db.prepare('SELECT count(*) AS rows, sum(bytes) AS bytes FROM outbox').get() as object,
    );
    const { bytes, real } = recount() as { bytes: number; real: number };
    expect(bytes).toBe(real);
    const lines = linesOf(rig.send());
    expect(at('cam-0', lines)).toEqual(['08:00:00', '08:04:50', '08:09:50', '08:11:50']);
    expect(at('cam-1', lines)).toEqual(['08:00:00', '08:04:00', '08:09:00', '08:11:00']);
    // Stale since 30 s after its only word, which is news once.
    expect(at('cam-2', lines)).toEqual(['08:00:00', '08:00:00']);
  });

  it('a row that is under way is not touched, so what is acknowledged is what was sent', () => {
    turns(21, () => true);
    const queue = openQueue(rig.db, 'room', outbox.source);
    const due = () => queue.due({ now: Infinity, liveFrom: 0, busyStreams: [], limit: 9, onlyLive: false })[0]!;
    const before = due();
    turns(30, () => true);
    expect(due()).toEqual(before);
    queue.settle([{ seq: before.seq, kind: 'stored' }]);
    expect(due().envelope.time).toBeGreaterThan(before.envelope.time);
  });

  it('nothing else is thinned, and no other relay', () => {
    outbox = rig.outbox({}, { relays: ['room', 'second'] });
    relay = openPositionFeed({ db: rig.db, outbox, clock: rig.clock, everyS: 10 });
    const order = (n: number) => {
      const event = {
        type: 'io.sitebox.order.v1',
        subject: 'crew',
        time: rig.clock.now(),
        stream: `order:${n}`,
      } as const;
      outbox.enqueue({ ...event, data: { n } });
    };
    const second = openQueue(rig.db, 'second', outbox.source);
    let stored = 0;
    for (let n = 0; n < 20; n++) {
      order(n);
      turns(10, () => true);
      const rows = second.due({ now: Infinity, liveFrom: 0, busyStreams: [], limit: 9, onlyLive: false });
      second.settle(rows.map(({ seq }) => ({ seq, kind: 'stored' })));
      stored += rows.length;
    }
    // The line of the second is up: it has each order and each batch of positions.
    expect(stored).toBe(40);
    const rows = rig.db
      .prepare('SELECT relay, type, count(*) AS n FROM outbox GROUP BY relay, type ORDER BY 1, 2')
      .all();
    expect(rows).toEqual([
      { relay: 'room', type: 'io.sitebox.crew.v1', n: 2 },
      { relay: 'room', type: 'io.sitebox.order.v1', n: 20 },
    ]);
  });

  it('the first row of a stream stays, whatever of it is worth keeping', () => {
    turns(21, () => true);
    compactStream(rig.db, { relay: 'room', stream: 'crew', from: 0 }, () => undefined);
    expect(rig.waiting()).toMatchObject([{ time: T0 }]);
  });
});

describe('the mode', () => {
  it('in which positions come first raises what waits, too, and lowers it again', () => {
    const priorities = () => rig.db.prepare('SELECT DISTINCT priority FROM outbox').pluck().all();
    turns(1, () => true);
    turns(1, () => false, EMERGENCY);
    expect(priorities()).toEqual([EMERGENCY]);
    turns(20, () => true, EMERGENCY);
    expect(priorities()).toEqual([EMERGENCY]);
    turns(1);
    expect(priorities()).toEqual([QUIET]);
  });

  it('does not keep positions from giving way first when the outbox is full', () => {
    outbox = rig.outbox({ rows: 3 });
    relay = openPositionFeed({ db: rig.db, outbox, clock: rig.clock, everyS: 10 });
    const event = (type: 'sos' | 'counts', n: number) => {
      const stream = `${type}:${n}`;
      outbox.enqueue({ type: `io.sitebox.${type}.v1`, subject: 'x', time: T0, data: { n }, stream });
    };
    event('counts', 0);
    turns(11, () => true, EMERGENCY);
    const types = () => rig.waiting().map((e) => e.type.split('.')[2]);
    expect(types()).toEqual(['counts', 'crew', 'crew']);
    for (const n of [1, 2]) event('sos', n);
    expect(types()).toEqual(['counts', 'sos', 'sos']);
    event('sos', 3);
    // No room for positions is no failure: newer ones come.
    turns(11, () => true, EMERGENCY);
    expect(types()).toEqual(['sos', 'sos', 'sos']);
    expect(() => event('sos', 4)).toThrow(OutboxFull);
    rig.send();
    turns(11, () => true, EMERGENCY);
    expect(types()).toContain('crew');
  });
});
