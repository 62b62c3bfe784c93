import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_VALID_MS } from '../../adapters/upstream/validity.codec.ts';
import { openRig, type Rig } from './deliver.fixtures.ts';
import type { Instruction, InstructionHandlers } from '../contracts/instruction.ts';
import { reviewRig } from '../hits/reviews.fixtures.ts';
import { verifyAudit } from '../store/audit.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import { makeRoomToRemember } from '../store/instructions.ts';
import { takeRoomMessage } from '../store/orders.ts';
import { openInstructions, type Instructions } from './instructions.ts';

const T0 = Date.UTC(2026, 0, 1, 8);
const ULID = '01KDQ5V7M0ZQ4X8T2B6N9C3R1A';
let rig: Rig;
let mono: number;
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

beforeEach(() => {
  rig = openRig();
  mono = 0;
  vi.clearAllMocks();
});
afterEach(() => rig.close());

function open(handlers: InstructionHandlers): Instructions {
  const clock = { now: () => T0, mono: () => mono };
  return openInstructions({ db: rig.db, outbox: rig.outbox, clock, log, handlers });
}

const head = { at: T0, by: 'Li', expires: T0 + 3_600_000 };
const order = (id: string): Instruction => ({ ...head, id, kind: 'order', order: { text: 'go', to: ['cam-1'] } });
const seen = (id: string): Instruction => ({ ...head, id, kind: 'sos acknowledged', sos: ULID });
const reviewOf = (id: string): Instruction => ({
  ...head,
  id,
  kind: 'review',
  hit: ULID,
  outcome: 'confirmed',
  second: 'Wang',
});

const events = (): unknown[] =>
  storedEvents(rig.db).map(({ id, type, data }) => [id, type, (data as { readonly refused: string }).refused]);
const audit = (): unknown[] => {
  expect(verifyAudit(rig.db).ok).toBe(true);
  return (rig.db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[]).map(
    ({ who, what }) => `${who}: ${what}`,
  );
};
const problems = (i: Instructions) => i.status.problems!();
const counts = (i: Instructions) => (i.status.health!()['instructions'] as Record<string, unknown>)['room'];

describe('an instruction', () => {
  it('W15: is taken by a box without a crew, where it has a part for it', () => {
    const hit = {
      id: ULID,
      lane: 'l',
      entry: 'E',
      listed: 'x',
      first: 0,
      last: 0,
      sightings: 1,
      clock: { highest: 0 },
    };
    rig.db
      .prepare(
        `INSERT INTO hits (id, listType, entry, lane, firstMs, lastMs, seen, body) VALUES (?, 'plate-list', 'E', 'l', 0, 0, 1, ?)`,
      )
      .run(ULID, JSON.stringify(hit));
    const confirmed = vi.fn();
    const policy = { opinions: 2, rooms: ['room'] } as const;
    const { handlers, effects } = reviewRig(rig.db, { confirmed, policy });
    const instructions = open(handlers);
    for (let i = 0; i < 2; i++) {
      instructions.take(reviewOf('r-1'), 'room');
      effects.follow();
    }
    expect(confirmed).toHaveBeenCalledExactlyOnceWith(hit, 'confirmed');
    expect(audit()).toEqual(['Li: hit reviewed']);
    expect(events()).toMatchObject([[expect.any(String), 'io.sitebox.review.v1', undefined]]);
    expect(problems(instructions)).toEqual([]);
  });

  it('W15: that no part of this box takes is answered and audited, once, and none is dropped in silence', () => {
    const instructions = open(reviewRig(rig.db).handlers);
    for (let i = 0; i < 2; i++) {
      for (const instruction of [order('o-1'), seen('s-1'), reviewOf('r-1')]) instructions.take(instruction, 'room');
    }
    expect(events()).toEqual([
      ['o-1', 'io.sitebox.order.v1', 'this box has no part that takes an instruction of kind order'],
      ['s-1', 'io.sitebox.instruction.v1', 'this box has no part that takes an instruction of kind sos acknowledged'],
      ['r-1', 'io.sitebox.instruction.v1', 'this box has no such hit, or has erased it'],
    ]);
    expect(audit()).toEqual([
      'Li: order refused',
      'Li: instruction refused',
      'Li: review refused',
      'Li: instruction refused',
    ]);
    expect(counts(instructions)).toEqual({ taken: 0, refused: 3, turnedDown: 0, setAside: 0 });
  });

  it('W15: on which a part fails is set aside, told to the room and shown, and those behind it go on', () => {
    const done: string[] = [];
    const instructions = open({
      order({ id }) {
        rig.add('half');
        if (id === 'poison') throw new TypeError('x is not a function');
        return { after: () => done.push(id) };
      },
    });
    for (const id of ['o-1', 'poison', 'poison', 'o-2']) instructions.take(order(id), 'room');
    expect(done).toEqual(['o-1', 'o-2']);
    expect(audit()).toEqual(['Li: order set aside']);
    // Nothing of what it had begun is there.
    expect(events().map((e) => (e as string[])[2])).toEqual([
      undefined,
      expect.stringMatching(/^this box failed on it: TypeError at order \(instructions\.test\.ts:\d+:\d+\)$/),
      undefined,
    ]);
    expect(counts(instructions)).toMatchObject({ taken: 2, setAside: 1 });
    expect(problems(instructions)).toMatchObject([
      { key: 'instructions:room', what: expect.stringMatching(/set aside: TypeError at order/) as string },
    ]);
  });

  it.each([
    ['is full', { code: 'SQLITE_FULL' }],
    ['is busy', { code: 'SQLITE_BUSY' }],
  ])('comes again where the store %s, and nothing of it is kept', (_name, code) => {
    let refuses = true;
    const instructions = open({
      order() {
        if (refuses) throw Object.assign(new Error('planted'), code);
        return {};
      },
    });
    expect(() => instructions.take(order('o-1'), 'room')).toThrow('planted');
    expect(counts(instructions)).toBeUndefined();
    refuses = false;
    instructions.take(order('o-1'), 'room');
    expect(counts(instructions)).toMatchObject({ taken: 1 });
  });

  it('that is on disk is taken, whatever fails afterwards', () => {
    const instructions = open({
      order: () => ({
        after() {
          throw new Error('the device is gone');
        },
      }),
    });
    instructions.take(order('o-1'), 'room');
    expect(counts(instructions)).toMatchObject({ taken: 1 });
    expect(log.error).toHaveBeenCalledOnce();
  });
});

describe('what may not be acted on', () => {
  it('S7: is counted, audited and an alarm; the room is told of what it has said itself', () => {
    const instructions = open({});
    instructions.refuse({ id: 'o-1', why: 'it is not properly signed', authentic: false }, 'room');
    instructions.refuse({ id: 'o-2', why: 'the instruction has expired', authentic: true }, 'room');
    expect(events()).toEqual([['o-2', 'io.sitebox.instruction.v1', 'the instruction has expired']]);
    expect(audit()).toEqual(['unknown: instruction turned down', 'command room: instruction turned down']);
    expect(counts(instructions)).toMatchObject({ turnedDown: 2 });
    expect(problems(instructions)).toMatchObject([
      { key: 'instructions:room', what: expect.stringMatching(/2 turned down .* has expired/) as string },
    ]);
  });

  it('S7: is not what was taken and comes again after its end: the room is not told that it was refused', () => {
    const instructions = open({ order: () => ({}) });
    instructions.take(order('o-1'), 'room');
    const again = { id: 'o-1', why: 'the instruction has expired', authentic: true };
    for (const relay of ['room', 'second']) instructions.refuse(again, relay);
    expect(events()).toEqual([]);
    expect(audit()).toEqual([]);
    expect(problems(instructions)).toEqual([]);
    expect(counts(instructions)).toMatchObject({ taken: 1, turnedDown: 0 });
    // Anybody can copy an id: a forged one is noted all the same.
    instructions.refuse({ ...again, authentic: false }, 'room');
    expect(audit()).toEqual(['unknown: instruction turned down']);
    expect(counts(instructions)).toMatchObject({ turnedDown: 1 });
  });

  it('S7: cannot fill the audit log, nor keep others waiting where the store takes nothing', () => {
    const instructions = open({});
    const forged = { id: undefined, why: 'it is not properly signed', authentic: false };
    for (let i = 0; i < 1_000; i++) instructions.refuse(forged, 'room');
    expect(audit()).toHaveLength(20);
    expect(counts(instructions)).toMatchObject({ turnedDown: 1_000 });
    mono += 10_000;
    instructions.refuse(forged, 'room');
    expect(audit()).toHaveLength(21);
    const last = rig.db.prepare('SELECT detail FROM audit ORDER BY seq DESC').pluck().get() as string;
    expect(JSON.parse(last)).toMatchObject({ before: 980 });
    expect(events()).toEqual([]);
    rig.db.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'planted failure'); END`);
    mono += 60_000;
    instructions.refuse(forged, 'room');
    expect(() => instructions.refuse({ ...forged, id: 'o-1', authentic: true }, 'room')).toThrow('planted failure');
  });
});

it('S7: a flood of forged instructions does not keep the room from hearing that one of its own was turned down', () => {
  const instructions = open({});
  const forged = { id: 'o-1', why: 'it is not properly signed', authentic: false };
  for (let i = 0; i < 1_000; i++) instructions.refuse(forged, 'room');
  for (let i = 0; i < 25; i++)
    instructions.refuse({ id: `o-${i}`, why: 'the instruction has expired', authentic: true }, 'room');
  expect(events()).toHaveLength(20);
  expect(audit().filter((row) => row === 'command room: instruction turned down')).toHaveLength(20);
  // Nor the other way round.
  mono += 10_000;
  instructions.refuse(forged, 'room');
  instructions.refuse({ ...forged, id: 'o-26', authentic: true }, 'room');
  const details = rig.db.prepare('SELECT detail FROM audit ORDER BY seq DESC LIMIT 2').pluck().all() as string[];
  expect(details.map((text) => (JSON.parse(text) as { before: number }).before)).toEqual([5, 980]);
});

describe('the memory of what was taken', () => {
  it('S7: lasts longer than any instruction is in force, also where it is full, and is bounded', () => {
    const day = 86_400_000;
    for (let n = 0; n < 10; n++) takeRoomMessage(rig.db, `m-${n}`, T0 + n * day);
    const now = T0 + 9 * day + MAX_VALID_MS;
    expect(makeRoomToRemember(rig.db, now, 20)).toBe(true);
    expect(takeRoomMessage(rig.db, 'm-0', now)).toBe(false);
    // Full: the ones that cannot be in force any more go first, and no other ever does.
    expect(makeRoomToRemember(rig.db, now, 10)).toBe(true);
    const kept = rig.db.prepare('SELECT id FROM roomMessages ORDER BY atMs').pluck().all();
    expect(kept).toEqual(['m-8', 'm-9']);
    expect(makeRoomToRemember(rig.db, now, 2)).toBe(false);
    expect(rig.db.prepare('SELECT count(*) FROM roomMessages').pluck().get()).toBe(2);
  });
});
