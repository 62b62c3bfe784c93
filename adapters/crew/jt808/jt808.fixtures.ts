/** A terminal for tests of the session: it speaks bytes to it, without a socket. */
import type { EquipmentHost, Position } from '../../../gateway/contracts/crew.ts';
import {
  MESSAGES,
  openUnpacker,
  readAnswer,
  readRegistrationAnswer,
  writeCode,
  writePacket,
  writeRegistration,
  type Layout,
  type Packet,
} from './codec.ts';
import { writeLocation } from './location.codec.ts';
import { TerminalSession } from './session.ts';

export const PHONE = '13800000001';
export const TIME = Date.parse('2026-11-21T02:02:03Z');
export const HERE: Position = { lat: 30.25, lon: 120.125, altitudeM: 12, speedKmh: 36, courseDeg: 90, trusted: true };

/** A terminal and the box's end of its connection. */
export function connect(host: EquipmentHost, calls = new Map<string, string>(), layout: Layout = 2013) {
  const answers: Packet[] = [];
  const state = { closed: false, device: '' };
  const unpack = openUnpacker((arrival) => {
    if (arrival === 'damaged') throw new Error('the box wrote no packet');
    answers.push(arrival);
  });
  const session = new TerminalSession({
    host,
    calls,
    write: unpack,
    close: () => (state.closed = true),
    loggedIn: (id) => (state.device = id),
  });
  const feed = (bytes: Uint8Array): void => session.receive(bytes);
  let serial = 0;
  const pack = (message: number, body: Uint8Array = new Uint8Array(), phone = PHONE): Uint8Array =>
    writePacket({ message, layout, version: 1, phone, serial: serial++, body });
  const feedAndHear = (bytes: Uint8Array): Packet | undefined => {
    const before = answers.length;
    feed(bytes);
    return answers[before];
  };
  const ask = (message: number, body?: Uint8Array, phone?: string): Packet | undefined =>
    feedAndHear(pack(message, body, phone));
  const resultOf = (answer: Packet | undefined): number | undefined => answer && readAnswer(answer.body).result;
  return {
    state,
    feed,
    feedAndHear,
    pack,
    ask,
    login: (code = 'code of car-1') => resultOf(ask(MESSAGES.authenticate, writeCode(layout, code))),
    register: (id = 'T000042', phone?: string) =>
      readRegistrationAnswer(ask(MESSAGES.register, writeRegistration(layout, id), phone)!.body),
    locate: (more: Partial<Parameters<typeof writeLocation>[0]> = {}) =>
      resultOf(
        ask(MESSAGES.location, writeLocation({ emergency: false, time: TIME, position: HERE, extras: [], ...more })),
      ),
    say: (message: number, phone?: string) => resultOf(ask(message, undefined, phone)),
  };
}
