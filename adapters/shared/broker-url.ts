/** The address of an external MQTT broker, as a configuration writes it. */
import { z } from 'zod';
import { english } from '../../gateway/contracts/words/words.ts';

export const isLoopback = ({ hostname }: Pick<URL, 'hostname'>): boolean =>
  /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname);

/** `mqtts://host[:port]`, or `mqtt://` on loopback; without user and password. */
export const brokerUrl = z
  .url({ protocol: /^mqtts?$/, error: english('broker-url-expected') })
  .superRefine((value, context) => {
    if (!URL.canParse(value)) return;
    const { protocol, hostname, username, password } = new URL(value);
    const complain = (message: string): void => context.addIssue({ code: 'custom', message });
    if (protocol === 'mqtt:' && !isLoopback({ hostname })) {
      complain(english('broker-url-loopback'));
    }
    if (username || password) complain(english('broker-url-login'));
  });
