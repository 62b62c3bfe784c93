import { expect, it } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { cameraCard, keepCameraCard, type CameraCard } from './camera-cards.ts';
import { testDb } from './db.fixtures.ts';

const CARD: CameraCard = {
  camera: 'north-1',
  maker: 'M',
  model: 'T',
  firmware: '1',
  serial: '0001',
  address: '192.0.2.7',
  mac: '02:00:00:00:00:01',
  who: 'Officer 9',
  at: 1_000,
};

it('keeps one card a camera, logs each that says something else, and the MAC of the same device', () => {
  const db = testDb(tempFolder());
  const deeds = (): unknown[] => db.prepare("SELECT detail FROM audit WHERE what = 'camera card kept'").all();
  expect(cameraCard(db, 'north-1')).toBeUndefined();
  expect(keepCameraCard(db, CARD)).toBeUndefined();
  expect(cameraCard(db, 'north-1')).toEqual(CARD);
  expect(keepCameraCard(db, { ...CARD, mac: undefined, who: 'box', at: 2_000 })).toEqual(CARD);
  expect([cameraCard(db, 'north-1'), deeds().length]).toEqual([CARD, 1]);
  const other = { ...CARD, serial: '0002', mac: undefined, at: 3_000 };
  expect(keepCameraCard(db, other)?.serial).toBe('0001');
  expect([cameraCard(db, 'north-1'), deeds().length]).toEqual([other, 2]);
});
