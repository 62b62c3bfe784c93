import { expect, it } from 'vitest';
import { openDoubt } from './frame-trust.ts';

const ROW = 4;

it('believes from the start, and after damage only when a row of whole packets has come', () => {
  const doubt = openDoubt(ROW);
  expect(doubt.whole()).toBe(true);
  for (const _ of [1, 2]) {
    doubt.damaged();
    for (let i = 0; i < ROW; i++) expect(doubt.whole()).toBe(false);
    expect(doubt.whole()).toBe(true);
  }
  doubt.damaged();
  doubt.whole();
  doubt.damaged();
  for (let i = 0; i < ROW; i++) expect(doubt.whole()).toBe(false);
  expect(doubt.whole()).toBe(true);
});
