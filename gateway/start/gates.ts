/** Joins the gate lanes of the configuration to the lists, the inference threads and the store. */
import type { Clock } from '../clock/clock.ts';
import type { Ahead } from '../inference/priority-queue.ts';
import { openGate, type Gate, type GateParts } from '../gate/gate.ts';
import { MAX_LAID } from '../gate/turns.ts';
import type { LookUpLists } from '../lists/in-force/active.ts';
import type { Problem, Status } from '../contracts/status.ts';
import type { Parts } from '../config/parts.ts';
import type { Log } from '../contracts/base.ts';

export interface GatesParts extends Pick<GateParts, 'raise' | 'rows'> {
  readonly parts: Parts;
  readonly clock: Clock;
  readonly lists: LookUpLists;
  readonly ahead: Ahead;
  readonly log: Log;
  /** Each presentation, in memory: what is counted of it, and how long the attendant waited. */
  count: (presentation: Parameters<GateParts['count']>[0] & { readonly lane: string }) => void;
}

/** A lane picture is wanted until its hit has waited long enough. */
const PICTURE_MS = 2_000;

export function openGates({ parts, clock, lists, ahead, log, raise, count, rows }: GatesParts): readonly Gate[] {
  const { config, photoDecoder } = parts;
  const today = dayIn(config.timeZone);
  return config.lanes.flatMap((lane) => {
    if (lane.kind !== 'gate') return [];
    const gate = openGate({
      lane: lane.id,
      readers: lane.readers,
      camera: lane.camera,
      sign: lane.compare ? config.comparison?.sign : undefined,
      ...{ photoDecoder, clock, log, raise, rows, config: config.sha256 },
      today: () => today(clock.trusted()),
      lookUp: (number) => lists.lookUpDocument(number, lane.id, clock.trusted()),
      compare: (frame, references, signal) =>
        ahead.run(
          { kind: 'compare', frame, references },
          [frame.rgb.buffer, ...references.map((r) => r.buffer)],
          signal,
        ),
      async picture(frame) {
        const job = { kind: 'lane picture', frame } as const;
        return (await ahead.run(job, [frame.rgb.buffer], AbortSignal.timeout(PICTURE_MS))).picture;
      },
      count: (presentation) => count({ ...presentation, lane: lane.id }),
    });
    return [gate];
  });
}

const FLOOD_MS = 60_000;

/** A reader that gives documents faster than a hand can lay them is out of order; what it gives is no answer to anything. */
export function floodStatus(gates: readonly Gate[], now: () => number): Status {
  const flooding = (gate: Gate): Problem[] =>
    [...gate.superseded()].flatMap(([reader, { documents, last }]) => {
      const isFlood = last.length === MAX_LAID && Math.abs(now() - last[0]!) < FLOOD_MS;
      if (!isFlood) return [];
      const what = `reader ${reader} (lane ${gate.lane}) gives documents faster than anybody can lay them: ${documents} were dropped without a look-up`;
      const todo = 'unplug it and have it looked at; look at documents by eye meanwhile';
      return [{ key: `reader-flood:${reader}`, what, todo }];
    });
  return { problems: () => gates.flatMap(flooding) };
}

/** The day of an instant in a time zone, `YYYYMMDD`. */
function dayIn(timeZone: string): (at: number) => string {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at).replaceAll('-', '');
}
