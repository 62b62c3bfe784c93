/**
 * Hours of everything at once on one box, to see whether its memory grows: plate cameras that push listed and unlisted vehicles with
 * pictures, a gate whose visitors lay listed and unlisted documents on the reader before a display that stays connected, a crew that reports,
 * calls for help and answers orders, displays that come and go, monitoring that asks, and a room that loses some acknowledgements. Bounded: it
 * ends after `minutes`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchScreen } from '../rigs/gate.ts';
import { spawnGateway } from '../product/gateway.ts';
import { openPushClient } from '../devices/plate-camera/client.ts';
import { drawPass } from '../devices/plate-camera/pictures.ts';
import { hikvisionPush } from '../devices/plate-camera/push.ts';
import { numberOf, randomCard } from '../devices/reader/cards.ts';
import { startReader, type Reader } from '../devices/reader/reader.ts';
import { startRoom, type Room } from '../command-room/room.ts';
import { seeded } from '../scene/random.ts';
import { freePort } from '../product/free-port.ts';
import { memoryMiB } from '../product/processes.ts';
import { giveDocumentList, giveList, newSecret, stolen } from '../product/site.ts';
import { brokerPort, layCrewBox, type CrewBox } from '../rigs/crew.ts';
import { openCrewman } from '../rigs/officer.ts';
import { PATH } from './push-box.ts';
import { SAMPLE_EVERY_MS, slopeOf, type SoakOutcome, type SoakPlan } from './soak-figures.ts';

const DEVICES = 20;
const VEHICLES = 40;
const PUSH_EVERY_MS = 400;
const CALL_EVERY_MS = 15_000;
const ORDER_EVERY_MS = 10_000;
const ASK_EVERY_MS = 1_000;
const DISPLAY_EVERY_MS = 7_000;
const VISIT_EVERY_MS = 2_000;
/** Of so many visitors one is on the list. */
const LISTED_ONE_IN = 5;
const GATE = 'gate';
const LOST_ACKNOWLEDGEMENTS = 0.02;

export async function soak({ folder, minutes, warmUpMinutes }: SoakPlan): Promise<SoakOutcome> {
  const secret = newSecret();
  const room = await startRoom({ secret, faults: { random: seeded(11) }, holdMs: 5_000 });
  const over = new AbortController();
  await using undo = new AsyncDisposableStack();
  undo.defer(() => room.close());
  const cameraPort = await freePort();
  const reader = await startReader({ tcp: 0 });
  undo.defer(() => reader.close());
  const box = await layBox(folder, room, { port: cameraPort, reader: reader.address });
  const env = { ROOM_SECRET: secret, PUSH_PATH: PATH };
  const gateway = spawnGateway(box.site.configFile, { env, keepLines: false });
  undo.defer(() => gateway.kill());
  const [url, broker] = [await gateway.url(), await brokerPort(gateway)];
  room.fault('lost-ack', LOST_ACKNOWLEDGEMENTS);
  const crew = box.logins.map((login) => openCrewman(login));
  undo.defer(() => crew.forEach((man) => man.leave()));
  await Promise.all(crew.map((man) => man.come(broker)));
  const work = openWork(over.signal);
  undo.defer(() => over.abort());
  const road = await openRoad(cameraPort);
  undo.defer(() => road.close());
  work.every(PUSH_EVERY_MS, () => road.push());
  const gate = await openGate(url, reader);
  undo.defer(() => gate.close());
  work.every(VISIT_EVERY_MS, () => gate.visit());
  let turn = 0;
  let answers = 0;
  work.every(CALL_EVERY_MS, async () => {
    const man = crew[turn++ % crew.length]!;
    man.leave();
    await man.come(broker);
  });
  work.every(ORDER_EVERY_MS, async () => {
    const to = [`cam-${(turn % DEVICES) + 1}`];
    room.tell({
      kind: 'order',
      id: `order-${turn++}`,
      at: Date.now(),
      by: 'duty officer',
      order: { text: 'go', to },
    });
  });
  work.every(ASK_EVERY_MS, async () => {
    for (const path of ['health', 'metrics']) {
      const response = await fetch(`${url}/${path}`);
      await response.text();
      if (response.status < 500) answers++;
    }
  });
  work.every(DISPLAY_EVERY_MS, () => glance(`${url}/lanes`));
  const samples = await watch(gateway.pid, minutes * 60, over.signal);
  over.abort();
  const visits = gate.visits();
  gate.close();
  await work.ended();
  const receipts = crew.reduce((n, man) => n + man.raised.length + man.cancelled.length + man.done.length, 0);
  const events = room.events().length;
  crew.forEach((man) => man.leave());
  await gateway.stop();
  return {
    ...slopeOf(samples.slice(Math.floor((warmUpMinutes * 60_000) / SAMPLE_EVERY_MS))),
    done: { pushes: road.answered(), receipts, events, visits, answers },
  };
}

async function layBox(
  folder: string,
  room: Room,
  { port, reader }: { readonly port: number; readonly reader: string },
): Promise<CrewBox> {
  const camera = { id: 'north', kind: 'hikvision', listen: { host: '127.0.0.1', port }, allow: ['127.0.0.1'] };
  const box = await layCrewBox({
    folder,
    devices: DEVICES,
    roomUrl: room.url,
    more: {
      cameras: [{ ...camera, path: 'env:PUSH_PATH', crossCheck: false }],
      readers: [{ id: `${GATE}-reader`, kind: 'sdt', port: reader, pollMs: 40 }],
      lanes: [
        { id: 'road', kind: 'road', cameras: ['north'] },
        { id: GATE, kind: 'gate', readers: [`${GATE}-reader`] },
      ],
      hits: { windowS: 10 },
      inference: { threads: 1 },
    },
  });
  await giveList(
    box.site,
    1,
    Array.from({ length: VEHICLES / 2 }, (_, i) => stolen(plateOf(i))),
  );
  await giveDocumentList(box.site, 1, [
    { number: LISTED_NUMBER, category: 'sought', instruction: 'ask the visitor to wait' },
  ]);
  return box;
}

const LISTED_NUMBER = numberOf('010119900307010');

/** One visitor after the other, each waiting for the outcome on the display of the lane. */
async function openGate(url: string, reader: Reader) {
  const screen = await watchScreen(url, GATE);
  const random = seeded(13);
  let [begun, visits] = [0, 0];
  return {
    visits: () => visits,
    close: () => screen.close(),
    async visit() {
      const card = randomCard(random);
      const [from, before] = [screen.views.length, screen.views.at(-1)?.last?.at];
      reader.placeCard(begun++ % LISTED_ONE_IN === 0 ? { ...card, number: LISTED_NUMBER } : card);
      await screen.view((v) => v.last !== undefined && v.last.at !== before, from);
      const laid = screen.views.length;
      reader.removeCard();
      await screen.view((v) => !v.presented, laid);
      visits++;
    },
  };
}

/** The first half of the vehicles is listed. */
const plateOf = (i: number): string => `皖A${String(10_101 + i * 1_203).padStart(5, '0')}`;

async function openRoad(port: number) {
  const pictures = await Promise.all(Array.from({ length: VEHICLES }, (_, i) => drawPass(plateOf(i), i + 1)));
  const client = openPushClient({ port });
  const random = seeded(12);
  let answered = 0;
  return {
    answered: () => answered,
    close: () => client.close(),
    async push() {
      const i = Math.floor(random() * VEHICLES);
      const seen = { plate: plateOf(i), at: new Date(), confidence: 97, colour: 'blue', ...pictures[i]! };
      if ((await client.send(hikvisionPush(seen, { path: PATH }))).status === 200) answered++;
    },
  };
}

/** Work that is done again and again, one after the other of its kind, until the end. What fails is tried at its next turn. */
function openWork(signal: AbortSignal) {
  const running: Promise<void>[] = [];
  return {
    every(ms: number, work: () => Promise<void>): void {
      const loop = async (): Promise<void> => {
        while (!signal.aborted) {
          await work().catch(() => undefined);
          await sleep(ms, undefined, { signal }).catch(() => undefined);
        }
      };
      running.push(loop());
    },
    ended: () => Promise.all(running),
  };
}

/** A display that looks at the list of lanes and goes. */
async function glance(url: string): Promise<void> {
  await (await fetch(url)).text();
}

/** Resident size in MiB, every SAMPLE_EVERY_MS. */
async function watch(pid: number, seconds: number, signal: AbortSignal): Promise<number[]> {
  const samples: number[] = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until && !signal.aborted) {
    const mib = memoryMiB(pid);
    if (Number.isNaN(mib)) throw new Error('the box has ended');
    samples.push(mib);
    await sleep(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return samples;
}
