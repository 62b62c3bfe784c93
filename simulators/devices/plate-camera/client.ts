/** The camera's side of the connection: keeps it open, logs in with Digest, says how it was answered. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import {
  isSupported,
  digestAuthorization,
  parseChallenges,
  type Challenge,
  type DigestCredentials,
} from '../../../adapters/shared/digest.codec.ts';
import type { Push } from './push.ts';

export interface PushResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type PushClient = ReturnType<typeof openPushClient>;

export interface PushTarget {
  readonly port: number;
  readonly host?: string;
  /** Address that it sends from, where the computer has several; 127.0.0.2, say. */
  readonly from?: string;
  readonly login?: DigestCredentials;
  /** The offer that is taken, where several are made; MD5 unless told, as old cameras do. */
  readonly algorithm?: 'MD5' | 'SHA-256';
  /** Waits for leave before it sends a body. */
  readonly expectContinue?: boolean;
}

export function openPushClient({ port, host = '127.0.0.1', from, login, algorithm, expectContinue }: PushTarget) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...(from === undefined ? {} : { localAddress: from }) });
  let challenge: Challenge | undefined;
  let count = 0;

  const post = (push: Push): Promise<PushResponse> =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = {
        'content-type': push.contentType,
        'content-length': push.body.length,
        'user-agent': 'simulated camera',
      };
      if (login && challenge) {
        const use = { method: 'POST', uri: push.path, cnonce: randomBytes(8).toString('hex'), count: ++count };
        headers['authorization'] = digestAuthorization(challenge, login, use);
      }
      if (expectContinue) headers['expect'] = '100-continue';
      const sent = request({ host, port, agent, method: 'POST', path: push.path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      sent.on('error', reject);
      if (!expectContinue) sent.end(push.body);
      else sent.on('continue', () => sent.end(push.body)).flushHeaders();
    });

  return {
    /** Sends one message, logging in where it is asked to. Rejects when the connection breaks before the answer. */
    async send(push: Push): Promise<PushResponse> {
      const first = await post(push);
      const challenges = first.status === 401 && login ? String(first.headers['www-authenticate'] ?? '') : '';
      const offers = parseChallenges(challenges).filter(isSupported);
      const offer = offers.find((o) => o.params['algorithm'] === algorithm) ?? offers[0];
      // Once for a first login, once for a nonce that has grown old; a password that is wrong stays wrong.
      if (!offer || (challenge && offer.params['stale'] !== 'true')) return first;
      challenge = offer;
      count = 0;
      return post(push);
    },
    close: (): void => agent.destroy(),
  };
}
