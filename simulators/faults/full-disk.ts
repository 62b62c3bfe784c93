/** Calls for help while the disk of the box is full: with the ballast, without it, and once there is room again. A real box on a small disk of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeSos } from '../../adapters/crew/bodycam/codec.ts';
import { openDb } from '../../gateway/store/db.ts';
import { spawnGateway, type GatewayProcess } from '../product/gateway.ts';
import { PATIENCE_FACTOR } from '../patience.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { newSecret } from '../product/site.ts';
import { brokerPort, layCrewBox, type CrewBox } from '../rigs/crew.ts';
import { openMqtt, publishBytes, type MqttLogin, type RawMqtt } from '../rigs/raw-mqtt.ts';
import { mountDisk, type DiskOptions, type SmallDisk } from './small-disk.ts';

const PATIENCE_MS = 60_000 * PATIENCE_FACTOR;
/** A device whose connection ended without a receipt comes back after this. */
const RETURN_MS = 500;
/** So long a call without a receipt is looked at. */
const WITHOUT_MS = 3_000;

/** `folder` is empty and stays so but for what is laid there; `options.megabytes` at least 100. In words why it cannot be tried here, where so. */
export async function callOnFullDisk(
  folder: string,
  options: DiskOptions,
): Promise<Awaited<ReturnType<typeof tryAll>> | string> {
  const disk = mountDisk(join(folder, 'data'), options);
  if (typeof disk === 'string') return disk;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => disk.unmount());
  const secret = newSecret();
  const room = await startRoom({ secret });
  undo.defer(() => room.close());
  const box = await layCrewBox({ folder, devices: 2, roomUrl: room.url, more: { limits: { minFreeDiskBytes: 0 } } });
  const start = async (): Promise<GatewayProcess> => {
    const gateway = spawnGateway(box.site.configFile, { env: { ROOM_SECRET: secret } });
    undo.defer(() => gateway.kill());
    await gateway.url();
    return gateway;
  };
  return await tryAll(box, disk, room, start);
}

async function tryAll(box: CrewBox, disk: SmallDisk, room: Room, start: () => Promise<GatewayProcess>) {
  const [caller, other] = box.logins as [MqttLogin, MqttLogin];
  const first = await start();
  await until(() => existsSync(join(disk.folder, 'ballast')), 'the ballast was laid down');
  disk.fill();
  const early = press(await brokerPort(first), caller, 'with-ballast');
  await until(() => early.receipts() > 0, 'a call had the ballast');
  const withBallastMs = early.firstMs()!;
  early.leave();
  await first.stop();

  // Of the ballast and the log, nothing is left: the next box starts on a disk that is full to the last byte.
  disk.fill();
  const second = await start();
  const port = await brokerPort(second);
  const ears = await listen(port, other);
  const since = performance.now();
  const call = press(port, caller, 'without-ballast');
  await until(() => ears.calls() > 0, 'the others heard of the call');
  const toldMs = performance.now() - since;
  const isAlarm = (e: { type: string; subject: string }) => e.type.includes('alarm') && e.subject.startsWith('store:');
  await until(() => room.events().some(isAlarm), 'the room knew that the store refuses');
  const alarmedMs = performance.now() - since;
  await sleep(Math.max(0, WITHOUT_MS - (performance.now() - since)));
  const receiptsWithoutRoom = call.receipts();
  disk.free();
  const roomSince = performance.now();
  await until(() => call.receipts() > receiptsWithoutRoom, 'the call had its receipt');
  const acknowledgedAfterMs = performance.now() - roomSince;
  call.leave();
  ears.leave();
  await second.stop();
  const lost = ['with-ballast', 'without-ballast'].filter((name) => !isStored(disk.folder, caller, name));
  return {
    /** From the press of the button to its receipt, while the ballast is there. */
    withBallastMs,
    /** Without it: until another one of the crew had heard of the call. */
    toldMs,
    /** Receipts for the call before there was room. */
    receiptsWithoutRoom,
    /** Until the command room knew that the store refuses. */
    alarmedMs,
    /** From the moment when there was room until the device, which calls again and again, had its receipt. */
    acknowledgedAfterMs,
    /** Calls with a receipt that the store does not have. */
    lost,
  };
}

/** A device that says the same call again until it has a receipt, over a new connection where the box ended the last one. */
function press(port: number, login: MqttLogin, sos: string) {
  const since = performance.now();
  let receipts = 0;
  let firstMs: number | undefined;
  let link: RawMqtt | undefined;
  let gone = false;
  const say = async (): Promise<void> => {
    const payload = encodeSos({ sos, state: 'raised', at: Date.now(), position: { lat: 30.27, lon: 120.15 } });
    const closed = new Promise<void>((resolve) => {
      void openMqtt(port, login, undefined, {
        acknowledged() {
          receipts++;
          firstMs ??= performance.now() - since;
        },
        closed: resolve,
      }).then((opened) => {
        link = opened;
        if (gone) return opened.close();
        opened.send(publishBytes(`bodycam/v1/${login.id}/sos`, payload, 1));
      }, resolve);
    });
    await closed;
  };
  const again = async (): Promise<void> => {
    while (!gone && receipts === 0) {
      await say();
      await sleep(RETURN_MS);
    }
  };
  void again();
  return {
    receipts: () => receipts,
    firstMs: () => firstMs,
    leave() {
      gone = true;
      link?.close();
    },
  };
}

async function listen(port: number, login: MqttLogin) {
  let calls = 0;
  const link = await openMqtt(port, login, `bodycam/v1/${login.id}/cmd`, {
    published: (payload) => void (payload.includes('"sos"') && calls++),
  });
  return { calls: () => calls, leave: () => link.close() };
}

function isStored(folder: string, { id }: MqttLogin, name: string): boolean {
  const db = openDb(folder);
  try {
    return db.prepare('SELECT 1 FROM sos WHERE device = ? AND name = ?').get(id, name) !== undefined;
  } finally {
    db.close();
  }
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await sleep(20);
  }
}
