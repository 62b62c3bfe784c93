/** A Chinese identity-card reader (SDT protocol) on a serial port or behind a serial-to-network converter, polled for cards. */
import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DocumentReading, ReadFault } from '../../../gateway/contracts/document.ts';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { openSerialConnection } from '../../shared/serial-connection.ts';
import { serialKeys } from '../../shared/serial-listener.ts';
import { decodeCard, type CardData } from './card.codec.ts';
import { FOUND, NO_CARD, OK, statusText } from './codec.ts';
import { SdtConnection, type SdtAnswer } from './connection.ts';
import { CardPresence, type PollResult } from './card-presence.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

const BAUDS = [115_200, 57_600, 38_400, 19_200, 9_600] as const;

const sdtConfig = z.strictObject({
  port: serialKeys.port,
  baud: z.literal(BAUDS).default(115_200),
  /** Between two polls for a card. */
  pollMs: z.number().int().min(20).max(10_000).default(300),
  /** For one answer. The 1,295 bytes of a card take 112 ms at 115200 baud, 1.35 s at 9600. */
  timeoutMs: z.number().int().min(200).max(10_000).default(1_500),
});

/** After noise on the line, cards are read twice for this long: a frame's 8-bit checksum lets one damaged frame in 256 through. */
const DOUBT_MS = 10_000;

/** By SW3, of a card that could not be selected or read; any other status is `not read`. */
const FAULTS: Readonly<Record<number, ReadFault>> = {
  0x31: 'refused',
  0x32: 'refused',
  0x33: 'refused',
  0x40: 'unknown document',
};

/** Checks the configuration; `run` opens the port. The lane wipes the readings that it gets. */
export const openSdt: OpenSource = (value, context) => {
  const config = context.check(sdtConfig, value);
  return { run: (emit, signal) => run(config, context, emit, signal) };
};

async function run(
  { port, baud, pollMs, timeoutMs }: z.infer<typeof sdtConfig>,
  context: Pick<Context, 'id' | 'log'>,
  emit: (o: Observation) => void,
  signal: AbortSignal,
): Promise<void> {
  // Ends pauses when the run is aborted as well as when the line is lost.
  const over = new AbortController();
  try {
    const link = await openSerialConnection(port, { baud, dataBits: 8, parity: 'none', stopBits: 1 }, signal);
    const end = (): void => over.abort();
    link.closed.finally(end).catch(() => undefined);
    const connection = new SdtConnection(link, port, timeoutMs);
    try {
      while (!signal.aborted && !(await answers(connection))) await pause(pollMs, over.signal);
      if (signal.aborted) return;
      emit({ kind: 'ready' });
      await pollCards({ connection, context, pollMs, over: over.signal }, emit, signal);
    } finally {
      connection.close();
      await link.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const pause = (ms: number, over: AbortSignal): Promise<unknown> =>
  sleep(ms, undefined, { signal: over }).catch(() => undefined);

async function answers(connection: SdtConnection): Promise<boolean> {
  const answer = await connection.request('status');
  if (answer.kind === 'reply' && answer.status !== OK)
    throw new Error(english('sdt-says', { status: statusText(answer.status) }));
  return answer.kind === 'reply';
}

interface PollingRun {
  readonly connection: SdtConnection;
  readonly context: Pick<Context, 'id' | 'log'>;
  readonly pollMs: number;
  /** Aborts when the run ends or the line is lost. */
  readonly over: AbortSignal;
}

async function pollCards(run: PollingRun, emit: (o: Observation) => void, signal: AbortSignal): Promise<void> {
  const { connection, context, pollMs, over } = run;
  const presence = new CardPresence();
  const digest = keyedDigest();
  let forbidden = 0;
  while (!signal.aborted) {
    const polled = await pollOnce(connection, presence, digest);
    try {
      if (signal.aborted) return;
      if (polled) {
        const doubtful = connection.undisturbedMs() < DOUBT_MS;
        for (const event of presence.update(polled.result, performance.now(), doubtful)) {
          if (event.kind !== 'document') emit(event);
          else if (polled.card) emit({ kind: 'document', reading: handOver(polled, context.id) });
        }
      }
    } finally {
      wipe(polled?.card);
    }
    if (connection.forbidden() > forbidden) {
      forbidden = connection.forbidden();
      context.log.warn({ reader: context.id, forbidden }, 'the reader sends fingerprints unasked: discarded unread');
    }
    if (!presence.isUndecided() || !polled) await pause(pollMs, over);
  }
}

interface Polled {
  readonly result: PollResult;
  /** Wiped after the poll, unless it was handed over. */
  card?: CardData | undefined;
  readonly at?: number;
}

/** The card as a reading, whose buffers now belong to the lane. */
function handOver(polled: Polled, reader: string): DocumentReading {
  const card = polled.card!;
  polled.card = undefined;
  return { reader, at: polled.at!, ...card };
}

function wipe(card: CardData | undefined): void {
  card?.number.fill(0);
  card?.photo.fill(0);
}

/** Looks for a card and reads it; undefined when nothing is new, or when the line was disturbed. */
async function pollOnce(
  connection: SdtConnection,
  presence: CardPresence,
  digest: (bytes: Uint8Array) => string,
): Promise<Polled | undefined> {
  const find = await connection.request('find');
  if (find.kind !== 'reply') return undefined;
  if (find.status === NO_CARD) return { result: { kind: 'nothing' } };
  if (find.status !== FOUND) return { result: { kind: 'fault', why: faultOf(find) } };
  if (!presence.needsReading(performance.now())) return undefined;
  const select = await connection.request('select');
  if (!isGood(select)) return { result: { kind: 'fault', why: faultOf(select) } };
  const read = await connection.request('read');
  if (!isGood(read)) return { result: { kind: 'fault', why: faultOf(read) } };
  try {
    const card = decodeCard(read.data);
    if (typeof card === 'string') return { result: { kind: 'fault', why: card } };
    return { result: { kind: 'card', number: digest(card.number), whole: digest(read.data) }, card, at: read.at };
  } finally {
    read.data.fill(0);
  }
}

type Reply = Extract<SdtAnswer, { kind: 'reply' }>;

const isGood = (answer: SdtAnswer): answer is Reply => answer.kind === 'reply' && answer.status === OK;

const faultOf = (answer: SdtAnswer): ReadFault =>
  (answer.kind === 'reply' ? FAULTS[answer.status] : undefined) ?? 'not read';

/** Tells cards apart without keeping their numbers: the key is new for each run and is kept nowhere else. */
function keyedDigest(): (bytes: Uint8Array) => string {
  const key = randomBytes(32);
  return (bytes) => createHmac('sha256', key).update(bytes).digest('hex');
}
