import { describe, expect, it } from 'vitest';
import { openPlateReader } from '../../../models/plate/index.ts';
import { allPlateStyles } from '../../scene/plate-text.ts';
import { isMet } from '../report.ts';
import { between, styleTable, weatherPlot, weatherTable } from './weather-docs.ts';
import { everyCell, rows, surveyWeather, widths, type PictureResult } from './weather-survey.ts';
import { weatherMeasures } from './weather.ts';

/** One outcome for each cell and style: all right but those that `fails` names. */
function outcomes(fails: (o: Pick<PictureResult, 'row' | 'widthPx' | 'style'>) => boolean): PictureResult[] {
  return everyCell.flatMap(({ row, widthPx }) =>
    allPlateStyles.map((style) => {
      const whole = !fails({ row, widthPx, style });
      return { row, widthPx, style, whole, accepted: whole && style !== 'trailer', falseAccepted: whole ? 0 : 1 };
    }),
  );
}

describe('the survey', () => {
  it('reads drawn plates by day, and does not call a smear a plate', async () => {
    const reader = await openPlateReader();
    const cell = (name: string, widthPx: number) => ({ row: rows.find((r) => r.name === name)!, widthPx });
    const day = await surveyWeather(reader, 1, [cell('day', 120)]);
    expect(day).toEqual([
      { row: rows[0], widthPx: 120, style: 'coach', whole: true, accepted: true, falseAccepted: 0 },
    ]);
    const [smear] = await surveyWeather(reader, 1, [cell('motion 25 px', 60)]);
    expect(smear).toMatchObject({ whole: false, accepted: false, falseAccepted: 0 });
  });
});

describe('the measures', () => {
  const named = (of: readonly PictureResult[], name: string) => weatherMeasures(of).find((m) => m.name.includes(name))!;

  it('promise night and rain from 120 pixels on, and nothing for less', () => {
    const promised = weatherMeasures(outcomes(() => false)).filter((m) => m.bar !== undefined);
    expect(promised.map((m) => m.name)).toEqual([
      'drawn, night, 120 px and wider, read whole',
      'drawn, rain, 120 px and wider, read whole',
    ]);
    expect(promised.map((m) => isMet(m))).toEqual([true, true]);
    const narrow = outcomes((o) => o.widthPx < 120);
    expect(weatherMeasures(narrow).some((m) => isMet(m) === false)).toBe(false);
    // One dark night in ten is missed at 120 pixels and more: 5 % of all nights, and one more.
    const nights = outcomes((o) => o.row.name === 'dark night' && ['police', 'coach'].includes(o.style));
    expect(named(nights, 'night, 120 px and wider, read whole')).toMatchObject({ value: 94.1, n: 102 });
    expect(isMet(named(nights, 'night, 120 px and wider, read whole'))).toBe(false);
    expect(isMet(named(nights, 'rain, 120 px and wider, read whole'))).toBe(true);
  });

  it('count accepted reads apart from those that ask, and wrong ones', () => {
    const all = outcomes((o) => o.row.name === 'thick dirt' && o.style === 'macao');
    expect(named(all, 'day, 120 px and wider, accepted').value).toBe(94.1);
    const wrong = named(all, 'wrong');
    expect(wrong.value).toBe(widths.length);
    expect(wrong.n).toBe(all.filter((o) => o.accepted).length + widths.length);
  });
});

describe('the page', () => {
  const some = outcomes((o) => o.widthPx < 120 && o.row.condition.kind !== 'plain');

  it('has a row for each condition and each style', () => {
    const weather = weatherTable(some).split('\n');
    expect(weather[0]).toBe('| condition | 60 px | 90 px | 120 px | 160 px | 200 px |');
    expect(weather).toHaveLength(2 + rows.length);
    expect(weather[2]).toBe('| day | 100 (94) | 100 (94) | 100 (94) | 100 (94) | 100 (94) |');
    expect(weather[3]).toBe('| night | 0 (0) | 0 (0) | 100 (94) | 100 (94) | 100 (94) |');
    const styles = styleTable(some).split('\n');
    expect(styles).toHaveLength(2 + allPlateStyles.length);
    expect(styles.find((line) => line.startsWith('| trailer'))).toBe(
      '| trailer | 20 (0) | 20 (0) | 100 (0) | 100 (0) | 100 (0) |',
    );
    expect(weatherTable([])).toContain('| day | – | – |');
  });

  it('has a plot whose lines rise where more is read', () => {
    const svg = weatherPlot(some);
    const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) => points!.split(' '));
    expect(lines).toHaveLength(8);
    for (const points of lines) expect(points).toHaveLength(widths.length);
    const ys = lines[1]!.map((point) => Number(point.split(',')[1]));
    expect(ys[0]).toBeGreaterThan(ys[2]!);
    for (const { name } of rows.filter((r) => ['day', 'dark night', 'heavy rain'].includes(r.name))) {
      expect(svg).toContain(`>${name}</text>`);
    }
  });

  it('keeps what stands around its marks, and says when they are missing', () => {
    const page =
      'before\n<!-- weather:begin, written by simulators/bench/plates/weather.ts -->\nold\n<!-- weather:end -->\nafter\n';
    const once = between(page, 'new');
    expect(once).toMatch(/^before\n<!-- weather:begin.*-->\n\nnew\n\n<!-- weather:end -->\nafter\n$/);
    expect(between(once, 'new')).toBe(once);
    expect(() => between('no marks', 'new')).toThrow('the page needs the lines');
  });
});
