/** A running box and its first accounts. A real process, whose console is read. */
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { codeOf, openPeopleRig } from '../../people/people.fixtures.ts';
import { spawnGateway } from '../../../simulators/product/gateway.ts';
import { laySite } from '../../../simulators/product/site.ts';

const CODE = /Set-up code for http:\/\/127\.0\.0\.1:\d+\/setup, .*: ((?:[0-9a-hjkmnp-tv-z]{4}-?){4})\n/;

test('a box without accounts runs, and prints a code at each start, until there are some', async () => {
  const cameras = { 'cam-1': { kind: 'jpeg', url: 'http://127.0.0.1:9/snapshot.jpg' } };
  const { configFile, storage } = await laySite({ folder: tempFolder(), port: 0, cameras });
  const run = async () => {
    const gateway = spawnGateway(configFile);
    onTestFinished(() => gateway.kill());
    const health = (await (await fetch(new URL('/health', await gateway.url()))).json()) as { accounts: unknown };
    expect(await gateway.stop()).toBe(0);
    return { accounts: health.accounts, code: CODE.exec(gateway.text())?.[1], log: gateway.text() };
  };
  const [first, second] = [await run(), await run()];
  expect([first.accounts, second.accounts]).toEqual([{ isSetUp: false }, { isSetUp: false }]);
  // The clock of this rig stands before the codes end.
  const rig = openPeopleRig(storage);
  expect(codeOf(rig.setUp.open(first.code!, '192.0.2.7'))).toBe('setup-code-unknown');
  expect(codeOf(rig.setUp.open(second.code!, '192.0.2.7'))).toBe('ok');
  await rig.person('100001');
  const third = await run();
  expect([third.accounts, third.code]).toEqual([{ isSetUp: true }, undefined]);
  // The code is for the console, not for the log.
  const lines = second.log.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.some((line) => line.includes(second.code!))).toBe(false);
});
