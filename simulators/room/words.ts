/** An event as one line for people. */
import type { ReceivedEvent } from '../../adapters/upstream/codec.ts';

export function describeEvent(e: ReceivedEvent, fresh: boolean, by: string): string {
  const time = new Date(e.time).toISOString().slice(11, 19);
  const number = e.sequence === undefined ? '' : ` #${e.sequence}`;
  return `${time} ${by}${number} ${fresh ? '' : '(again) '}${what(e)}`;
}

function what(e: ReceivedEvent): string {
  const data = (e.data ?? {}) as Record<string, unknown>;
  const text = (name: string): string => show(data[name]);
  const pictures = `${e.evidence.length} picture${e.evidence.length === 1 ? '' : 's'}`;
  switch (e.type) {
    case 'io.sitebox.plate.hit.v1': {
      const news = data['seen'] === 1 ? 'HIT' : `hit seen ${text('seen')} times`;
      const read = show((data['read'] as Record<string, unknown> | undefined)?.['text']);
      return `${news} ${read} (${text('certainty')}) lane ${text('lane')} entry ${text('entry')}: ${text('instruction')}, ${pictures}`;
    }
    case 'io.sitebox.document.hit.v1': {
      const where = `${text('document')} lane ${text('lane')} entry ${text('entry')}`;
      const said = comparisonOf(data);
      if (e.evidence.length === 0 && said) return `compared: ${where}: ${said}`;
      const news = data['seen'] === 1 ? 'HIT' : `hit seen ${text('seen')} times`;
      return `${news} ${where}: ${said || text('instruction')}, ${pictures}`;
    }
    case 'io.sitebox.counts.v1': {
      const sum = (name: string): number =>
        (Array.isArray(data[name]) ? (data[name] as Record<string, unknown>[]) : [])
          .map((row) => row[name])
          .reduce<number>((all, n) => all + (typeof n === 'number' ? n : 0), 0);
      return `counts from ${text('from')}: ${sum('passages')} passages, ${sum('presentations')} documents`;
    }
    case 'io.sitebox.alarm.v1':
      return data['state'] === 'raised' ? `ALARM ${text('what')}` : `alarm over: ${e.subject}`;
    case 'io.sitebox.health.v1': {
      const problems = Array.isArray(data['problems']) ? (data['problems'] as string[]) : [];
      return `the box lives${problems.length === 0 ? ', all is well' : `; alarms: ${problems.join(', ')}`}`;
    }
    default:
      return `${e.type.replace(/^io\.sitebox\.|\.v\d+$/g, '')} ${e.subject} ${JSON.stringify(e.data).slice(0, 200)}`;
  }
}

/** What was found of the holder and the photos; empty before it is known. */
function comparisonOf(data: Record<string, unknown>): string {
  const one = (name: string, photo: string): string[] => {
    const { outcome, why } = (data[name] ?? {}) as Record<string, unknown>;
    return outcome === undefined ? [] : [`holder and ${photo} ${show(outcome)}${why ? ` (${show(why)})` : ''}`];
  };
  return [...one('comparison', 'photo of the document'), ...one('entryComparison', 'photo of the list')].join(', ');
}

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}
