/** The address of an external MQTT broker, as a configuration writes it. */
import { z } from 'zod';

/** `mqtts://host[:port]`, or `mqtt://` on loopback; without user and password. */
export const brokerUrl = z
  .url({ protocol: /^mqtts?$/, error: 'expected an mqtts:// address' })
  .superRefine((value, context) => {
    if (!URL.canParse(value)) return;
    const { protocol, hostname, username, password } = new URL(value);
    const complain = (message: string): void => context.addIssue({ code: 'custom', message });
    if (protocol === 'mqtt:' && !/^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)) {
      complain('plain mqtt:// is for loopback only; use mqtts://');
    }
    if (username || password) complain('give the user in `user` and the password in `password`');
  });
