/** Signatures against the library of Standard Webhooks, both ways. It knows shared secrets only (v1), not Ed25519 (v1a). */
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type SignatureHeaders, signBody, TOLERANCE_MS, verifyBody } from './webhook.codec.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
// The library reads the clock of the machine.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterAll(() => void vi.useRealTimers());

const secret = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
const message = fc.record({
  id: fc.stringMatching(/^[\w-]{1,40}$/),
  // Its signature is over text, ours over bytes.
  body: fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => text.isWellFormed()),
  at: fc.integer({ min: -2 * TOLERANCE_MS, max: 2 * TOLERANCE_MS }).map((skewMs) => NOW + skewMs),
});

type Message = SignatureHeaders & { readonly body: string };

function byLibrary(key: string, headers: SignatureHeaders, body: string): boolean {
  try {
    new Webhook(key).verify(body, { ...headers }, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}
const byUs = (key: string, headers: SignatureHeaders, body: string): boolean =>
  verifyBody(key, headers, Buffer.from(body), NOW).ok;

describe('Standard Webhooks and its library', () => {
  it('sign alike', () => {
    fc.assert(
      fc.property(secret, message, (key, { id, body, at }) => {
        const theirs = new Webhook(key).sign(id, new Date(at), body);
        expect(signBody(key, id, at, Buffer.from(body))['webhook-signature']).toBe(theirs);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('verify alike, with one key of several, for as long as the clocks may differ, and not with another', () => {
    fc.assert(
      fc.property(secret, secret, message, (key, other, { id, body, at }) => {
        const headers = signBody(`${other} ${key}`, id, at, Buffer.from(body));
        const inTime = Math.abs(Math.floor(at / 1000) * 1000 - NOW) <= TOLERANCE_MS;
        expect([byLibrary(key, headers, body), byUs(key, headers, body)]).toEqual([inTime, inTime]);
        const alone = signBody(key, id, at, Buffer.from(body));
        expect([byLibrary(other, alone, body), byUs(other, alone, body)]).toEqual([false, false]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  // On purpose: here a time is digits only and a signature its bytes, however they are written in Base64; there a time may have
  // something behind it, and a signature has to be the same text.
  it.each<[keyof Message, (ours: boolean, theirs: boolean) => boolean]>([
    ['webhook-id', (ours, theirs) => ours === theirs],
    ['body', (ours, theirs) => ours === theirs],
    ['webhook-timestamp', (ours, theirs) => theirs || !ours],
    ['webhook-signature', (ours, theirs) => ours || !theirs],
  ])('refuse a message whose %s was damaged on its way', (where, fits) => {
    fc.assert(
      fc.property(secret, message, fc.nat(), fc.string({ maxLength: 2 }), (key, { id, body }, n, put) => {
        const sent: Message = { ...signBody(key, id, NOW, Buffer.from(body)), body };
        const at = n % (sent[where].length + 1);
        const { body: received, ...headers } = {
          ...sent,
          [where]: sent[where].slice(0, at) + put + sent[where].slice(at + 1),
        };
        expect(byUs(key, headers, received)).toSatisfy((ours: boolean) =>
          fits(ours, byLibrary(key, headers, received)),
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
