import { describe, expect, it } from 'vitest';
import { crewDevice, openTestDesk, type TestDesk } from '../../../simulators/conformance/equipment.ts';
import { ANSWERS, MESSAGES, readAnswer, writeCode, writePacket } from './codec.ts';
import { connect, HERE, PHONE, TIME } from './jt808.fixtures.ts';
import { writeLocation } from './location.codec.ts';
import { openSession } from './session.ts';
import { bytesOf, J8, J9 } from './vectors.fixtures.ts';

const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [`0${PHONE}`, 'T000042'] });
const other = crewDevice('car-2', { kind: 'vehicle', protocol: 'jt808', serials: ['10000000001'] });

const reasons = (desk: TestDesk): string[] => desk.refusals.map(([why]) => why);

describe.each([2013, 2019] as const)('a terminal of %s', (layout) => {
  it('registers, gets its ticket, brings it, and reports', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk, undefined, layout);
    expect(terminal.register()).toEqual({ serial: 0, result: 0, code: 'ticket of car-1' });
    expect(terminal.login()).toBe(ANSWERS.done);
    expect(terminal.state.device).toBe('car-1');
    expect(terminal.say(MESSAGES.heartbeat)).toBe(ANSWERS.done);
    expect(terminal.locate()).toBe(ANSWERS.done);
    expect(desk.reports).toHaveLength(3);
    const { at, clockOffsetMs, position, device } = desk.reports.at(-1)!;
    expect(device).toBe('car-1');
    expect(position).toEqual(HERE);
    expect(at + clockOffsetMs!).toBe(TIME);
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(desk.refusals).toEqual([]);
  });
});

describe('who is let in', () => {
  it('only a phone that is registered, with the terminal id that is registered', () => {
    const desk = openTestDesk([car]);
    expect(connect(desk).register('T000043')).toEqual({ serial: 0, result: 4, code: '' });
    expect(connect(desk).register('T000042', '13900000000')).toEqual({ serial: 0, result: 4, code: '' });
    expect(reasons(desk)).toEqual(['login', 'unknown device']);
  });

  it('any terminal id where none is registered', () => {
    expect(connect(openTestDesk([other])).register('ANY', '10000000001')).toMatchObject({ result: 0 });
  });

  it('nothing but the ticket logs in, and the third refusal ends the connection', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    for (const code of ['ticket of car-2', '', 'ticket of car-1 ']) {
      expect(terminal.state.closed).toBe(false);
      expect(terminal.login(code)).toBe(ANSWERS.failed);
    }
    expect(terminal.state.closed).toBe(true);
    expect(terminal.login()).toBeUndefined();
    expect(reasons(desk)).toEqual(['login', 'login', 'login']);
    expect(desk.reports).toEqual([]);
  });

  it('a position or a call for help before that is refused', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    terminal.register();
    expect(terminal.locate({ emergency: true })).toBe(ANSWERS.failed);
    expect(desk.calls).toEqual([]);
    expect(desk.reports).toEqual([]);
    expect(reasons(desk)).toEqual(['not allowed']);
  });

  it('one connection is one terminal', () => {
    const desk = openTestDesk([car, other]);
    const terminal = connect(desk);
    terminal.login();
    expect(terminal.say(MESSAGES.heartbeat, '10000000001')).toBeUndefined();
    expect(reasons(desk)).toEqual(['not allowed']);
    expect(terminal.say(MESSAGES.heartbeat)).toBe(ANSWERS.done);
  });

  it('a revoked device is out at its next word', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    terminal.login();
    desk.devices.delete('car-1');
    expect(terminal.locate({ emergency: true })).toBeUndefined();
    expect(terminal.state.closed).toBe(true);
    expect(desk.calls).toEqual([]);
  });

  it('garbage ends a connection that never logged in', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    for (let i = 0; i < 5; i++) terminal.feed(Buffer.from('GET / HTTP/1.1\r\n\r\n~'));
    expect(terminal.state.closed).toBe(true);
    expect(reasons(desk)).toEqual(['malformed', 'malformed', 'malformed']);
  });
});

describe('answers', () => {
  it('J8 is answered with J9', () => {
    const desk = openTestDesk([other]);
    const written: Uint8Array[] = [];
    const feed = openSession({
      ...{ desk, calls: new Map(), close: () => undefined, loggedIn: () => undefined },
      write: (bytes) => void written.push(bytes),
    });
    const login = { layout: 2019, version: 1, phone: '10000000001', serial: 124 } as const;
    feed(writePacket({ ...login, message: MESSAGES.authenticate, body: writeCode(2019, 'ticket of car-2') }));
    feed(bytesOf(J8));
    expect(written.at(-1)).toEqual(bytesOf(J9));
    expect(desk.calls).toMatchObject([{ device: 'car-2', sos: '2026-11-21T02:02:03.000Z', state: 'raised' }]);
  });

  it('what is not known is answered so; an answer is not answered', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    terminal.login();
    expect(terminal.say(0x0704)).toBe(ANSWERS.notSupported);
    expect(terminal.say(MESSAGES.terminalAnswer)).toBeUndefined();
    expect(desk.refusals).toEqual([]);
  });

  it('a location that cannot be is answered as wrong, and no position', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    terminal.login();
    expect(terminal.locate({ position: { ...HERE, lat: 90.5 } })).toBe(ANSWERS.wrong);
    expect(terminal.locate({ position: { ...HERE, lat: 0, lon: 0 } })).toBe(ANSWERS.wrong);
    expect(desk.reports.every((r) => r.position === undefined)).toBe(true);
    expect(reasons(desk)).toEqual(['malformed', 'malformed']);
  });
});

it('C5: with an odd speed, direction or time the position is taken, and the field named', () => {
  const desk = openTestDesk([car]);
  const terminal = connect(desk);
  terminal.login();
  expect(terminal.locate({ position: { ...HERE, speedKmh: 900 } })).toBe(ANSWERS.done);
  expect(terminal.ask(MESSAGES.location, Uint8Array.from(notSet()))).toBeDefined();
  const { speedKmh: _, ...rest } = HERE;
  expect(desk.reports.flatMap((r) => r.position ?? [])).toEqual([rest, HERE]);
  expect(desk.reports.map((r) => r.clockWrong)).toEqual([undefined, undefined, true]);
  expect(reasons(desk)).toEqual(['odd field', 'odd field']);
});
const notSet = (): Uint8Array => writeLocation({ emergency: false, position: HERE, extras: [] });

describe('the emergency button', () => {
  const pressed = { emergency: true } as const;

  it('is on disk before it is answered', () => {
    const desk = openTestDesk([car]);
    const terminal = connect(desk);
    terminal.login();
    const order: string[] = [];
    desk.onSos = () => order.push('kept');
    expect(terminal.locate(pressed)).toBe(ANSWERS.done);
    order.push('answered');
    expect(order).toEqual(['kept', 'answered']);
    expect(desk.calls).toMatchObject([{ device: 'car-1', state: 'raised', position: HERE }]);
  });

  it('is not answered when it cannot be kept; over the next connection it is', () => {
    const desk = openTestDesk([car]);
    const calls = new Map<string, string>();
    const first = connect(desk, calls);
    first.login();
    desk.broken = new Error('the disk is full');
    expect(first.locate(pressed)).toBeUndefined();
    expect(first.state.closed).toBe(true);
    expect(reasons(desk)).toEqual(['not stored']);
    expect(first.locate(pressed)).toBeUndefined();
    desk.broken = undefined;
    const second = connect(desk, calls);
    second.login();
    expect(second.locate(pressed)).toBe(ANSWERS.done);
    expect(desk.calls).toHaveLength(1);
  });

  it('has one name while its bit is on, over connections too, and a new one when it is pressed again', () => {
    const desk = openTestDesk([car]);
    const calls = new Map<string, string>();
    const first = connect(desk, calls);
    first.login();
    first.locate(pressed);
    first.locate({ ...pressed, time: TIME + 10_000 });
    const second = connect(desk, calls);
    second.login();
    second.locate({ ...pressed, time: TIME + 20_000 });
    second.locate({ time: TIME + 30_000 });
    second.locate({ ...pressed, time: TIME + 40_000 });
    const names = desk.calls.map((c) => c.sos);
    expect(names.slice(0, 3)).toEqual(Array(3).fill('2026-11-21T02:02:03.000Z'));
    expect(names[3]).toBe('2026-11-21T02:02:43.000Z');
    // The bit goes out because the call was answered; the need for help has not.
    expect(desk.calls.every((c) => c.state === 'raised')).toBe(true);
  });

  it('the same packet once more, after a restart of the box, has the same name', () => {
    const desk = openTestDesk([car]);
    for (const _ of [1, 2]) {
      const terminal = connect(desk, new Map());
      terminal.login();
      terminal.locate(pressed);
    }
    expect(new Set(desk.calls.map((c) => c.sos)).size).toBe(1);
  });

  it('counts without a fix, without a clock, and with a location that cannot be', () => {
    const desk = openTestDesk([car]);
    const body = writeLocation({ ...pressed, extras: [] });
    const wrong = writeLocation({ ...pressed, time: TIME, position: { ...HERE, lon: 190 }, extras: [] });
    for (const location of [body, wrong]) {
      const terminal = connect(desk);
      terminal.login();
      expect(readAnswer(terminal.ask(MESSAGES.location, location)!.body).result).toBe(ANSWERS.done);
    }
    expect(desk.calls).toMatchObject([{ sos: 'packet 1' }, { sos: '2026-11-21T02:02:03.000Z' }]);
    expect(desk.calls.every((c) => c.position === undefined)).toBe(true);
  });
});
