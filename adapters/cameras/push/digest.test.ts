import { describe, expect, it } from 'vitest';
import { digestAuthorization, parseChallenges, type Challenge } from '../../shared/digest.codec.ts';
import { openDigestGuard, constantTimeEqual, type DigestGuard } from './digest.ts';

const WHO = { user: 'camera', password: 'p4ss' };
const MINUTE = 60_000;

function open(): { guard: DigestGuard; at: (ms: number) => void } {
  let now = 1000;
  return { guard: openDigestGuard(WHO, () => now), at: (ms) => (now = 1000 + ms) };
}

const offersOf = (guard: DigestGuard): Challenge[] => guard.offers(false).flatMap(parseChallenges);

function answer(offer: Challenge, count = 1, more: { user?: string; password?: string; uri?: string } = {}): string {
  const { uri = '/x', ...who } = more;
  return digestAuthorization(offer, { ...WHO, ...who }, { method: 'POST', uri, cnonce: 'abc', count });
}

describe('Digest, asked for', () => {
  it('takes MD5 and SHA-256, MD5 offered first', () => {
    const { guard } = open();
    const offers = offersOf(guard);
    expect(offers.map((o) => o.params['algorithm'])).toEqual(['MD5', 'SHA-256']);
    for (const offer of offers) expect(guard.check(answer(offer), 'POST', '/x')).toBe('right');
  });

  it('takes a nonce many times, but each count once and only upwards', () => {
    const { guard } = open();
    const [offer] = offersOf(guard);
    const check = (count: number): string => guard.check(answer(offer!, count), 'POST', '/x');
    expect([1, 2, 2, 1, 20, 19, 21].map(check)).toEqual([
      'right',
      'right',
      'stale',
      'stale',
      'right',
      'stale',
      'right',
    ]);
  });

  it('takes a nonce for ten minutes', () => {
    const { guard, at } = open();
    const [offer] = offersOf(guard);
    at(10 * MINUTE - 1);
    expect(guard.check(answer(offer!), 'POST', '/x')).toBe('right');
    at(10 * MINUTE);
    expect(guard.check(answer(offer!, 2), 'POST', '/x')).toBe('stale');
    expect(guard.offers(true)[0]).toContain('stale=true');
  });

  it('forgets no count: when there are too many nonces, the old ones are no longer taken', () => {
    const { guard, at } = open();
    const [first] = offersOf(guard);
    expect(guard.check(answer(first!), 'POST', '/x')).toBe('right');
    for (let i = 1; i <= 300; i++) {
      at(i);
      expect(guard.check(answer(offersOf(guard)[0]!), 'POST', '/x')).toBe('right');
    }
    expect(guard.check(answer(first!), 'POST', '/x')).toBe('stale');
  });

  it('refuses everything else', () => {
    const { guard } = open();
    const [offer] = offersOf(guard);
    const with_ = (params: Record<string, string>): Challenge => ({
      ...offer!,
      params: { ...offer!.params, ...params },
    });
    const { qop: _, ...noQop } = offer!.params;
    const wrong: [string, string][] = [
      ['nothing', ''],
      ['another scheme', 'Basic Y2FtZXJhOnA0c3M='],
      ['another password', answer(offer!, 1, { password: 'P4ss' })],
      ['another user', answer(offer!, 1, { user: 'admin' })],
      ['another path', answer(offer!, 1, { uri: '/y' })],
      ['another method', answer(offer!).replace(/response="\w+"/, `response="${'0'.repeat(32)}"`)],
      ['a nonce of its own and another password', answer(with_({ nonce: '0'.repeat(60) }), 1, { password: 'P4ss' })],
      ['another realm', answer(with_({ realm: 'other' }))],
      ['no qop', answer({ ...offer!, params: noQop })],
      ['a session algorithm', answer(offer!).replace('algorithm=MD5', 'algorithm=MD5-sess')],
      ['no cnonce', answer(offer!).replace('cnonce="abc"', 'cnonce=""')],
      ['count 0', answer(offer!, 0).replace('nc=00000000', 'nc=x')],
    ];
    for (const [what, field] of wrong) expect([what, guard.check(field, 'POST', '/x')]).toEqual([what, 'wrong']);
    // The password is right: it is asked again, and nobody has guessed.
    expect(guard.check(answer(with_({ nonce: '0'.repeat(60) })), 'POST', '/x')).toBe('stale');
    expect(guard.check(answer(offersOf(open().guard)[0]!), 'POST', '/x')).toBe('stale');
    expect(guard.check(answer(offer!), 'PUT', '/x')).toBe('wrong');
    expect(guard.check(answer(offer!), 'POST', '/x')).toBe('right');
  });

  it('compares texts whole', () => {
    expect(constantTimeEqual('皖a', '皖a')).toBe(true);
    for (const [a, b] of [
      ['a', 'b'],
      ['a', ''],
      ['a', 'aa'],
      ['', 'a'],
    ] as const)
      expect(constantTimeEqual(a, b)).toBe(false);
  });
});
