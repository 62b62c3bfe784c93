import { expect, it } from 'vitest';
import { openDoubt, WHOLE_BEFORE_BELIEF } from './doubt.ts';

it('believes from the start, and after damage only when a row of whole packets has come', () => {
  const doubt = openDoubt();
  expect(doubt.whole()).toBe(true);
  for (const _ of [1, 2]) {
    doubt.damaged();
    for (let i = 0; i < WHOLE_BEFORE_BELIEF; i++) expect(doubt.whole()).toBe(false);
    expect(doubt.whole()).toBe(true);
  }
  doubt.damaged();
  doubt.whole();
  doubt.damaged();
  for (let i = 0; i < WHOLE_BEFORE_BELIEF; i++) expect(doubt.whole()).toBe(false);
  expect(doubt.whole()).toBe(true);
});
