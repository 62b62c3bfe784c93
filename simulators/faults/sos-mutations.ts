/**
 * Damaged calls for help: messages on a body-cam's SOS topic, and alarm packets of a terminal whose frame is whole and whose body is not. Each of them
 * has to be in the store and to be told to somebody else, whatever it has become.
 *
 * One process, the real store, crew and codecs. The clock goes on by 20 s between two messages, so that none is a repeat of the one
 * before; what is told is counted at a device of a partner.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_LOG } from '../../gateway/contracts/base.ts';
import { encodeSos } from '../../adapters/crew/bodycam/codec.ts';
import { MESSAGES, writeCode, writePacket } from '../../adapters/crew/jt808/codec.ts';
import { writeLocation } from '../../adapters/crew/jt808/location.codec.ts';
import { TerminalSession } from '../../adapters/crew/jt808/session.ts';
import { readMessage, readTopic } from '../../adapters/crew/topics/codec.ts';
import { openClock, type Clock } from '../../gateway/clock/clock.ts';
import { crewSchema } from '../../gateway/config/crew.ts';
import { CrewService } from '../../gateway/crew/crew-service.ts';
import type { EquipmentHost, CrewDevice, Equipment } from '../../gateway/contracts/crew.ts';
import { openDb } from '../../gateway/store/db.ts';
import { addDevice } from '../../gateway/store/devices.ts';
import { timeKeeper } from '../../gateway/store/time.ts';
import { seeded, type Random } from '../scene/random.ts';
import { outboxOf } from './store-fill.ts';

export type SosVerdict = ReturnType<typeof mutateCalls>;

/** How bytes become calls: to be exchanged for a broken one in the test. */
export type CallReader = (host: EquipmentHost, payload: Uint8Array) => void;

const AT = Date.UTC(2026, 10, 21, 8);
/** Longer than repeats of a call without a name are apart. */
const STEP_MS = 20_000;
const MEMORY = '/dev/shm';
const PHONE = '13800000001';
const CAM: CrewDevice = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] };
const CAR: CrewDevice = { id: 'car-1', kind: 'vehicle', role: 'officer', protocol: 'jt808', serials: [PHONE] };
const GUARD: CrewDevice = { id: 'guard-1', kind: 'bodycam', role: 'guard', protocol: 'bodycam', serials: [] };
const readCall: CallReader = (host, payload) => {
  const message = readMessage(readTopic(`bodycam/v1/${CAM.id}/sos`)!, payload, AT, CAM.id);
  if ('sos' in message) host.sos(message.sos);
};

/**
 * `count` damaged calls, half of each kind, the same ones for the same `seed`. Counted are calls that are not in the store, that nobody was told,
 * and errors that nobody caught: all have to be 0. `named`: messages in which the device's own name of the call was still read, for without them
 * the damage damages nothing.
 */
export function mutateCalls(count: number, seed = 5, reader: CallReader = readCall) {
  const folder = mkdtempSync(join(quickFolder(), 'sitebox-sos-mutations-'));
  const db = openDb(folder);
  const counts = { messages: 0, withoutRow: 0, withoutNotice: 0, uncaught: 0, named: 0 };
  let notices = 0;
  let passed = 0;
  try {
    for (const device of [CAM, CAR, GUARD]) addDevice(db, device, { by: 'bench', now: AT });
    const clock: Clock = { ...openClock(timeKeeper(db), () => AT + passed), mono: () => passed };
    const equipment: Equipment = {
      run: () => Promise.resolve(),
      deliver(device, { kind }) {
        if (device === GUARD.id && kind === 'sos') notices++;
        return true;
      },
    };
    const config = crewSchema.parse({ equipment: [{ id: 'bench', kind: 'broker' }], keepTracksH: 0 });
    const outbox = outboxOf(db, () => clock.now());
    const rooms = { db, outbox, clock, config, equipment: [{ id: 'bench', equipment }], log: SILENT_LOG };
    const crew = new CrewService(rooms);
    const whole = crew.hostFor(equipment);
    whole.presence(GUARD.id, true);
    const host: EquipmentHost = {
      ...whole,
      sos(report) {
        if (!report.unnamed && report.device === CAM.id) counts.named++;
        whole.sos(report);
      },
    };
    const rows = db.prepare('SELECT coalesce(sum(presses), 0) FROM sos').pluck();
    const random = seeded(seed);
    const terminal = openTerminal(host);
    for (let i = 0; i < count; i++) {
      passed += STEP_MS;
      const before = { rows: rows.get() as number, notices };
      counts.messages++;
      try {
        if (i % 2 === 0) reader(host, damage(messageOf(i), random));
        else terminal(i, damage(bodyOf(), random));
      } catch {
        counts.uncaught++;
      }
      if ((rows.get() as number) === before.rows) counts.withoutRow++;
      if (notices === before.notices) counts.withoutNotice++;
    }
    return counts;
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

/** In memory where that can be had: nobody pulls a plug here, and waiting for a disk proves nothing. */
function quickFolder(): string {
  try {
    accessSync(MEMORY, constants.W_OK);
    return MEMORY;
  } catch {
    return tmpdir();
  }
}

const POSITION = { lat: 30.25, lon: 120.125, trusted: true };

function messageOf(i: number): Buffer {
  // So long that damage does not make another one's name of it: that would be a repeat.
  const sos = createHash('sha256').update(`call ${i}`).digest('hex').slice(0, 32);
  return encodeSos({ sos, state: 'raised', at: AT, position: POSITION });
}

function bodyOf(): Uint8Array {
  const extras = [{ id: 1, bytes: new Uint8Array(4) }];
  return writeLocation({ emergency: true, time: AT, position: POSITION, extras });
}

/** A terminal that has logged in. Its alarm bit is on in every body, goes out in between, and stays whole. */
function openTerminal(host: EquipmentHost): (i: number, body: Uint8Array) => void {
  const nothing = (): void => undefined;
  const session = new TerminalSession({ host, calls: new Map(), write: nothing, loggedIn: nothing, close: nothing });
  let serial = 0;
  const send = (message: number, body: Uint8Array): void => {
    serial = (serial + 1) & 0xffff;
    session.receive(
      writePacket({ message, layout: 2013, version: 0, phone: PHONE, serial, body: body.subarray(0, 1_000) }),
    );
  };
  send(MESSAGES.authenticate, writeCode(2013, host.authCode(CAR.id)));
  return (i, body) => {
    send(MESSAGES.location, writeLocation({ emergency: false, time: AT + i * 1_000, extras: [] }));
    const alarm = Buffer.alloc(Math.max(4, body.length));
    alarm.set(body);
    alarm[3]! |= 1;
    // A name of its own: the time in it, where that is left.
    if (alarm.length >= 28)
      alarm.set(writeLocation({ emergency: true, time: AT + i * 1_000, extras: [] }).subarray(22, 28), 22);
    send(MESSAGES.location, alarm);
  };
}

/** One to four changes. */
function damage(whole: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(whole);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
    const at = Math.floor(random() * (bytes.length + 1));
    const end = at + 1 + Math.floor(random() * 8);
    const cut = [bytes.subarray(0, at), bytes.subarray(end)];
    const piece = PIECES[Math.floor(random() * PIECES.length)]!;
    bytes = Buffer.concat(
      random() < 0.2 ? [cut[0]!] : [cut[0]!, piece(random), random() < 0.5 ? cut[1]! : bytes.subarray(at)],
    );
  }
  return bytes;
}

const PIECES: readonly ((random: Random) => Buffer)[] = [
  (random) => Buffer.from([Math.floor(random() * 256)]),
  () => Buffer.alloc(0),
  (random) => Buffer.from(String(Math.floor(random() * 1e12))),
  ...['NaN', '\0', ',', '}', '"', 'null', '[[', '"state":"RAISED",', '\\u0000', '-'].map(
    (text) => () => Buffer.from(text),
  ),
];
