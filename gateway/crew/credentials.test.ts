import { describe, expect, it } from 'vitest';
import { hashSecret, newSecret, openCredentialVerifier } from './credentials.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a secret', () => {
  it('has 140 random bits in letters and digits that are not taken for each other', () => {
    const secrets = Array.from({ length: 200 }, newSecret);
    for (const s of secrets) expect(s).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(new Set(secrets).size).toBe(200);
    // All 32 characters come up among 5,600: none is missing by a slip of the alphabet.
    expect(new Set(secrets.join('').replaceAll('-', '')).size).toBe(32);
  });

  it('is kept as argon2id with 19 MiB, two passes and one lane', async () => {
    expect(await hashSecret('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe('a login', () => {
  it('succeeds with the right secret alone, and each time again', async () => {
    const credentials = openCredentialVerifier();
    const hash = await hashSecret('right');
    expect(await credentials.verify('cam-1', hash, bytes('wrong'))).toBe('wrong');
    for (let i = 0; i < 2; i++) expect(await credentials.verify('cam-1', hash, bytes('right'))).toBe('right');
    expect(await credentials.verify('cam-1', hash, bytes('wrong'))).toBe('wrong');
    expect(await credentials.verify('cam-1', hash, bytes(''))).toBe('wrong');
    // What is remembered belongs to one user and one hash.
    expect(await credentials.verify('cam-2', undefined, bytes('right'))).toBe('wrong');
    expect(await credentials.verify('cam-1', undefined, bytes('right'))).toBe('wrong');
    expect(await credentials.verify('cam-1', await hashSecret('other'), bytes('right'))).toBe('wrong');
    expect(await credentials.verify('cam-1', 'damaged', bytes('right'))).toBe('wrong');
  });

  it('waits in a line that ends: what finds it full is told so at once, and the others are served', async () => {
    const credentials = openCredentialVerifier();
    const right = await hashSecret('right');
    expect(await credentials.verify('cam-1', right, bytes('right'))).toBe('right');
    const cheap = right.replace(/m=\d+,t=2/, 'm=8,t=1');
    const line = Array.from({ length: 300 }, (_, i) => credentials.verify(`u${i}`, cheap, bytes('x')));
    // Who is not registered stands in the same line; who has logged in before does not.
    const unknown = credentials.verify('nobody', undefined, bytes('x'));
    const again = credentials.verify('cam-1', right, bytes('right'));
    const mistyped = credentials.verify('cam-1', right, bytes('wrong'));
    expect(await Promise.all([unknown, again, mistyped])).toEqual(['busy', 'right', 'busy']);
    const verdicts = await Promise.all(line);
    const count = (what: string) => verdicts.filter((v) => v === what).length;
    expect([count('wrong'), count('busy')]).toEqual([258, 42]);
    expect(await credentials.verify('nobody', undefined, bytes('x'))).toBe('wrong');
    credentials.forget('cam-1');
    const full = Array.from({ length: 258 }, (_, i) => credentials.verify(`u${i}`, cheap, bytes('x')));
    expect(await credentials.verify('cam-1', right, bytes('right'))).toBe('busy');
    await Promise.all(full);
  });
});
