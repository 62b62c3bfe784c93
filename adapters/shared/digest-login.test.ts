import { expect, it } from 'vitest';
import { DigestLogin } from './digest-login.ts';

const WHO = { user: 'u', password: 'p' };
const MD5 = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"';
const SHA = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"';

it('takes the strongest offer in whatever order, counts its nonce, and hears that one is stale', () => {
  for (const offers of [[MD5, SHA], [SHA, MD5], [`Basic realm="r", ${MD5}, ${SHA}`]]) {
    const login = new DigestLogin(WHO);
    expect(login.authorization('GET', '/')).toBeUndefined();
    expect(login.challenged(offers)).toBe('new');
    expect(login.authorization('GET', '/')).toMatch(/algorithm=SHA-256.*nc=00000001/);
    expect(login.authorization('GET', '/')).toContain('nc=00000002');
    expect(login.challenged([`${SHA}, stale=true`])).toBe('stale');
    expect(login.authorization('GET', '/')).toContain('nc=00000001');
  }
});

it('falls back to Basic, and says where it knows none', () => {
  const login = new DigestLogin(WHO);
  expect(login.challenged(['Digest realm="r", nonce="n", algorithm=SHA-512-256', 'NTLM'])).toBe('unsupported');
  expect(login.authorization('GET', '/')).toBeUndefined();
  expect(login.challenged(['Digest realm="r", nonce="n", qop="auth-int"', 'Basic realm="r"'])).toBe('new');
  expect(login.authorization('GET', '/')).toMatch(/^Basic /);
});
