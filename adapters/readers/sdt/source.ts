/** A Chinese identity-card reader (SDT protocol) on a serial port or behind a serial-to-network converter: looks for a card, reads it, once. */
import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { DocumentReading, ReadFault } from '../../../gateway/contracts/document.ts';
import type { Context } from '../../../gateway/contracts/base.ts';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import { addressProblem, openLink } from '../../shared/link.ts';
import { readCard, type Card } from './card.codec.ts';
import { FOUND, NO_CARD, OK, wordsOf } from './codec.ts';
import { createExchange, type Answer, type Exchange } from './exchange.ts';
import { createLaying, type Look } from './card-presence.ts';

const BAUDS = [115_200, 57_600, 38_400, 19_200, 9_600] as const;

const sdtConfig = z.strictObject({
  port: z.string().superRefine((text, context) => {
    const message = addressProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  baud: z.literal(BAUDS).default(115_200),
  /** Between two looks for a card. */
  pollMs: z.number().int().min(20).max(10_000).default(300),
  /** For one answer. A card's 1295 bytes take 112 ms at 115200 baud, 1.35 s at 9600. */
  timeoutMs: z.number().int().min(200).max(10_000).default(1_500),
});

/** After noise on the line, cards are read twice for this long: a frame's 8-bit checksum lets one damaged frame in 256 through. */
const DOUBT_MS = 10_000;

/** SW3 of a card that could not be selected or read. What is not here counts as `not read`. */
const FAULTS: Readonly<Record<number, ReadFault>> = {
  0x31: 'refused',
  0x32: 'refused',
  0x33: 'refused',
  0x40: 'unknown document',
};

/** Checks the configuration; `run` opens the port. The lane that gets a reading wipes it. */
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
    const link = await openLink(port, { baud, dataBits: 8, parity: 'none', stopBits: 1 }, signal);
    const end = (): void => over.abort();
    link.closed.finally(end).catch(() => undefined);
    const exchange = createExchange(link, port, timeoutMs);
    try {
      while (!signal.aborted && !(await answers(exchange))) await pause(pollMs, over.signal);
      if (signal.aborted) return;
      emit({ kind: 'ready' });
      await poll({ exchange, context, pollMs, over: over.signal }, emit, signal);
    } finally {
      exchange.end();
      await link.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const pause = (ms: number, over: AbortSignal): Promise<unknown> =>
  sleep(ms, undefined, { signal: over }).catch(() => undefined);

async function answers(exchange: Exchange): Promise<boolean> {
  const answer = await exchange.ask('status');
  if (answer.kind === 'reply' && answer.status !== OK) throw new Error(`the reader says: ${wordsOf(answer.status)}`);
  return answer.kind === 'reply';
}

interface Job {
  readonly exchange: Exchange;
  readonly context: Pick<Context, 'id' | 'log'>;
  readonly pollMs: number;
  readonly over: AbortSignal;
}

async function poll(job: Job, emit: (o: Observation) => void, signal: AbortSignal): Promise<void> {
  const { exchange, context, pollMs, over } = job;
  const laying = createLaying();
  const digest = keyedDigest();
  let forbidden = 0;
  while (!signal.aborted) {
    const found = await lookAt(exchange, () => laying.wantsReading(performance.now()), digest);
    try {
      if (signal.aborted) return;
      if (found) {
        const doubtful = exchange.quietForMs() < DOUBT_MS;
        for (const said of laying.look(found.look, performance.now(), doubtful)) {
          if (said.kind !== 'document') emit(said);
          else if (found.card) emit({ kind: 'document', reading: handOver(found, context.id) });
        }
      }
    } finally {
      wipe(found?.card);
    }
    if (exchange.forbidden() > forbidden) {
      forbidden = exchange.forbidden();
      context.log.warn({ reader: context.id, forbidden }, 'the reader sends fingerprints unasked: thrown away unread');
    }
    if (!laying.undecided() || !found) await pause(pollMs, over);
  }
}

interface Found {
  readonly look: Look;
  /** Wiped after the look, unless it was handed over. */
  card?: Card | undefined;
  readonly at?: number;
}

/** The card as a reading; from here on its buffers are the lane's. */
function handOver(found: Found, reader: string): DocumentReading {
  const card = found.card!;
  found.card = undefined;
  return { reader, at: found.at!, ...card };
}

function wipe(card: Card | undefined): void {
  card?.number.fill(0);
  card?.photo.fill(0);
}

/** Looks for a card and reads it; undefined when the line let nothing be seen. */
async function lookAt(
  exchange: Exchange,
  wantsReading: () => boolean,
  digest: (bytes: Uint8Array) => string,
): Promise<Found | undefined> {
  const find = await exchange.ask('find');
  if (find.kind !== 'reply') return undefined;
  if (find.status === NO_CARD) return { look: { found: 'nothing' } };
  if (find.status !== FOUND) return { look: { found: 'fault', why: faultOf(find) } };
  if (!wantsReading()) return undefined;
  const select = await exchange.ask('select');
  if (!isGood(select)) return { look: { found: 'fault', why: faultOf(select) } };
  const read = await exchange.ask('read');
  if (!isGood(read)) return { look: { found: 'fault', why: faultOf(read) } };
  try {
    const card = readCard(read.data);
    if (typeof card === 'string') return { look: { found: 'fault', why: card } };
    const look = { found: 'card', number: digest(card.number), whole: digest(read.data) } as const;
    return { look, card, at: read.at };
  } finally {
    read.data.fill(0);
  }
}

type Reply = Extract<Answer, { kind: 'reply' }>;

const isGood = (answer: Answer): answer is Reply => answer.kind === 'reply' && answer.status === OK;

const faultOf = (answer: Answer): ReadFault =>
  (answer.kind === 'reply' ? FAULTS[answer.status] : undefined) ?? 'not read';

/** Tells cards apart without keeping their numbers: the key is new with each run and stands nowhere else. */
function keyedDigest(): (bytes: Uint8Array) => string {
  const key = randomBytes(32);
  return (bytes) => createHmac('sha256', key).update(bytes).digest('hex');
}
