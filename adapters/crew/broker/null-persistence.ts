/**
 * The persistence and the emitter of aedes, which store nothing and forward nothing. What waits for a device waits in the gateway, on disk; no
 * device may listen to another; sessions are clean. So sessions, retained messages and queues would only be memory that a device can fill.
 * Of QoS 2 the message ids are kept until PUBREL, which aedes bounds (`maxInflightInbound`), and no message. These are aedes' own two contracts (its docs/Aedes.md, options `persistence` and `mq`).
 */
import { Readable } from 'node:stream';

const done = (): Promise<void> => Promise.resolve();
const none = (): Readable => Readable.from([]);
const noList = (): Promise<readonly never[]> => Promise.resolve([]);

interface Numbered {
  readonly messageId: number;
}

/** `acknowledged` is called for each PUBACK. */
export function nullPersistence(acknowledged: (client: object, messageId: number) => void) {
  /** Message ids at QoS 2 that PUBREL has still to come for. */
  const incoming = new WeakMap<object, Set<number>>();
  const persistence = {
    // aedes looks at the constructor's name and wants this one.
    async setup(): Promise<void> {},
    outgoingClearMessageId(client: object, packet: { readonly messageId: number }) {
      acknowledged(client, packet.messageId);
      return Promise.resolve(packet);
    },
    /** A PUBREL to what never was is answered all the same (MQTT 3.1.1 section 4.3.3). */
    incomingGetPacket: (client: object, packet: Numbered) =>
      incoming.get(client)?.has(packet.messageId)
        ? Promise.resolve(packet)
        : Promise.reject(new Error('no such message is kept')),
    incomingStorePacket(client: object, { messageId }: Numbered) {
      const ids = incoming.get(client) ?? new Set();
      incoming.set(client, ids.add(messageId));
      return done();
    },
    incomingDelPacket(client: object, { messageId }: Numbered) {
      incoming.get(client)?.delete(messageId);
      return done();
    },
    cleanIncoming(client: object) {
      incoming.delete(client);
      return done();
    },
    outgoingEnqueue: done,
    outgoingEnqueueCombi: done,
    outgoingUpdate: done,
    outgoingStream: none,
    addSubscriptions: done,
    removeSubscriptions: done,
    cleanSubscriptions: done,
    subscriptionsByClient: noList,
    subscriptionsByTopic: noList,
    storeRetained: done,
    createRetainedStreamCombi: none,
    putWill: done,
    delWill: done,
    streamWill: none,
  };
  type Done = (() => void) | undefined;
  const mq = {
    on: (_topic: string, _listener: unknown, next: Done) => next?.(),
    removeListener: (_topic: string, _listener: unknown, next: Done) => next?.(),
    /** Not at once: aedes would read on in the middle of the packet that its parser is at, and lose its place. */
    emit: (_packet: unknown, next: Done) => next && process.nextTick(next),
    close: (next: Done) => next?.(),
  };
  return { persistence, mq };
}
