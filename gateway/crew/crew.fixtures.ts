/** A real store in a temporary folder, an outbox and a clock in the hands of a test; and what left for the command room. */
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { openClock, type Clock } from '../clock/clock.ts';
import type { CrewDevice, Equipment, SosReport } from '../contracts/crew.ts';
import type { PlateHit } from '../contracts/hit.ts';
import { verifyAudit } from '../store/audit.ts';
import { openDb, type Db } from '../store/db.ts';
import { storedEvents } from '../store/sealing/sealing.fixtures.ts';
import { addDevice } from '../store/devices.ts';
import { timeKeeper } from '../store/time.ts';
import { OutboxWriter, type OutboxLimits } from '../store/outbox/outbox.ts';
import { openQueue } from '../store/outbox/queue.ts';
import type { Envelope } from '../contracts/relay.ts';

export const T0 = Date.UTC(2026, 10, 21, 8);
export interface CrewRig {
  readonly folder: string;
  readonly db: Db;
  readonly clock: Clock;
  /** Both times of the clock go on. */
  pass(ms: number): void;
  outbox(
    limits?: Partial<OutboxLimits>,
    more?: { readonly db?: Db; readonly relays?: readonly string[]; readonly now?: () => number },
  ): OutboxWriter;
  /** What waits for the room, in order. `send` takes it away, as a room that stores it. */
  waiting(): ReturnType<typeof storedEvents>;
  send(): Envelope[];
  /** `who: what` of each row; the chain is whole. */
  audit(): string[];
  add(device: Partial<CrewDevice> & Pick<CrewDevice, 'id'>): CrewDevice;
  close(): void;
}

export function openCrewRig(): CrewRig {
  const folder = tempFolder();
  const db = openDb(folder);
  let passed = 0;
  const clock: Clock = { ...openClock(timeKeeper(db), () => T0 + passed), mono: () => passed };
  const queue = openQueue(db, 'room', '/sites/demo/boxes/box-001');
  const due = () =>
    queue
      .due({ now: Infinity, liveFrom: 0, busyStreams: [], limit: 1000, onlyLive: false })
      .sort((a, b) => a.seq - b.seq);
  const rig: CrewRig = {
    folder,
    db,
    clock,
    pass: (ms) => void (passed += ms),
    outbox: (limits, more = {}) =>
      new OutboxWriter(more.db ?? db, {
        source: '/sites/demo/boxes/box-001',
        relays: more.relays ?? ['room'],
        limits: { rows: 1000, bytes: 1e6, ...limits },
        now: more.now ?? (() => clock.now()),
        wake: () => undefined,
      }),
    // Only the first of a stream is due; the others are behind it.
    waiting: () => storedEvents(db),
    send() {
      const sent: Envelope[] = [];
      for (let rows = due(); rows.length > 0; rows = due()) {
        sent.push(...rows.map((r) => r.envelope));
        queue.settle(rows.map(({ seq }) => ({ seq, kind: 'stored' })));
      }
      return sent.sort((a, b) => a.sequence - b.sequence);
    },
    audit() {
      const verdict = verifyAudit(db);
      if (!verdict.ok) throw new Error(verdict.why);
      const rows = db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[];
      return rows.map((r) => `${r.who}: ${r.what}`);
    },
    add(given) {
      const device: CrewDevice = { kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [], ...given };
      const refused = addDevice(db, device, { by: 'Chief 1', now: clock.now() });
      if (refused) throw new Error(refused.problem);
      return device;
    },
    close() {
      db.close();
    },
  };
  return rig;
}

export function sosOf(device: string, more: Partial<SosReport> = {}): SosReport {
  return { device, sos: 'call-1', state: 'raised', at: T0, ...more };
}

/** Stands for the equipment of a connected device. */
export const NO_EQUIPMENT: Equipment = { run: () => Promise.resolve() };

/** A question about a listed vehicle. */
export const PLATE_HIT: PlateHit = {
  id: 'HIT-1',
  lane: 'road-1',
  first: T0,
  last: T0,
  sightings: 1,
  entry: 'entry-7',
  state: 'unreviewed',
  category: 'stolen vehicle',
  instruction: 'stop at the second barrier',
  certainty: 'exact',
  list: { type: 'plate-list', version: 1, sha256: 'a'.repeat(64) },
  config: 'b'.repeat(64),
  models: [],
  clock: { highest: T0, behindMs: 0 },
  listed: '皖A12345',
  camera: 'cam',
  direction: 'approaching',
  read: { text: '皖A12345', kind: 'standard', colour: 'blue', lines: 1, probability: 1, votes: 3, by: 'box' },
};
