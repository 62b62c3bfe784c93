/** A real box that listens to an ONVIF camera: its events are problems in /health, its card is kept, and a stop ends the subscription. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { PATIENCE } from '../conformance/source.ts';
import { startOnvifCamera } from '../devices/onvif-camera/camera.ts';
import { sitebox, spawnGateway } from '../product/gateway.ts';
import { laySite } from '../product/site.ts';

interface Health {
  readonly problems: readonly { readonly key: string; readonly what: string; readonly zh: { readonly what: string } }[];
  readonly cameraEvents: readonly object[];
}

test('what a camera says of itself is heard, shown in both languages, and over when it says so', async () => {
  const account = { user: 'onvif', password: 'drawn-password-1' };
  // It has room for one subscription: the box that starts again finds it free.
  const camera = await startOnvifCamera({ account, maxSubscriptions: 1 });
  onTestFinished(() => camera.close());
  const folder = tempFolder();
  const pictures = join(folder, 'pictures');
  const onvif = { host: '127.0.0.1', port: camera.port, user: 'onvif', password: 'file:onvif.password' };
  const site = await laySite({ folder, port: 0, cameras: { 'north-1': { kind: 'folder', path: pictures, onvif } } });
  writeFileSync(join(folder, 'onvif.password'), account.password, { mode: 0o600 });

  for (let run = 1; run <= 2; run++) {
    const gateway = spawnGateway(site.configFile);
    onTestFinished(() => gateway.kill());
    const url = await gateway.url();
    const health = async (): Promise<Health> => (await (await fetch(`${url}/health`)).json()) as Health;
    const said = async () => (await health()).problems.filter(({ key }) => key.startsWith('camera-'));
    await vi.waitFor(async () => expect((await health()).cameraEvents).toMatchObject([{ listening: true }]), PATIENCE);

    camera.subscriptions.say('tns1:VideoSource/GlobalSceneChange/ImagingService', { State: 'true' });
    await vi.waitFor(async () => expect(await said()).toHaveLength(1), PATIENCE);
    expect(await said()).toMatchObject([
      {
        key: 'camera-tampering:north-1',
        what: 'camera north-1 (lane lane-1) says that it was turned, covered or moved',
        zh: { what: '摄像机 north-1（车道 lane-1）报告被转动、遮挡或移位' },
      },
    ]);
    camera.subscriptions.say('tns1:VideoSource/GlobalSceneChange/ImagingService', { State: 'false' });
    await vi.waitFor(async () => expect(await said()).toEqual([]), PATIENCE);

    expect(await gateway.stop()).toBe(0);
    expect(camera.subscriptions.seen).toMatchObject({ created: run, ended: run, refused: 0 });
  }

  const card = await sitebox('cameras', 'card', 'north-1', '--config', site.configFile);
  expect(card.stdout).toMatch(
    /^Camera north-1\nMaker, model +Simulated SB-1\nSerial number +00012345678901234567890\n/,
  );
  const audit = await sitebox('audit', 'show', '--since', '2020-01-01', '--config', site.configFile);
  expect(audit.stdout.match(/box {2}camera card kept/g)).toHaveLength(1);
});
