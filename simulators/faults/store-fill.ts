/** Stores with something in every table: small ones written as the box writes them, and large ones made in bulk. Everything in them is invented. */
import { createHash, randomBytes } from 'node:crypto';
import { newId } from '../../gateway/clock/clock.ts';
import { appendAudit } from '../../gateway/store/audit.ts';
import type { Db } from '../../gateway/store/db.ts';
import { openCounter } from '../../gateway/store/counts.ts';
import { addDevice } from '../../gateway/store/devices.ts';
import { recordHit } from '../../gateway/store/hits.ts';
import { insertOrder, takeRoomMessage } from '../../gateway/store/orders.ts';
import { OutboxWriter } from '../../gateway/store/outbox/outbox.ts';
import { recordSos } from '../../gateway/store/sos.ts';
import { appendTracks } from '../../gateway/store/tracks.ts';
import type { PlateHit } from '../../gateway/contracts/hit.ts';
import type { Evidence } from '../../gateway/contracts/picture.ts';

/** A plate that stands for nobody's. */
export const PLATE = '皖A12345';
export const RELAY = 'room';

export const BOX = '/sites/demo/boxes/box-001';

/** With limits that nothing here reaches. */
export function outboxOf(db: Db, now: () => number, wake: () => void = () => undefined): OutboxWriter {
  return new OutboxWriter(db, { source: BOX, relays: [RELAY], limits: { rows: 10_000_000, bytes: 1e12 }, now, wake });
}

export function newHit(at: number, n: number): PlateHit {
  return {
    id: newId(at),
    lane: 'lane-1',
    camera: 'cam-1',
    first: at - 1_000,
    last: at,
    sightings: 1,
    entry: `E-${n}`,
    category: 'stolen',
    instruction: 'stop the vehicle',
    certainty: 'exact',
    listed: PLATE,
    list: { type: 'plate-list', version: 1, sha256: '0'.repeat(64) },
    read: { text: PLATE, kind: 'standard', colour: 'blue', lines: 1, probability: 0.99, votes: 4, by: 'box' },
    direction: 'approaching',
    state: 'unreviewed',
    clock: { highest: at, behindMs: 0 },
    config: '0'.repeat(64),
    models: [],
  };
}

/** Nobody knows where the caller is. */
const STAYS = () => ({ where: {}, change: 'repeat' }) as const;

export function newPicture(bytes = randomBytes(20_000)): Evidence {
  return { what: 'vehicle', mediaType: 'image/jpeg', sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
}

/** `rounds` times a hit with its picture, a call for help, an order, and what else the box writes; some hundred make trees of several pages. */
export function fillStore(db: Db, rounds: number, now = Date.now()): void {
  const outbox = outboxOf(db, () => now);
  const device = { id: 'cam-1', kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
  const place = { lat: 31.86, lon: 117.28, trusted: true };
  db.write(() => {
    for (let i = 0; i < rounds; i++) {
      const at = now - (rounds - i) * 1_000;
      const id = { ...device, id: `cam-${i + 1}` };
      addDevice(db, id, { by: 'simulator', now: at });
      recordHit(db, { hit: newHit(at, i), evidence: [newPicture()], windowMs: 1_000 }, outbox);
      const report = { device: id.id, sos: `press-${i}`, state: 'raised', at } as const;
      recordSos(db, { report, device: id, move: STAYS, clock: { highest: at, behindMs: 0 } }, outbox);
      const order = { id: newId(at), origin: 'box', by: 'simulator', text: `order ${i}`, created: at } as const;
      insertOrder(db, order, [id.id], outbox);
      takeRoomMessage(db, newId(at), at);
      appendTracks(
        db,
        [0, 1, 2, 3].map((k) => ({ device: id.id, at: at + k, ...place })),
      );
      appendAudit(db, { at, who: 'simulator', what: 'device revoked', detail: { device: id.id } });
    }
    // Windows that are not over stay in their tables.
    const counter = openCounter(db, outbox);
    for (let i = 0; i < rounds; i++) {
      counter.add({ lane: `lane-${i}`, last: now, direction: 'approaching', best: { kind: 'standard' } });
      counter.addPresentation({ lane: `gate-${i}`, at: now, document: 'passport', outcome: 'clear' });
    }
    counter.flush();
  });
}
