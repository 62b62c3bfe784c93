import { describe, expect, it } from 'vitest';
import { DOC_LIST } from './lists.fixtures.ts';
import { newKey } from './office/sign.ts';
import {
  checkThreshold,
  formatSignatures,
  keyIdOf,
  type Keyring,
  parseSignatures,
  publicKeyOf,
  signBytes,
  verifyBytes,
} from './signature.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
// RFC 8032 section 7.1, test 1.
const SEED = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const PUBLIC = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const SIGNATURE = hex(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
);
const bytes = new TextEncoder().encode('any bytes');

describe('Ed25519 with raw keys', () => {
  it('agrees with RFC 8032, test 1', () => {
    expect(publicKeyOf(SEED)).toEqual(PUBLIC);
    expect(signBytes(new Uint8Array(0), SEED)).toEqual(SIGNATURE);
    expect(verifyBytes(new Uint8Array(0), SIGNATURE, PUBLIC)).toBe(true);
    expect(verifyBytes(new Uint8Array(1), SIGNATURE, PUBLIC)).toBe(false);
  });

  it('signs the document list of 133 bytes as published', () => {
    const list = new TextEncoder().encode(DOC_LIST);
    expect(list.length).toBe(133);
    expect(Buffer.from(signBytes(list, SEED)).toString('base64')).toBe(
      '7OUlKxlaz7p0tZFBacKdhUYV8nHIuFrMmlrs+vXruGqMGPyi2UOoY8X3Hf0d2gYxxLAzFzIqEdFDQb8bkX0yBg==',
    );
  });
});

describe('signature files', () => {
  const line = formatSignatures([{ keyId: keyIdOf(PUBLIC), bytes: SIGNATURE }]);

  it('come back as they were written', () => {
    expect(line).toMatch(/^[0-9a-f]{16} [A-Za-z0-9+/]{86}==\n$/);
    expect(parseSignatures(line)).toEqual({ ok: true, value: [{ keyId: keyIdOf(PUBLIC), bytes: SIGNATURE }] });
  });

  it.each([
    ['no line feed at the end', line.trimEnd()],
    ['CRLF', line.replace('\n', '\r\n')],
    ['capital key id', line.replace(/^[0-9a-f]+/, (id) => id.toUpperCase().replace(/^[0-9]/, 'A'))],
    ['the unused bits of base64 used', line.replace(/.==\n$/, (end) => (end[0] === 'z' ? 'y' : 'z') + '==\n')],
    ['an empty line', `${line}\n`],
    ['JSON', '[]\n'],
  ])('are refused with %s', (_what, text) => {
    expect(parseSignatures(text)).toMatchObject({ ok: false, why: 'altered' });
  });

  it('are refused when there is none, and when there are too many', () => {
    expect(parseSignatures('')).toMatchObject({ ok: false, why: 'unsigned' });
    expect(parseSignatures(line.repeat(65))).toMatchObject({ ok: false, why: 'too big' });
  });
});

describe('threshold', () => {
  const [a, b, c, stranger] = [newKey('list'), newKey('list'), newKey('list'), newKey('list')] as const;
  const ring: Keyring = { threshold: 2, keys: new Map([a, b, c].map((key) => [key.id, key.publicKey])) };
  const signed = (...keys: (typeof a)[]) =>
    formatSignatures(keys.map((key) => ({ keyId: key.id, bytes: signBytes(bytes, key.seed) })));
  const check = (signatures: string) => checkThreshold({ bytes, signatures }, ring, 'list key');

  it('is met by two different keys', () => {
    expect(check(signed(a, c))).toBeUndefined();
    expect(check(signed(stranger, b, a))).toBeUndefined();
  });

  it('is not met by one key, by one key twice, or by strangers', () => {
    for (const keys of [[a], [a, a], [a, stranger], [stranger, stranger]]) {
      expect(check(signed(...keys))).toMatchObject({ ok: false, why: 'unsigned' });
    }
  });

  it('counts key ids, not lines: counting lines would let one key do', () => {
    const lines = parseSignatures(signed(a, a));
    expect(lines.ok && lines.value.filter((s) => verifyBytes(bytes, s.bytes, ring.keys.get(s.keyId)!)).length).toBe(2);
    expect(check(signed(a, a))).toBeDefined();
  });

  it('a false signature in the name of a trusted key refuses the file, good ones or not', () => {
    const false_ = formatSignatures([{ keyId: c.id, bytes: signBytes(new Uint8Array(1), c.seed) }]);
    expect(check(signed(a, b) + false_)).toMatchObject({ ok: false, why: 'altered' });
  });
});
