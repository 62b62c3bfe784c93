/** No receipt of a call for help before its row is on disk: as the kernel saw it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { encodeSos } from '../../adapters/crew/bodycam/codec.ts';
import { spawnGateway } from '../product/gateway.ts';
import { brokerPort, layCrewBox } from '../rigs/crew.ts';
import { openMqtt, publishBytes } from '../rigs/raw-mqtt.ts';
import { earlyReceipts, traceProcess, type TracedCall } from './crew-trace.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Message ids that stand for nothing else. */
const CALLS: readonly TracedCall[] = [1, 2, 3].map((n) => ({ name: `a-call-for-help-${n}`, messageId: 0x7a00 + n }));

/** The system calls of a box to which a device says CALLS, the next when it has the receipt of the one before. */
async function traceCalls(): Promise<string> {
  const folder = tempFolder();
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const { site, logins } = await layCrewBox({ folder, devices: 1 });
  const gateway = spawnGateway(site.configFile);
  undo.push(() => gateway.stop());
  const port = await brokerPort(gateway);
  await gateway.line((l) => l.msg === 'serving');
  const receipts = new Map(CALLS.map(({ messageId }) => [messageId, Promise.withResolvers<void>()]));
  const [login] = logins;
  const link = await openMqtt(port, login!, undefined, { acknowledged: (id) => receipts.get(id)?.resolve() });
  undo.push(() => link.close());
  const stop = await traceProcess(gateway.pid, join(folder, 'trace'));
  for (const { name, messageId } of CALLS) {
    const payload = encodeSos({ sos: name, state: 'raised', at: Date.now(), position: { lat: 30.25, lon: 120.125 } });
    link.send(publishBytes(`bodycam/v1/${login!.id}/sos`, payload, messageId));
    await receipts.get(messageId)!.promise;
  }
  return stop();
}

it('a call for help is on disk before its receipt, and the check would see it if it were not', async () => {
  const trace = await traceCalls();
  expect(earlyReceipts(trace, CALLS)).toEqual([]);

  // The same system calls in the wrong order, or with one missing.
  const isSync = (line: string): boolean => /f(data)?sync\(/.test(line);
  const lines = trace.split('\n');
  const name = CALLS.map((call) => call.name);
  expect(earlyReceipts(lines.filter((line) => !isSync(line)).join('\n'), CALLS)).toEqual(
    name.map((n) => `${n}: the receipt went out before its row was on disk`),
  );
  const late = [...lines.filter((line) => !isSync(line)), ...lines.filter(isSync)].join('\n');
  expect(earlyReceipts(late, CALLS)).toHaveLength(CALLS.length);
  const unwritten = lines.filter((line) => !line.includes('pwrite64('));
  const writtenLate = [...unwritten, ...lines.filter((line) => line.includes('pwrite64('))].join('\n');
  expect(earlyReceipts(writtenLate, CALLS)).toEqual(
    name.map((n) => `${n}: the receipt went out before its row was written`),
  );
  expect(earlyReceipts('', CALLS)).toEqual(name.map((n) => `${n}: no receipt`));
});
