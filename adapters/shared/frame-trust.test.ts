import { expect, it } from 'vitest';
import { openFrameTrust } from './frame-trust.ts';

const ROW = 4;

it('trusts from the start, and after damage only when a run of intact packets has come', () => {
  const doubt = openFrameTrust(ROW);
  expect(doubt.intact()).toBe(true);
  for (const _ of [1, 2]) {
    doubt.damaged();
    for (let i = 0; i < ROW; i++) expect(doubt.intact()).toBe(false);
    expect(doubt.intact()).toBe(true);
  }
  doubt.damaged();
  doubt.intact();
  doubt.damaged();
  for (let i = 0; i < ROW; i++) expect(doubt.intact()).toBe(false);
  expect(doubt.intact()).toBe(true);
});
