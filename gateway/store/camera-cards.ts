/** What each camera is, by maker, model and serial number: for the report when it is stolen. Kept when a person, or the box itself, has asked the camera. */
import type { Instant } from '../contracts/base.ts';
import type { CameraIdentity } from '../contracts/onvif.ts';
import { appendAudit } from './audit.ts';
import type { Db } from './db.ts';

export interface CameraCard extends CameraIdentity {
  /** Of the configuration. */
  readonly camera: string;
  /** A person, or `box`. */
  readonly who: string;
  readonly at: Instant;
}

type Row = Omit<CameraCard, 'mac' | 'at'> & { readonly mac: string | null; readonly atMs: number };

export function cameraCard(db: Db, camera: string): CameraCard | undefined {
  const row = db
    .prepare('SELECT camera, maker, model, firmware, serial, address, mac, who, atMs FROM cameraCards WHERE camera = ?')
    .get(camera) as Row | undefined;
  if (!row) return undefined;
  const { mac, atMs, ...card } = row;
  return { ...card, mac: mac ?? undefined, at: atMs };
}

/** In the place of the one before, and logged; a card that says the same stays as it is. Gives the one before. Throws what the store throws. */
export function keepCameraCard(db: Db, card: CameraCard): CameraCard | undefined {
  return db.write(() => {
    const before = cameraCard(db, card.camera);
    // Behind a router there is no MAC: the one of the same device is kept.
    const mac = card.mac ?? (before?.serial === card.serial ? before.mac : undefined);
    const kept = { ...card, mac };
    if (before && contentOf(before) === contentOf(kept)) return before;
    const { camera, maker, model, firmware, serial, address, who, at } = card;
    db.prepare(
      `INSERT OR REPLACE INTO cameraCards (camera, maker, model, firmware, serial, address, mac, who, atMs)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(camera, maker, model, firmware, serial, address, mac ?? null, who, at);
    const detail = {
      camera,
      maker,
      model,
      firmware,
      serial,
      address,
      mac: mac ?? null,
      before: before?.serial ?? null,
    };
    appendAudit(db, { at, who, what: 'camera card kept', detail });
    return before;
  });
}

function contentOf({ maker, model, firmware, serial, address, mac }: CameraIdentity): string {
  return JSON.stringify([maker, model, firmware, serial, address, mac ?? null]);
}
