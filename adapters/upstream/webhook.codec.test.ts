import { describe, expect, it } from 'vitest';
import {
  areSigningKeys,
  areVerifyingKeys,
  signBody,
  TOLERANCE_MS,
  verifyBody,
  verifySignature,
} from './webhook.codec.ts';

// W1: test of the standard-webhooks repository. W2: the same input under the key of RFC 8032, test 1.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PRIVATE = `whsk_${Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex').toString('base64')}`;
const PUBLIC = 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = 1614265330_000;
const BODY = Buffer.from('{"test": 2432232314}');
const W1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const W2 = 'v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==';

describe('Standard Webhooks', () => {
  it('vectors', () => {
    expect(signBody(SECRET, ID, AT, BODY)).toEqual({
      'webhook-id': ID,
      'webhook-timestamp': '1614265330',
      'webhook-signature': W1,
    });
    expect(signBody(PRIVATE, ID, AT, BODY)['webhook-signature']).toBe(W2);
    expect(signBody(`${SECRET} ${PRIVATE}`, ID, AT, BODY)['webhook-signature']).toBe(`${W1} ${W2}`);
  });

  it('verifies with either key, also among others', () => {
    const headers = { ...signBody(SECRET, ID, AT, BODY), 'webhook-signature': `v9,abc v1,AAAA ${W2} ${W1}` };
    expect(verifyBody(SECRET, headers, BODY, AT)).toEqual({ ok: true });
    expect(verifyBody(PUBLIC, headers, BODY, AT)).toEqual({ ok: true });
    expect(verifyBody(`whsec_${'A'.repeat(32)} ${SECRET}`, headers, BODY, AT)).toEqual({ ok: true });
  });

  it('accepts a clock that is off by the tolerance, and no more', () => {
    const headers = signBody(SECRET, ID, AT, BODY);
    expect(verifyBody(SECRET, headers, BODY, AT + TOLERANCE_MS).ok).toBe(true);
    expect(verifyBody(SECRET, headers, BODY, AT - TOLERANCE_MS).ok).toBe(true);
    expect(verifyBody(SECRET, headers, BODY, AT + TOLERANCE_MS + 1000)).toMatchObject({
      ok: false,
      why: /clocks differ/,
    });
  });

  const headers = signBody(`${SECRET} ${PRIVATE}`, ID, AT, BODY);
  it.each([
    ['another body', headers, Buffer.from('{"test": 2432232315}')],
    ['another id', { ...headers, 'webhook-id': 'x' }, BODY],
    ['another time', { ...headers, 'webhook-timestamp': '1614265331' }, BODY],
    ['a time that is none', { ...headers, 'webhook-timestamp': 'x' }, BODY],
    ['no signature', { ...headers, 'webhook-signature': '' }, BODY],
    ['an empty one', { ...headers, 'webhook-signature': 'v1,' }, BODY],
    ['a short one', { ...headers, 'webhook-signature': 'v1,AAAA v1a,AAAA' }, BODY],
  ])('refuses %s', (_name, given, body) => {
    expect(verifyBody(`${SECRET} ${PUBLIC}`, given, body, AT).ok).toBe(false);
  });

  it('S7: verifies what waited on its way, and knows keys that verify', () => {
    const headers = signBody(`${SECRET} ${PRIVATE}`, ID, AT, BODY);
    expect(verifySignature(SECRET, headers, BODY)).toEqual({ ok: true });
    expect(verifySignature(PUBLIC, headers, BODY)).toEqual({ ok: true });
    expect(verifySignature(SECRET, headers, Buffer.from('{}')).ok).toBe(false);
    for (const keys of [SECRET, PUBLIC, `${SECRET} ${PUBLIC}`]) expect(areVerifyingKeys(keys)).toBe(true);
    for (const keys of ['', PRIVATE, 'whpk_AAAA', 'whsec_AAAA', `${SECRET} x`])
      expect(areVerifyingKeys(keys)).toBe(false);
  });

  it('knows signing keys', () => {
    expect(areSigningKeys(`${SECRET} ${PRIVATE}`)).toBe(true);
    for (const key of ['', 'secret', 'whsec_', 'whsec_AAAA', PUBLIC, `${SECRET} x`])
      expect(areSigningKeys(key)).toBe(false);
  });
});
