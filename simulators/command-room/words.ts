/** Describes an event in one line for people. */
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';

type Data = Readonly<Record<string, unknown>>;

export function describeEvent(e: ReceivedEvent, fresh: boolean, by: string): string {
  const time = new Date(e.time).toISOString().slice(11, 19);
  const number = e.sequence === undefined ? '' : ` #${e.sequence}`;
  return `${time} ${by}${number} ${fresh ? '' : '(again) '}${what(e)}`;
}

/** `plate.hit`: the type without its version, because boxes of 0.1.0 send v1 of types that are now v2. */
function kindOf({ type }: Pick<ReceivedEvent, 'type'>): string {
  return type.replace(/^io\.sitebox\.|\.v\d+$/g, '');
}

/** `seen` is the name of the sightings in 0.1.0. */
function newsOf({ sightings, seen }: Data): string {
  const times = sightings ?? seen;
  return times === 1 ? 'HIT' : `hit seen ${show(times)} times`;
}

function what(e: ReceivedEvent): string {
  const data = (e.data ?? {}) as Data;
  const text = (name: string): string => show(data[name]);
  const pictures = `${e.evidence.length} picture${e.evidence.length === 1 ? '' : 's'}`;
  switch (kindOf(e)) {
    case 'plate.hit': {
      const news = newsOf(data);
      const read = show((data['read'] as Data | undefined)?.['text']);
      const late = data['late'] === true ? `LATE, read at ${text('last')}, ` : '';
      return `${news} ${late}${read} (${text('certainty')}) lane ${text('lane')} entry ${text('entry')}: ${text('instruction')}, ${pictures}`;
    }
    case 'document.hit': {
      const where = `${text('document')} lane ${text('lane')} entry ${text('entry')}`;
      const said = comparisonOf(data);
      if (e.evidence.length === 0 && said) return `compared: ${where}: ${said}`;
      const news = newsOf(data);
      return `${news} ${where}: ${said || text('instruction')}, ${pictures}`;
    }
    case 'counts': {
      const sum = (name: string): number =>
        (Array.isArray(data[name]) ? (data[name] as Data[]) : [])
          .map((row) => row[name])
          .reduce<number>((all, n) => all + (typeof n === 'number' ? n : 0), 0);
      return `counts from ${text('from')}: ${sum('passages')} passages, ${sum('presentations')} documents`;
    }
    case 'alarm':
      return data['state'] === 'raised' ? `ALARM ${text('what')}` : `alarm over: ${e.subject}`;
    case 'health': {
      const problems = Array.isArray(data['problems']) ? (data['problems'] as string[]) : [];
      return `the box lives${problems.length === 0 ? ', all is well' : `; alarms: ${problems.join(', ')}`}`;
    }
    default:
      return ofCrew(e, data) ?? `${kindOf(e)} ${e.subject} ${JSON.stringify(e.data).slice(0, 200)}`;
  }
}

/** Calls for help, orders, the mode, and the state of the equipment. */
function ofCrew(e: ReceivedEvent, data: Data): string | undefined {
  const text = (name: string): string => show(data[name]);
  if (data['refused'] !== undefined) return `instruction ${text('id')} REFUSED by the box: ${text('refused')}`;
  // A call without a known place has null.
  const where = data['place'] == null ? '' : ` at ${placeOf(data['place'])}`;
  switch (kindOf(e)) {
    case 'sos': {
      const seen = data['acknowledged'] as Data | undefined;
      const who = `${text('device')} (${text('role')}, ${text('kind')})${where}`;
      if (data['state'] === 'cancelled') return `SOS withdrawn: ${who}`;
      return seen ? `SOS of ${who}: seen by ${show(seen['by'])}` : `SOS ${who}`;
    }
    case 'order': {
      const targets = listOf(data['targets']).map((t) => {
        return `${show(t['device'])} ${show(t['state'])}${t['reason'] === undefined ? '' : ` (${show(t['reason'])})`}`;
      });
      return `order ${text('id')}${where}: ${targets.join(', ')}`;
    }
    case 'mode': {
      const until = data['until'] === undefined ? '' : ` until ${text('until')}`;
      return `mode ${text('mode')}${until} by ${text('by')}: ${text('reason')}`;
    }
    case 'device': {
      const which = data['device'] === undefined ? `camera ${text('camera')}` : text('device');
      const from = listOf(data['addresses']).map(show);
      return `${which}: ${text('what')}${data['state'] === 'cleared' ? ' is over' : from.length === 0 ? '' : ` from ${from.join(', ')}`}`;
    }
    case 'crew':
      return `crew: ${listOf(data['devices']).map(deviceOf).join('; ')}`;
    default:
      return undefined;
  }
}

/** `cam-1 30.13000, 118.17000 80 %, 12 s old`. */
function deviceOf(device: Data): string {
  const where = device['position'] == null ? 'nowhere' : placeOf(device['position']);
  const battery = device['batteryPercent'] === undefined ? '' : ` ${show(device['batteryPercent'])} %`;
  return `${show(device['device'])} ${where}${battery}, ${show(device['ageS'])} s old${device['stale'] ? ', STALE' : ''}`;
}

function placeOf(place: unknown): string {
  const { lat, lon, name } = (place ?? {}) as Data;
  const degrees = [lat, lon].map((n) => (typeof n === 'number' ? n.toFixed(5) : '?')).join(', ');
  return name === undefined ? degrees : `${show(name)} (${degrees})`;
}

function listOf(value: unknown): Data[] {
  return Array.isArray(value) ? (value as Data[]) : [];
}

/** The results for the holder and the photos; empty before they are known. */
function comparisonOf(data: Data): string {
  const one = (name: string, photo: string): string[] => {
    const { outcome, why } = (data[name] ?? {}) as Data;
    return outcome === undefined ? [] : [`holder and ${photo} ${show(outcome)}${why ? ` (${show(why)})` : ''}`];
  };
  return [...one('comparison', 'photo of the document'), ...one('entryComparison', 'photo of the list')].join(', ');
}

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}
