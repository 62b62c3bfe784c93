/** Three body-cams are alerted over a real broker, one goes away, and an officer ends the alert: when each hears of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFleet, type Fleet } from '../../devices/crew/fleet.ts';
import { registerDevices } from '../../product/register-devices.ts';
import { brokerPort } from '../../rigs/crew.ts';
import { measure, milliseconds, type Measure } from '../report.ts';
import type { ApiClient } from './api-client.ts';
import { layPeopleBox, openBox, openOfficer } from './people-box.ts';

const CAMS = ['cam-1', 'cam-2', 'cam-3'] as const;
const ROUNDS = 12;
const MAX_TOLD_MS = 1_000;
/** Invented, one for each round: a plate that is seen again soon is the same hit. */
const PLATES = Array.from({ length: ROUNDS }, (_, i) => `皖A${10_000 + i}`);
const MAX_WAIT_MS = 20_000;

export async function measureStandDown(folder: string, progress: (text: string) => void): Promise<Measure[]> {
  const broker = { id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: 0 } };
  const crew = { equipment: [broker], alerts: [{ roles: ['officer'] }] };
  const box = await layPeopleBox({ folder, plates: PLATES, more: { crew } });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => box.close());
  const devices = CAMS.map(
    (id) => ({ id, kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] }) as const,
  );
  const credentials = await registerDevices(box.site.configFile, devices);
  const gateway = box.start();
  undo.defer(() => gateway.kill());
  const open = await openBox(gateway);
  const specs = CAMS.map((id) => ({ id, protocol: 'bodycam', credential: credentials.get(id)! }) as const);
  const fleet = await startFleet({
    seed: 1,
    broker: { url: `mqtt://127.0.0.1:${await brokerPort(gateway)}` },
    devices: specs,
  });
  undo.defer(() => fleet.close());
  await Promise.all(CAMS.map((id) => fleet.device(id).event((e) => e.what === 'connected')));
  const officers = [await openOfficer(open, 0), await openOfficer(open, 1)] as const;
  undo.defer(() => officers.forEach((officer) => officer.close()));
  progress(`an alert ends, ${ROUNDS} times`);
  const ends: Awaited<ReturnType<typeof endOne>>[] = [];
  for (const [round, plate] of PLATES.entries())
    ends.push(await endOne(fleet, officers, CAMS[round % CAMS.length]!, () => box.push(plate)));
  const longest = (name: string, ms: readonly number[]): Measure =>
    milliseconds(name, Math.max(...ms), ms.length, { most: MAX_TOLD_MS });
  const first = ends.filter(({ isFirst }) => isFirst).length;
  return [
    longest(
      'second opinion answered → three devices show the alert, longest',
      ends.map((end) => end.alertedMs),
    ),
    longest(
      '`wrong` answered → the two that are there show the end, longest',
      ends.flatMap((end) => end.endedMs),
    ),
    measure('the third hears it first of all when it comes', first, 'ends', ROUNDS, { least: ROUNDS }),
  ];
}

async function endOne(
  fleet: Fleet,
  officers: readonly [ApiClient, ApiClient],
  away: string,
  push: () => Promise<number>,
) {
  const before = await newestOf(officers[0]);
  await push();
  await until(async () => (await newestOf(officers[0])) !== before);
  const hit = (await newestOf(officers[0]))!;
  const opinion = { verdict: 'confirm', reason: 'same-vehicle' };
  for (const officer of officers) await say(officer, hit, 'opinion', opinion);
  const confirmedAt = performance.now();
  const alertOf = (id: string) =>
    fleet
      .device(id)
      .alerts()
      .find((alert) => alert.hit === hit);
  await until(() => CAMS.every((id) => alertOf(id) !== undefined));
  const alertedMs = performance.now() - confirmedAt;
  const gone = fleet.device(away);
  await gone.disconnect();
  await until(() => !gone.isConnected());
  await say(officers[1], hit, 'outcome', { outcome: 'wrong' });
  const endedAt = performance.now();
  const endedMs = await Promise.all(
    CAMS.filter((id) => id !== away).map(async (id) => {
      await until(() => alertOf(id)?.cancelled === true);
      return performance.now() - endedAt;
    }),
  );
  const said = gone.received().length;
  gone.connect();
  await until(() => gone.received().length > said);
  const { alert } = gone.received()[said]!;
  return { alertedMs, endedMs, isFirst: alert?.hit === hit && alert.cancelled === true };
}

async function newestOf(officer: ApiClient): Promise<string | undefined> {
  const { json } = await officer.call('GET', '/api/v1/hits');
  return (json as unknown as readonly { readonly id: string }[])[0]?.id;
}

async function say(officer: ApiClient, hit: string, what: 'opinion' | 'outcome', body: object): Promise<void> {
  const answer = await officer.call('POST', `/api/v1/hits/${hit}/${what}`, body);
  if (answer.status !== 200) throw new Error(`the box took no ${what}: ${answer.status} ${answer.body.toString()}`);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + MAX_WAIT_MS; !(await isSo()); await sleep(2))
    if (performance.now() > end) throw new Error('what was waited for has not come within 20 s');
}
