import { describe, expect, it } from 'vitest';
import { crewDevice, openTestHost, type TestHost } from '../../../simulators/conformance/equipment.ts';
import { ANSWERS, MESSAGES, readAnswer, writeCode, writePacket } from './codec.ts';
import { connect, HERE, PHONE, TIME } from './jt808.fixtures.ts';
import { writeLocation } from './location.codec.ts';
import { TerminalSession } from './session.ts';
import { bytesOf, J8, J9 } from './vectors.fixtures.ts';

const car = crewDevice('car-1', { kind: 'vehicle', protocol: 'jt808', serials: [`0${PHONE}`, 'T000042'] });
const other = crewDevice('car-2', { kind: 'vehicle', protocol: 'jt808', serials: ['10000000001'] });

const reasons = (host: TestHost): string[] => host.refusals.map(([why]) => why);

describe.each([2013, 2019] as const)('a terminal of %s', (layout) => {
  it('registers, gets its code, brings it, and reports', () => {
    const host = openTestHost([car]);
    const terminal = connect(host, undefined, layout);
    expect(terminal.register()).toEqual({ serial: 0, result: 0, code: 'code of car-1' });
    expect(terminal.login()).toBe(ANSWERS.done);
    expect(terminal.state.device).toBe('car-1');
    expect(terminal.say(MESSAGES.heartbeat)).toBe(ANSWERS.done);
    expect(terminal.locate()).toBe(ANSWERS.done);
    expect(host.reports).toHaveLength(3);
    const { at, clockOffsetMs, position, device } = host.reports.at(-1)!;
    expect(device).toBe('car-1');
    expect(position).toEqual(HERE);
    expect(at + clockOffsetMs!).toBe(TIME);
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
    expect(host.refusals).toEqual([]);
  });
});

describe('who is let in', () => {
  it('only a phone that is registered, with the terminal id that is registered', () => {
    const host = openTestHost([car]);
    expect(connect(host).register('T000043')).toEqual({ serial: 0, result: 4, code: '' });
    expect(connect(host).register('T000042', '13900000000')).toEqual({ serial: 0, result: 4, code: '' });
    expect(reasons(host)).toEqual(['login', 'unknown device']);
  });

  it('any terminal id where none is registered', () => {
    expect(connect(openTestHost([other])).register('ANY', '10000000001')).toMatchObject({ result: 0 });
  });

  it('nothing but the code logs in, and the third refusal ends the connection', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    for (const code of ['code of car-2', '', 'code of car-1 ']) {
      expect(terminal.state.closed).toBe(false);
      expect(terminal.login(code)).toBe(ANSWERS.failed);
    }
    expect(terminal.state.closed).toBe(true);
    expect(terminal.login()).toBeUndefined();
    expect(reasons(host)).toEqual(['login', 'login', 'login']);
    expect(host.reports).toEqual([]);
  });

  it('a position or a call for help before that is refused', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.register();
    expect(terminal.locate({ emergency: true })).toBe(ANSWERS.failed);
    expect(host.calls).toEqual([]);
    expect(host.reports).toEqual([]);
    expect(reasons(host)).toEqual(['not allowed']);
  });

  it('one connection is one terminal', () => {
    const host = openTestHost([car, other]);
    const terminal = connect(host);
    terminal.login();
    expect(terminal.say(MESSAGES.heartbeat, '10000000001')).toBeUndefined();
    expect(reasons(host)).toEqual(['not allowed']);
    expect(terminal.say(MESSAGES.heartbeat)).toBe(ANSWERS.done);
  });

  it('a revoked device is out at its next word', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    host.devices.delete('car-1');
    expect(terminal.locate({ emergency: true })).toBeUndefined();
    expect(terminal.state.closed).toBe(true);
    expect(host.calls).toEqual([]);
  });

  it('garbage ends a connection that never logged in', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    for (let i = 0; i < 5; i++) terminal.feed(Buffer.from('GET / HTTP/1.1\r\n\r\n~'));
    expect(terminal.state.closed).toBe(true);
    expect(reasons(host)).toEqual(['malformed', 'malformed', 'malformed']);
  });
});

describe('answers', () => {
  it('J8 is answered with J9', () => {
    const host = openTestHost([other]);
    const written: Uint8Array[] = [];
    const session = new TerminalSession({
      host,
      calls: new Map(),
      close: () => undefined,
      loggedIn: () => undefined,
      write: (bytes) => void written.push(bytes),
    });
    const login = { layout: 2019, version: 1, phone: '10000000001', serial: 124 } as const;
    session.receive(writePacket({ ...login, message: MESSAGES.authenticate, body: writeCode(2019, 'code of car-2') }));
    session.receive(bytesOf(J8));
    expect(written.at(-1)).toEqual(bytesOf(J9));
    expect(host.calls).toMatchObject([{ device: 'car-2', sos: '2026-11-21T02:02:03.000Z', state: 'raised' }]);
  });

  it('what is not known is answered so; an answer is not answered', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    expect(terminal.say(0x0704)).toBe(ANSWERS.notSupported);
    expect(terminal.say(MESSAGES.terminalAnswer)).toBeUndefined();
    expect(host.refusals).toEqual([]);
  });

  it('a location that cannot be is answered as wrong, and no position', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    expect(terminal.locate({ position: { ...HERE, lat: 90.5 } })).toBe(ANSWERS.wrong);
    expect(terminal.locate({ position: { ...HERE, lat: 0, lon: 0 } })).toBe(ANSWERS.wrong);
    expect(host.reports.every((r) => r.position === undefined)).toBe(true);
    expect(reasons(host)).toEqual(['malformed', 'malformed']);
  });
});

it('C5: with an odd speed, direction or time the position is taken, and the field named', () => {
  const host = openTestHost([car]);
  const terminal = connect(host);
  terminal.login();
  expect(terminal.locate({ position: { ...HERE, speedKmh: 900 } })).toBe(ANSWERS.done);
  expect(terminal.ask(MESSAGES.location, Uint8Array.from(notSet()))).toBeDefined();
  const { speedKmh: _, ...rest } = HERE;
  expect(host.reports.flatMap((r) => r.position ?? [])).toEqual([rest, HERE]);
  expect(host.reports.map((r) => r.clockWrong)).toEqual([undefined, undefined, true]);
  expect(reasons(host)).toEqual(['odd field', 'odd field']);
});
const notSet = (): Uint8Array => writeLocation({ emergency: false, position: HERE, extras: [] });

describe('the emergency button', () => {
  const pressed = { emergency: true } as const;

  it('is on disk before it is answered', () => {
    const host = openTestHost([car]);
    const terminal = connect(host);
    terminal.login();
    const order: string[] = [];
    host.onSos = () => order.push('kept');
    expect(terminal.locate(pressed)).toBe(ANSWERS.done);
    order.push('answered');
    expect(order).toEqual(['kept', 'answered']);
    expect(host.calls).toMatchObject([{ device: 'car-1', state: 'raised', position: HERE }]);
  });

  it('is not answered when it cannot be kept; over the next connection it is', () => {
    const host = openTestHost([car]);
    const calls = new Map<string, string>();
    const first = connect(host, calls);
    first.login();
    host.storeError = new Error('the disk is full');
    expect(first.locate(pressed)).toBeUndefined();
    expect(first.state.closed).toBe(true);
    expect(reasons(host)).toEqual(['not stored']);
    expect(first.locate(pressed)).toBeUndefined();
    host.storeError = undefined;
    const second = connect(host, calls);
    second.login();
    expect(second.locate(pressed)).toBe(ANSWERS.done);
    expect(host.calls).toHaveLength(1);
  });

  it('has one name while its bit is on, over connections too, and a new one when it is pressed again', () => {
    const host = openTestHost([car]);
    const calls = new Map<string, string>();
    const first = connect(host, calls);
    first.login();
    first.locate(pressed);
    first.locate({ ...pressed, time: TIME + 10_000 });
    const second = connect(host, calls);
    second.login();
    second.locate({ ...pressed, time: TIME + 20_000 });
    second.locate({ time: TIME + 30_000 });
    second.locate({ ...pressed, time: TIME + 40_000 });
    const names = host.calls.map((c) => c.sos);
    expect(names.slice(0, 3)).toEqual(Array(3).fill('2026-11-21T02:02:03.000Z'));
    expect(names[3]).toBe('2026-11-21T02:02:43.000Z');
    // The bit goes out because the call was answered; the need for help has not.
    expect(host.calls.every((c) => c.state === 'raised')).toBe(true);
  });

  it('the same packet once more, after a restart of the box, has the same name', () => {
    const host = openTestHost([car]);
    for (const _ of [1, 2]) {
      const terminal = connect(host, new Map());
      terminal.login();
      terminal.locate(pressed);
    }
    expect(new Set(host.calls.map((c) => c.sos)).size).toBe(1);
  });

  it('counts without a fix, without a clock, and with a location that cannot be', () => {
    const host = openTestHost([car]);
    const body = writeLocation({ ...pressed, extras: [] });
    const wrong = writeLocation({ ...pressed, time: TIME, position: { ...HERE, lon: 190 }, extras: [] });
    for (const location of [body, wrong]) {
      const terminal = connect(host);
      terminal.login();
      expect(readAnswer(terminal.ask(MESSAGES.location, location)!.body).result).toBe(ANSWERS.done);
    }
    expect(host.calls).toMatchObject([{ sos: 'packet 1' }, { sos: '2026-11-21T02:02:03.000Z' }]);
    expect(host.calls.every((c) => c.position === undefined)).toBe(true);
  });
});
