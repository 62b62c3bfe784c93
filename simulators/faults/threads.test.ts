/** Inference threads that are late, or asked to end while they load: the gateway outlives them. ONNX Runtime aborts the process if forced. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFailed, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { metric, nth } from '../rigs/road.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { laySite } from '../product/site.ts';
import { BOARD, boardsOf, drawPlates, openBoardPainter } from './boards.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A box that reads boards with one thread, whose jobs have to be done within `deadlineMs`. */
async function startBox(deadlineMs: number): Promise<GatewayProcess> {
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  const paint = openBoardPainter(2);
  for (const [i, plates] of boardsOf(drawPlates(2, 18)).entries())
    writeFileSync(join(pictures, `${i}.jpg`), await paint(plates));
  const cameras = { 'cam-1': { kind: 'folder', path: pictures, ...BOARD } };
  const site = await laySite({ folder, port: 0, cameras, more: { inference: { threads: 1, deadlineMs } } });
  const gateway = spawnGateway(site.configFile);
  undo.push(() => gateway.kill());
  onTestFailed(() => console.log(gateway.text().slice(-4_000)));
  return gateway;
}

test('a thread that is late is replaced, again and again, and the gateway goes on', async () => {
  // The shortest deadline there is; a board takes longer on any computer of today.
  const gateway = await startBox(200);
  const url = String((await gateway.line((l) => l.msg === 'serving'))['url']);
  await gateway.line(nth(2, (l) => l.msg.startsWith('an inference thread died')));
  await expect.poll(() => metric(url, 'sitebox_frames_failed_total'), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  expect(await gateway.stop()).toBe(0);
});

test('asked to stop while its threads still load, the gateway ends in order', async () => {
  const gateway = await startBox(5_000);
  await gateway.line((l) => l.msg === 'camera up');
  expect(await gateway.stop()).toBe(0);
  expect(gateway.text()).toContain('"msg":"stopped"');
});
