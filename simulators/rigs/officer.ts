/** One of the crew with a body-cam that never gives up: what has no receipt when the connection breaks is said again when it is back. */
import { decodeCommand, encodeAnswer, encodeSos, encodeTelemetry } from '../../adapters/crew/bodycam/codec.ts';
import { openMqtt, publishBytes, type MqttLogin, type RawMqtt } from './raw-mqtt.ts';

export type Crewman = ReturnType<typeof openCrewman>;

/** A message that has to have its receipt before the next one goes. */
interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly receipt: () => void;
}

const REPORT_EVERY_MS = 100;
const PLACE = { lat: 30.2741, lon: 120.1551 };

/** `restless`: calls again as soon as its last call has its receipts, instead of once at each return. */
export function openCrewman(login: MqttLogin, { restless = false } = {}) {
  const { id } = login;
  const [raised, cancelled, done]: [string[], string[], string[]] = [[], [], []];
  const toSay: Message[] = [];
  const answered = new Set<string>();
  let link: RawMqtt | undefined;
  let reports: NodeJS.Timeout | undefined;
  let messageId = 0;
  let calls = 0;
  let resting = false;

  const topic = (kind: string): string => `bodycam/v1/${id}/${kind}`;
  const sayFirst = (): void => {
    const [first] = toSay;
    if (!first || !link) return;
    messageId = (messageId % 60_000) + 1;
    link.send(publishBytes(first.topic, first.payload, messageId));
  };
  const say = (message: Message): void => {
    if (toSay.push(message) === 1) sayFirst();
  };
  const call = (): void => {
    if (resting) return;
    const sos = `call-${++calls}`;
    const at = Date.now();
    const one = (state: 'raised' | 'cancelled', receipts: string[]): Message => ({
      topic: topic('sos'),
      payload: encodeSos({ sos, state, at, position: PLACE }),
      receipt: () => void receipts.push(`${id} ${sos}`),
    });
    say(one('raised', raised));
    say(one('cancelled', cancelled));
  };
  const hear = (payload: Buffer): void => {
    const { id: order, order: given } = decodeCommand(payload);
    if (!given || answered.has(order)) return;
    answered.add(order);
    for (const state of ['read', 'done'] as const) {
      const receipt = (): void => void (state === 'done' && done.push(`${order} ${id}`));
      say({ topic: topic('order'), payload: encodeAnswer(order, state, Date.now()), receipt });
    }
  };
  const leave = (): void => {
    clearInterval(reports);
    link?.close();
    link = undefined;
  };
  return {
    /** Names of calls, and `ORDER`s, that it has a receipt for: `DEVICE NAME`, `ORDER DEVICE`. */
    raised: raised as readonly string[],
    cancelled: cancelled as readonly string[],
    done: done as readonly string[],
    leave,
    /** Connects, and calls for help once more. */
    async come(port: number): Promise<void> {
      const opened = await openMqtt(port, login, topic('cmd'), {
        published: hear,
        acknowledged(receiptOf) {
          // A receipt of what was said over the connection before is not heard on this one.
          if (link !== opened || receiptOf !== messageId) return;
          toSay.shift()?.receipt();
          sayFirst();
          if (restless && toSay.length === 0) call();
        },
      });
      link = opened;
      reports = setInterval(() => {
        const payload = encodeTelemetry({ at: Date.now(), position: PLACE, batteryPercent: 80 });
        opened.send(publishBytes(topic('telemetry'), payload));
      }, REPORT_EVERY_MS);
      sayFirst();
      call();
    },
    /** Begins nothing new. */
    rest: (): void => void (resting = true),
    /** It has a receipt for all it said. */
    isIdle: (): boolean => toSay.length === 0,
  };
}
