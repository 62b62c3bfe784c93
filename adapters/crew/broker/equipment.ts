/** The box's own MQTT broker: configuration, start and end. See the README for topics, limits and what MQTT it speaks. */
import type { OpenEquipment } from '../../../gateway/contracts/crew.ts';
import { openCrewBroker, type CrewBroker } from './broker.ts';
import { brokerConfig, tlsOptions } from './config.ts';
import { openListeners } from './listeners.ts';

/** Checks the configuration and its PEM files; `run` listens. It rejects when it cannot, in words that name address and key. */
export const openBroker: OpenEquipment = (value, context) => {
  const config = context.check(brokerConfig, value);
  const tls = config.tls && tlsOptions(config.tls, context);
  let broker: CrewBroker | undefined;
  return {
    async run(host, signal) {
      if (signal.aborted) return;
      const { promise: over, resolve: end, reject: lose } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => end(), { once: true });
      const opened = await openCrewBroker(host, config.limits, lose);
      let ended = false;
      const listeners = openListeners({
        config,
        tls,
        serve: opened.serve,
        refused: (why) => {
          if (!ended) host.refused(why);
        },
        listening: (key, address) =>
          context.log.info({ equipment: context.id, over: key, listen: address }, 'listening'),
      });
      broker = opened;
      try {
        await Promise.race([over, listeners.lost]);
      } finally {
        broker = undefined;
        ended = true;
        await listeners.close();
        await opened.close();
      }
    },
    deliver: (device, message) => broker?.deliver(device, message) ?? false,
  };
};
