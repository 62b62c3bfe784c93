import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isMet, makeReport, percentile, spread, toJson, toTable, type Measure } from './report.ts';
import { judgeFrame } from './plates/testset.ts';

describe('percentile', () => {
  it('is the nearest rank', () => {
    const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
    expect([50, 95, 100, 0].map((p) => percentile(values, p))).toEqual([5, 10, 10, 1]);
    expect(percentile([], 95)).toBeNaN();
  });
});

describe('a bar', () => {
  const measure = (value: number, bar: NonNullable<Measure['bar']>): Measure => ({
    name: 'x',
    unit: 'ms',
    n: 3,
    value,
    bar,
  });
  it.each([
    [100, { most: 100 }, true],
    [101, { most: 100 }, false],
    [98, { least: 98 }, true],
    [97.9, { least: 98 }, false],
    // Nothing was measured: that meets no promise.
    [NaN, { most: 100 }, false],
    [NaN, { least: 1 }, false],
  ])('%d against %j', (value, bar, met) => {
    expect(isMet(measure(value, bar))).toBe(met);
  });

  it('that is missed is shown as missed, in both forms', async () => {
    const report = await makeReport('road', () => Promise.resolve([...spread('delay', [1, 2, 900], 200)]));
    expect(toTable(report)).toMatch(/delay p95 +900 ms +n 3 +at most 200 +MISSED/);
    const json = JSON.parse(toJson(report)) as { numbers: unknown[]; machine: { cores: number } };
    expect(json.numbers).toEqual([
      { name: 'delay p50', value: 2, unit: 'ms', n: 3 },
      { name: 'delay p95', value: 900, unit: 'ms', n: 3, bar: { most: 200 }, met: false },
    ]);
    expect(json.machine.cores).toBeGreaterThan(0);
  });
});

describe('judgeFrame', () => {
  it.each([
    ['all exact', ['皖A12345', '粤B98K61'], ['粤B98K61', '皖A12345'], [2, 0, 0, 0]],
    ['one character off', ['皖A12345'], ['苏A12345'], [0, 1, 0, 0]],
    ['one lost', ['沪AD12345'], ['沪A12345'], [0, 1, 0, 0]],
    ['a plate that is not there', [], ['皖A12345'], [0, 0, 0, 1]],
    ['another plate is no misread', ['皖A12345'], ['粤B98K61'], [0, 0, 1, 1]],
    ['an exact read beside a misread of the same plate', ['皖A12345'], ['皖A12346', '皖A12345'], [1, 0, 0, 1]],
    ['missed', ['皖A12345'], [], [0, 0, 1, 0]],
  ])('%s', (_name, labelled, read, [exact, misread, missed, wrong]) => {
    expect(judgeFrame(labelled, read)).toEqual({ exact, misread, missed, false: wrong });
  });
});

describe('the command', () => {
  it.each([
    [['nothing'], /there is no such bench; known: road, gate, plates, convoy/],
    [[], /name a bench; known: road, gate, plates, convoy/],
    [['road', '--jsn'], /--jsn/],
    [['road', '--visitors', '5'], /the bench road does not take --visitors/],
    [['gate', '--visitors', '0'], /--visitors takes a whole number from 1, not 0/],
    [['gate', '--visitors', 'many'], /whole number from 1, not many/],
    [['gate', '--lprnet', 'x.onnx'], /the bench gate does not take --lprnet/],
    [['gate', '--weather'], /the bench gate does not take --weather/],
    [['plates', '--testset', '/nowhere'], /\/nowhere\/labels\.csv: there is no such file/],
    [['convoy', '--passages', '1.5'], /--passages takes a whole number from 1, not 1\.5/],
  ])('refuses %j with 64', (args, message) => {
    const main = new URL('main.ts', import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringMatching(message) as unknown });
  });
});
