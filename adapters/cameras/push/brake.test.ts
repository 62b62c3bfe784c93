import { afterEach, expect, it } from 'vitest';
import { hikvisionPush } from '../../../simulators/devices/plate-camera/push.ts';
import { digestAuthorization } from '../../shared/digest.codec.ts';
import { clientOf, closeAll, SEEN, startPush } from '../../../simulators/conformance/push.ts';
import { openDigestGuard } from './digest.ts';

afterEach(closeAll);

const LOGIN = { user: 'camera', password: 'right' };
const PUSH = hikvisionPush(SEEN);

/** Turns away from the fifth on, as the box does. */
function fiveWrong() {
  const wrong: string[] = [];
  const logins = {
    waitMs: (address: string) => (wrong.filter((a) => a === address).length < 5 ? 0 : 600_500),
    wrong: (address: string) => void wrong.push(address),
  };
  return { wrong, logins };
}

it('S3: wrong logins are told to the brake, and while it holds nothing is looked at, a right one neither', async () => {
  const { wrong, logins } = fiveWrong();
  const { port, refusals, reads } = await startPush({ digest: openDigestGuard(LOGIN), logins });
  for (let i = 0; i < 5; i++) {
    const guess = clientOf({ port, login: { user: 'camera', password: `guess ${i}` } });
    expect((await guess.send(PUSH)).status).toBe(401);
    guess.close();
  }
  expect(wrong).toHaveLength(5);
  const answer = await clientOf({ port, login: LOGIN }).send(PUSH);
  expect([answer.status, answer.headers['retry-after'], answer.headers['www-authenticate']]).toEqual([
    429,
    '601',
    undefined,
  ]);
  expect([wrong.length, reads().length, refusals.at(-1)?.reason]).toEqual([5, 0, 'login throttled']);
});

it('S3: a camera that begins a login, or goes on with a nonce of before a restart, has not failed', async () => {
  const { wrong, logins } = fiveWrong();
  const before = await startPush({ digest: openDigestGuard(LOGIN), logins });
  const camera = clientOf({ port: before.port, login: LOGIN });
  expect((await camera.send(PUSH)).status).toBe(200);
  before.abort();
  await before.ended;
  // The same camera, after the box has started again: the offers of before are unknown now.
  const offer = openDigestGuard(LOGIN);
  const guard = openDigestGuard(LOGIN);
  const [nonce] = /nonce="([^"]+)"/.exec(offer.offers(false)[0]!)!.slice(1);
  const challenge = { scheme: 'digest', params: { realm: 'sitebox', nonce: nonce!, qop: 'auth', algorithm: 'MD5' } };
  const use = { method: 'POST', uri: '/', cnonce: 'abcd', count: 1 };
  expect(guard.check(digestAuthorization(challenge, LOGIN, use), 'POST', '/')).toBe('stale');
  expect(guard.check(digestAuthorization(challenge, { ...LOGIN, password: 'no' }, use), 'POST', '/')).toBe('wrong');
  expect(wrong).toEqual([]);
});
