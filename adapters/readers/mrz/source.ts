/** A page reader on a serial line, which sends the machine-readable zone of each passport or card that is put on it or swiped. */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Observation, OpenSource } from '../../../gateway/contracts/source.ts';
import type { SerialConnection } from '../../shared/serial-connection.ts';
import { serialKeys, listenSerial } from '../../shared/serial-listener.ts';
import { openExtractor } from './codec.ts';
import { code, type MrzResult } from './zone.codec.ts';

const mrzConfig = z.strictObject({
  ...serialKeys,
  /** For readers that read only on request. */
  request: z.literal('elyctis').optional(),
});

type MrzConfig = z.infer<typeof mrzConfig>;

/** Longer than any gap within a message: USB adapters hold bytes back for up to 16 ms, converters in a network for longer. */
const SILENCE_MS = 100;
/** A document read again within this time is still there, or was swiped twice: one presentation. */
const REPEAT_MS = 5_000;
/** Elyctis: read the next document. It has to be sent again after each read. */
const READ_BY_YOURSELF = Uint8Array.of(0x43, 0x00, 0x01, 0x01);

/**
 * Checks the configuration; `run` listens. Emits `ready` once the port is open, as these devices do not answer to a question, then
 * `document` and `unreadable`. Page readers do not see a document go: there is no `removed`.
 */
export const openMrz: OpenSource = (value, context) => {
  const config = context.check(mrzConfig, value);
  const isRepeat = openRepeats();
  return { run: (emit, signal) => read({ config, reader: context.id, isRepeat }, emit, signal) };
};

interface Job {
  readonly config: MrzConfig;
  readonly reader: string;
  readonly isRepeat: (number: Uint8Array) => boolean;
}

function read({ config, reader, isRepeat }: Job, emit: (o: Observation) => void, signal: AbortSignal): Promise<void> {
  const extractor = openExtractor();
  let at = 0;
  let answered = false;
  let link: SerialConnection | undefined;
  const ask = (): void => {
    if (config.request === 'elyctis') link?.write(READ_BY_YOURSELF);
  };
  const pass = (results: readonly MrzResult[]): void => {
    for (const result of results) {
      if (signal.aborted) {
        if (result.kind === 'document') result.number.fill(0);
      } else if (result.kind === 'unreadable') {
        emit(result);
      } else if (isRepeat(result.number)) {
        result.number.fill(0);
      } else {
        const { kind, ...fields } = result;
        emit({ kind, reading: { reader, at, ...fields } });
      }
    }
  };
  const listener = {
    opened(opened: SerialConnection) {
      link = opened;
      emit({ kind: 'ready', passing: true });
      ask();
    },
    bytes(chunk: Uint8Array) {
      at = Date.now();
      // Every read starts with this letter, even an empty one; the answer to our request does not.
      answered ||= chunk.includes(code('I'));
      pass(extractor.feed(chunk));
    },
    silence() {
      pass(extractor.flush());
      if (answered) ask();
      answered = false;
    },
    ended: () => extractor.wipe(),
  };
  return listenSerial(config, SILENCE_MS, listener, signal);
}

/** Whether a number repeats the one before within REPEAT_MS. Keeps no number, only a digest with a key that is never stored. */
function openRepeats(): (number: Uint8Array) => boolean {
  const key = randomBytes(32);
  let last = '';
  let lastMs = -Infinity;
  return (number) => {
    const digest = createHmac('sha256', key).update(number).digest('base64');
    const repeat = digest === last && performance.now() - lastMs < REPEAT_MS;
    last = digest;
    lastMs = performance.now();
    return repeat;
  };
}
