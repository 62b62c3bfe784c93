import { expect, test } from 'vitest';
import type { Status } from '../contracts/status.ts';
import { problem } from '../contracts/words/problem.ts';
import { Monitor } from './monitor.ts';

const FACTS = { site: 'demo', box: 'box-001', version: '0', startedAt: 0 };
const broken: Status = {
  problems: () => [problem('part', 'faces-off', { cause: 'it broke' })],
  health: () => ({ part: 7 }),
};

test('/health has the problems and the blocks of all rooms', () => {
  const health = new Monitor(FACTS, [{}, broken, { health: () => ({ other: 'x' }) }]).health();
  expect(health).toMatchObject({ status: 'alarm', site: 'demo', part: 7, other: 'x' });
  expect(health.problems.map((p) => p.key)).toEqual(['part']);
  expect(new Monitor(FACTS, [{}]).health().status).toBe('ok');
});

test('a room that cannot say how it is hides no other, and is a problem itself', () => {
  const silent: Status = {
    problems: () => {
      throw new Error('the store cannot be read');
    },
  };
  const monitor = new Monitor(FACTS, [silent, broken, silent]);
  expect(monitor.problems().map((p) => p.key)).toEqual(['part', 'health']);
  expect(monitor.problems()[1]!.what).toContain('the store cannot be read');
  expect(monitor.health()).toMatchObject({ status: 'alarm', part: 7, startedAt: '1970-01-01T00:00:00.000Z' });
});

test('a block of /health that cannot be made hides no problem of its room', () => {
  const halfSilent: Status = {
    ...broken,
    health: () => {
      throw new Error('a damaged page');
    },
  };
  const health = new Monitor(FACTS, [halfSilent, { health: () => ({ other: 'x' }) }]).health();
  expect(health.problems.map((p) => p.key)).toEqual(['part', 'health']);
  expect(health).toMatchObject({ status: 'alarm', other: 'x' });
});
