import { describe, expect, it } from 'vitest';
import {
  basicAuthorization,
  isSupported,
  digestAuthorization,
  digestResponse,
  parseChallenges,
} from './digest.codec.ts';

/** The exchange printed in RFC 7616 section 3.9.1. */
const FIELD =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", ' +
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const WHO = { user: 'Mufasa', password: 'Circle of Life' };
const REQUEST = {
  method: 'GET',
  uri: '/dir/index.html',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  count: 1,
};

describe('Digest', () => {
  it('gives the responses printed in RFC 7616', () => {
    const [sha256, md5] = parseChallenges(FIELD);
    expect(digestResponse(sha256!, WHO, REQUEST)).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
    expect(digestResponse(md5!, WHO, REQUEST)).toBe('8ca523f5e9506fed4657c9700eebdbec');
  });

  it('reads an empty qop as none, and binds a session to both nonces', () => {
    const [plain, empty, session] = parseChallenges(
      'Digest realm="r", nonce="n", Digest realm="r", nonce="n", qop="", Digest realm="r", nonce="n", algorithm=MD5-sess',
    );
    expect([plain, empty, session].map((c) => isSupported(c!))).toEqual([true, true, true]);
    expect(digestResponse(empty!, WHO, REQUEST)).toBe(digestResponse(plain!, WHO, REQUEST));
    expect(digestAuthorization(empty!, WHO, REQUEST)).not.toContain('qop');
    const other = { ...REQUEST, cnonce: 'x' };
    expect(digestResponse(session!, WHO, REQUEST)).not.toBe(digestResponse(session!, WHO, other));
    expect(digestAuthorization(session!, WHO, other)).toContain('cnonce="x"');
  });

  it('changes the response with password, method, uri and nonce', () => {
    const [challenge] = parseChallenges(FIELD);
    const other = { ...challenge!, params: { ...challenge!.params, nonce: 'x' } };
    const all = [
      digestResponse(challenge!, WHO, REQUEST),
      digestResponse(challenge!, { ...WHO, password: 'circle of life' }, REQUEST),
      digestResponse(challenge!, WHO, { ...REQUEST, method: 'PUT' }),
      digestResponse(challenge!, WHO, { ...REQUEST, uri: '/' }),
      digestResponse(other, WHO, REQUEST),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('writes an answer that can be parsed again, quotes included', () => {
    const [challenge] = parseChallenges('Digest realm="a \\"b\\"", nonce="n"');
    const [answer] = parseChallenges(digestAuthorization(challenge!, { user: 'u"s', password: 'p' }, REQUEST));
    expect(answer).toMatchObject({ scheme: 'digest', params: { realm: 'a "b"', username: 'u"s', nonce: 'n' } });
    expect(answer!.params).not.toHaveProperty('cnonce');
  });

  it('recognises challenges that it cannot answer', () => {
    const can = (field: string): boolean[] => parseChallenges(field).map(isSupported);
    expect(can('Digest realm="r", nonce="n"')).toEqual([true]);
    expect(can('Digest realm="r", nonce="n", algorithm=SHA-512-256')).toEqual([false]);
    expect(can('Digest realm="r", nonce="n", qop="auth-int"')).toEqual([false]);
    expect(can('Digest realm="r"')).toEqual([false]);
    expect(can('Basic realm="r"')).toEqual([false]);
  });
});

describe('parseChallenges', () => {
  it('reads several challenges in one field, and skips other text', () => {
    expect(parseChallenges('Basic realm="a, b", Digest nonce=n , realm = "r"')).toEqual([
      { scheme: 'basic', params: { realm: 'a, b' } },
      { scheme: 'digest', params: { nonce: 'n', realm: 'r' } },
    ]);
    expect(parseChallenges('')).toEqual([]);
    expect(parseChallenges('"""=,,= ')).toEqual([]);
  });
});

describe('Basic', () => {
  // RFC 7617 section 2.1: U+00A3 in UTF-8.
  it('encodes as RFC 7617 prints it', () => {
    expect(basicAuthorization({ user: 'test', password: '123\u00a3' })).toBe('Basic dGVzdDoxMjPCow==');
  });
});
