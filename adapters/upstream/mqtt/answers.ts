/** What the broker answers to a PUBLISH and to a SUBSCRIBE. mqtt.js does not call back when the connection is lost meanwhile; these do. */
import type { IClientPublishOptions, MqttClient } from 'mqtt';
import { subscriptionError } from '../../shared/mqtt.ts';
import { english } from '../../../gateway/contracts/words/words.ts';

/** Rejects when the subscription is not granted, and when the connection is lost. */
export async function subscribed(client: MqttClient, filter: string, limitMs: number): Promise<never> {
  const lost = new Promise<never>((_, reject) => {
    const end = (): void => reject(new Error(english('broker-lost')));
    if (client.connected) client.once('close', end);
    else end();
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(english('broker-subscription-silent'))), limitMs);
  });
  // No Local: should anybody let the box publish there, it does not hear itself.
  const granted = client.subscribeAsync(filter, { qos: 1, nl: true }).catch((e: unknown) => {
    throw subscriptionError(e, [filter]);
  });
  try {
    await Promise.race([granted, lost, late]);
  } finally {
    clearTimeout(timer);
  }
  return lost;
}

/** mqtt.js does not hand out the reason code of a PUBACK below 0x80, so the packet itself is looked at. */
export function acknowledged(
  client: MqttClient,
  topic: string,
  body: string,
  options: IClientPublishOptions,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let mine = -1;
    const onPacket = (packet: { cmd: string; messageId?: number; reasonCode?: number }): void => {
      if (packet.cmd === 'puback' && packet.messageId === mine) finish(() => resolve(packet.reasonCode ?? 0));
    };
    // An answer that is not MQTT: mqtt.js then neither closes nor calls back.
    const onError = (e: Error): void => finish(() => reject(e));
    const onClose = (): void => finish(() => reject(new Error(english('broker-lost-before'))));
    const onAbort = (): void =>
      finish(() => reject(signal.reason instanceof Error ? signal.reason : new Error('stopped')));
    const finish = (end: () => void): void => {
      client.off('packetreceive', onPacket);
      client.off('error', onError);
      client.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      end();
    };
    if (signal.aborted) return onAbort();
    if (!client.connected) return onClose();
    client.on('packetreceive', onPacket);
    client.once('error', onError);
    client.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    client.publish(topic, body, options, () => undefined);
    mine = client.getLastMessageId();
  });
}
