/** Pictures of the weather suite, and what the plate reader made of them. */
import type { PlateReader } from '../../../models/plate/index.ts';
import { allPlateStyles, type PlateStyle } from '../../scene/plate-text.ts';
import { seeded } from '../../scene/random.ts';
import { openShots, type DrawShot } from '../../scene/shot.ts';
import { motionPx, yawOf, type Condition } from '../../scene/weather.ts';
import { share } from '../report.ts';

interface SurveyCondition {
  readonly name: string;
  readonly condition: Condition;
}

const row = (name: string, kind: Condition['kind'], strength: number): SurveyCondition => ({
  name,
  condition: { kind, strength },
});

export const rows: readonly SurveyCondition[] = [
  row('day', 'plain', 0),
  row('night', 'night', 0.5),
  row('dark night', 'night', 1),
  row('rain', 'rain', 0.5),
  row('heavy rain', 'rain', 1),
  row('glare', 'glare', 0.5),
  row('strong glare', 'glare', 1),
  ...[0, 0.25, 0.5, 1].map((strength) => row(`motion ${motionPx(strength)} px`, 'motion', strength)),
  row('dirt', 'dirt', 0.5),
  row('thick dirt', 'dirt', 1),
  ...[0.5, 0.75, 1].map((strength) => row(`angle ${yawOf(strength)}°`, 'angle', strength)),
];

/** Widths of the plates in pixels, seen from straight ahead. */
export const widths: readonly number[] = [60, 90, 120, 160, 200];

/** What became of one picture. */
export interface PictureResult {
  readonly row: SurveyCondition;
  readonly widthPx: number;
  readonly style: PlateStyle;
  /** The plate was read whole, in the band accept or check. */
  readonly whole: boolean;
  /** In the band accept. */
  readonly accepted: boolean;
  /** Reads in the band accept that are not the plate. */
  readonly falseAccepted: number;
}

/** `pictures` of each of `cells`; the styles take turns. The same pictures at every run, however many there are. */
export async function surveyWeather(
  reader: PlateReader,
  pictures: number,
  cells: readonly { readonly row: SurveyCondition; readonly widthPx: number }[],
  progress: (text: string) => void = () => undefined,
): Promise<PictureResult[]> {
  const draw = openShots();
  const outcomes: PictureResult[] = [];
  for (const { row, widthPx } of cells) {
    progress(`${row.name}, plates ${widthPx} pixels wide`);
    for (let i = 0; i < pictures; i++) outcomes.push(await tryOne(reader, draw, row, widthPx, i));
  }
  return outcomes;
}

async function tryOne(
  reader: PlateReader,
  draw: DrawShot,
  row: SurveyCondition,
  widthPx: number,
  i: number,
): Promise<PictureResult> {
  // Each cell begins with another style, so that few pictures a cell still show every style.
  const first = rows.indexOf(row) * 5 + widths.indexOf(widthPx) * 3;
  const style = allPlateStyles[(first + i) % allPlateStyles.length]!;
  const seed = ((rows.indexOf(row) + 1) * 1000 + widthPx) * 100_000 + i;
  const { picture, text } = await draw(seeded(seed), { style, widthPx, condition: row.condition });
  const { reads } = await reader.plates({ width: picture.width, height: picture.height, rgb: picture.data });
  const right = reads.find((r) => r.text === text);
  return {
    row,
    widthPx,
    style,
    whole: right !== undefined && right.band !== 'reject',
    accepted: right?.band === 'accept',
    falseAccepted: reads.filter((r) => r.band === 'accept' && r.text !== text).length,
  };
}

export const everyCell = rows.flatMap((row) => widths.map((widthPx) => ({ row, widthPx })));

/** Percent of the outcomes that are so; NaN of none. */
export function percentOf(outcomes: readonly PictureResult[], is: 'whole' | 'accepted'): number {
  return share(outcomes.filter((o) => o[is]).length, outcomes.length);
}
