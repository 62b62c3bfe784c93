/** A gate lane: follows its readers and its camera, has each presented document checked, and feeds the lane's display. */
import type { DocumentReading, ReaderObservation } from '../contracts/document.ts';
import type { LaneFeed, LaneView } from '../contracts/display.ts';
import type { Frame } from '../contracts/picture.ts';
import type { FailureStreaks } from '../devices/failure-streaks.ts';
import { DocumentCheck, type CheckRooms, type DocumentCheckOptions } from './document-check.ts';
import { LaneDisplay } from './lane-display.ts';
import { LatestFrame } from './latest-frame.ts';
import { named } from '../contracts/words/names.ts';

export interface GateLaneOptions extends DocumentCheckOptions {
  readonly readers: readonly string[];
}

/** The rooms that every gate lane works with. */
export interface GateRooms extends CheckRooms {
  readonly badRows: Pick<FailureStreaks, 'bad' | 'good'>;
}

/** How long a document counts as present at a reader that never says `removed`. */
const PASSING_MS = 5_000;
/** A refusal of the comparison is forgotten after this long, so that it does not meet another visitor. */
const DECLINED_MS = 60_000;

export class GateLane implements LaneFeed {
  readonly lane: string;
  readonly compares: boolean;
  readonly sign: string | undefined;
  readonly #readers: readonly string[];
  readonly #badRows: GateRooms['badRows'];
  readonly #display: LaneDisplay;
  readonly #latestFrame = new LatestFrame();
  /** Its counts. */
  readonly counts: Pick<DocumentCheck, 'outcomes' | 'comparisons' | 'dropped'>;
  readonly #check: DocumentCheck;
  readonly #away: Set<string>;
  readonly #passingReaders = new Set<string>();
  #passingTimer: NodeJS.Timeout | undefined;
  #declinedTimer: NodeJS.Timeout | undefined;
  #received = 0;
  #ended = false;

  constructor(options: GateLaneOptions, rooms: GateRooms) {
    this.lane = options.lane;
    this.compares = options.sign !== undefined && options.camera !== undefined;
    this.sign = options.sign;
    this.#readers = options.readers;
    this.#badRows = rooms.badRows;
    this.#display = new LaneDisplay(options.lane);
    this.#check = new DocumentCheck(options, rooms, this.#display, this.#latestFrame);
    this.counts = this.#check;
    this.#away = new Set(options.readers);
    this.#display.show(this.#readersAway());
  }

  view(): LaneView {
    return this.#display.view();
  }

  subscribe(changed: (view: LaneView) => void): () => void {
    return this.#display.subscribe(changed);
  }

  decline(): void {
    if (this.#check.abort('declined')) return;
    clearTimeout(this.#declinedTimer);
    this.#declinedTimer = setTimeout(() => {
      this.#takeDecline();
      this.#display.show({ declined: false });
    }, DECLINED_MS);
    this.#display.show({ declined: true });
  }

  observed(reader: string, observation: ReaderObservation): void {
    if (this.#ended) return;
    const device = { id: reader, lane: this.lane };
    if (this.#away.delete(reader)) this.#display.show(this.#readersAway());
    switch (observation.kind) {
      case 'ready':
        if (observation.passing) this.#passingReaders.add(reader);
        return;
      case 'document':
        this.#watchPassing(reader);
        this.#badRows.good('documents', device);
        return this.#present(observation.reading);
      case 'unreadable':
        this.#watchPassing(reader);
        this.#badRows.bad('documents', device, named('read-fault', observation.why).en);
        return this.#check.unreadable(observation.why);
      case 'ticket':
        return this.#display.showTicket(observation.token);
      case 'removed':
        this.#check.abort('removed');
        return this.#display.show({ presented: false });
    }
  }

  /** The reader does not answer, until it is `ready` again. */
  lost(reader: string): void {
    this.#away.add(reader);
    this.#check.abort('removed');
    this.#display.show({ ...this.#readersAway(), presented: false });
  }

  frame(frame: Frame): void {
    this.#received++;
    this.#latestFrame.put(frame);
  }

  /** Takes no further document and waits for the checks under way. */
  async drain(): Promise<void> {
    this.#ended = true;
    await this.#check.drain();
    this.#takeDecline();
    clearTimeout(this.#passingTimer);
    this.#latestFrame.close();
    this.#display.close();
  }

  frames(): { readonly received: number } {
    return { received: this.#received };
  }

  #present(reading: DocumentReading): void {
    this.#display.show({ presented: true, declined: false });
    this.#check.start(reading, this.#takeDecline());
  }

  #readersAway(): Pick<LaneView, 'away' | 'noReader'> {
    return { away: [...this.#away], noReader: this.#away.size === this.#readers.length };
  }

  #watchPassing(reader: string): void {
    clearTimeout(this.#passingTimer);
    if (!this.#passingReaders.has(reader)) return;
    this.#passingTimer = setTimeout(() => this.#display.show({ presented: false }), PASSING_MS);
  }

  /** Forgets the refusal that waits for its visitor; false where there is none. */
  #takeDecline(): boolean {
    const declined = this.#declinedTimer !== undefined;
    clearTimeout(this.#declinedTimer);
    this.#declinedTimer = undefined;
    return declined;
  }
}
