/**
 * The plate reader on drawn pictures of every kind of plate, at five sizes, by day and in bad weather: one vehicle a picture, each picture by
 * itself (on the road several frames of a vehicle vote).
 *
 *   npx node simulators/bench/plates/weather.ts [--pictures N] [--docs]
 *
 * --pictures: for each condition and size; 34 unless told, which takes some minutes. --docs writes the tables and the plot into docs/.
 */
import { parseArgs } from 'node:util';
import { causeOf } from '../../../gateway/contracts/errors.ts';
import type { PlateReader } from '../../../models/plate/index.ts';
import type { Condition } from '../../scene/weather.ts';
import { measure, type Measure } from '../report.ts';
import { writeDocs } from './weather-docs.ts';
import { everyCell, percentOf, rows, surveyWeather, type PictureResult } from './weather-survey.ts';

/** Each of the 17 styles twice. */
const PICTURES = 34;
/** The project promises something from this width on. */
const PROMISED_PX = 120;

export function weatherMeasures(outcomes: readonly PictureResult[]): Measure[] {
  const wide = outcomes.filter((o) => o.widthPx >= PROMISED_PX);
  const kinds = [...new Set(rows.map((r) => r.condition.kind))];
  const of = (kind: Condition['kind']): PictureResult[] => wide.filter((o) => o.row.condition.kind === kind);
  const ofKind = (kind: Condition['kind'], is: 'whole' | 'accepted'): Measure => {
    const promised = is === 'whole' && (kind === 'night' || kind === 'rain');
    const name = `drawn, ${kind === 'plain' ? 'day' : kind}, ${PROMISED_PX} px and wider, ${is === 'whole' ? 'read whole' : 'accepted'}`;
    return measure(name, percentOf(of(kind), is), '%', of(kind).length, promised ? { least: 95 } : undefined);
  };
  const wrong = outcomes.reduce((sum, o) => sum + o.falseAccepted, 0);
  const accepted = outcomes.filter((o) => o.accepted).length + wrong;
  return [
    ...kinds.flatMap((kind) => [ofKind(kind, 'whole'), ofKind(kind, 'accepted')]),
    measure('drawn, all weather and sizes, read whole', percentOf(outcomes, 'whole'), '%', outcomes.length),
    measure('drawn, all weather and sizes, accepted reads that are wrong', wrong, 'plates', accepted),
  ];
}

/** `pictures` for each condition and size. */
export async function measureWeather(
  pictures: number = PICTURES,
  progress: (text: string) => void = () => undefined,
): Promise<Measure[]> {
  return weatherMeasures(await surveyWeather(await openReader(), pictures, everyCell, progress));
}

async function openReader(): Promise<PlateReader> {
  // onnxruntime's telemetry is decided before its first load.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const { openPlateReader } = await import('../../../models/plate/index.ts');
  return openPlateReader();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { pictures: { type: 'string', default: String(PICTURES) }, docs: { type: 'boolean', default: false } },
  });
  if (!/^[1-9]\d{0,3}$/.test(values.pictures)) {
    throw new Error(`--pictures takes a whole number from 1 to 9999, not ${values.pictures}`);
  }
  const reader = await openReader();
  const outcomes = await surveyWeather(reader, Number(values.pictures), everyCell, (text) =>
    console.error(`weather: ${text} …`),
  );
  for (const { name, value, unit, n } of weatherMeasures(outcomes)) console.log(`${name}: ${value} ${unit} (n ${n})`);
  if (values.docs) writeDocs(outcomes);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`weather: ${causeOf(error)}`);
    process.exitCode = 1;
  }
}
