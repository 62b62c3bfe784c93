/**
 * What aedes keeps between packets, and whom it forwards to: nothing and nobody. What waits for a device waits in the gateway, on disk; no
 * device may listen to another; sessions are clean and QoS 2 is refused. So sessions, retained messages and queues would only be memory
 * that a device can fill. These are aedes' own two contracts (its docs/Aedes.md, options `persistence` and `mq`).
 */
import { Readable } from 'node:stream';

const done = (): Promise<void> => Promise.resolve();
const none = (): Readable => Readable.from([]);
const noList = (): Promise<readonly never[]> => Promise.resolve([]);

/** `acknowledged` is told of each PUBACK. */
export function openNothing(acknowledged: (client: object, messageId: number) => void) {
  const persistence = {
    // aedes looks at the constructor's name and wants this one.
    async setup(): Promise<void> {},
    outgoingClearMessageId(client: object, packet: { readonly messageId: number }) {
      acknowledged(client, packet.messageId);
      return Promise.resolve(packet);
    },
    /** A PUBREL to what never was is answered all the same (MQTT 3.1.1 section 4.3.3). */
    incomingGetPacket: () => Promise.reject(new Error('nothing is kept')),
    ...{ incomingStorePacket: done, incomingDelPacket: done, cleanIncoming: done },
    ...{ outgoingEnqueue: done, outgoingEnqueueCombi: done, outgoingUpdate: done, outgoingStream: none },
    ...{ addSubscriptions: done, removeSubscriptions: done, cleanSubscriptions: done },
    ...{ subscriptionsByClient: noList, subscriptionsByTopic: noList },
    ...{ storeRetained: done, createRetainedStreamCombi: none },
    ...{ putWill: done, delWill: done, streamWill: none },
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
