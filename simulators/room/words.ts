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
  switch (e.type) {
    case 'io.sitebox.plate.hit.v1': {
      const news = data['seen'] === 1 ? 'HIT' : `hit seen ${text('seen')} times`;
      const read = show((data['read'] as Record<string, unknown> | undefined)?.['text']);
      return `${news} ${read} (${text('certainty')}) lane ${text('lane')} entry ${text('entry')}: ${text('instruction')}, ${e.evidence.length} pictures`;
    }
    case 'io.sitebox.counts.v1': {
      const rows = Array.isArray(data['passages']) ? (data['passages'] as { passages?: number }[]) : [];
      return `counts from ${text('from')}: ${rows.reduce((sum, r) => sum + (r.passages ?? 0), 0)} passages`;
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

function show(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}
