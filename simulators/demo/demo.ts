/** `npm start` without a configuration: a drawn road, a gate, a crew, signed lists and a command room on this computer, and the story they tell. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callForHelp, openDemoCrew, type DemoCrew, type DemoContext } from './crew.ts';
import { GATE, openDemoGate, type DemoGate, type Say } from './gate.ts';
import { spawnGateway, type GatewayProcess, type LogLine } from '../product/gateway.ts';
import { startRoom } from '../command-room/room.ts';
import { freePort, isFree } from '../product/free-port.ts';
import { giveDocumentList, giveList, LANE, laySite, newSecret, type Site, type WantedPlate } from '../product/site.ts';

/** Where the demo is looked for; where something else listens there it takes another port, and says which. */
const PORT = 8420;
const CAMERA = 'north-1';
/** Plates of vehicles that do not exist; the camera simulator puts them on the first blue-plated ones of its scene. */
const WANTED: readonly WantedPlate[] = [
  { plate: '鄂Z70053', category: 'stolen', instruction: 'stop the vehicle; compare plate and papers' },
  { plate: '吉Z20875', category: 'sought', instruction: 'do not stop; tell the command room' },
];

/** Runs until SIGINT or SIGTERM. Resolves to the exit code; nothing is left running, and the folder is removed. */
export async function demo(): Promise<number> {
  const startedAt = performance.now();
  const say: Say = (who, text) => console.log(`${clock(performance.now() - startedAt)}  ${who.padEnd(12)}  ${text}`);
  const folder = mkdtempSync(join(tmpdir(), 'sitebox-demo-'));
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  console.log(
    'sitebox demo: a drawn road, a gate, a crew, signed lists and a command room, all on this computer. Ctrl-C ends it.\n',
  );
  try {
    return await tell(folder, say, undo, ending.signal);
  } catch (error) {
    // Ctrl-C reaches every process of the demo, also a command that is just being waited for.
    if (!ending.signal.aborted) throw error;
    return 0;
  } finally {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
    console.log('\nEverything is stopped; the folder of the demo is removed.');
  }
}

async function tell(folder: string, say: Say, undo: (() => unknown)[], signal: AbortSignal): Promise<number> {
  const cameraPort = await freePort();
  const port = (await isFree(PORT)) ? PORT : await freePort();
  if (port !== PORT) say('demo', `something else listens on port ${PORT}: this demo takes ${port}`);
  const secret = newSecret();
  writeFileSync(join(folder, 'room.secret'), secret, { mode: 0o600 });
  const crew = openDemoCrew();
  const print = (line: string): void => {
    say('command room', line);
    const order = crew.order(room.events());
    if (order) room.tell(order);
  };
  const room = await startRoom({ secret, print, autoAcknowledgeSos: true });
  undo.push(() => room.close());
  const gate = await openDemoGate(folder);
  undo.push(() => gate.close());
  const site = await layDemo(folder, { camera: cameraPort, box: port }, room.url, gate, crew);
  const env = { DEMO_CAMERA: newSecret().slice(6, 22) };
  const gateway = spawnGateway(site.configFile, { env, onLine: (line) => signal.aborted || retell(line, say) });
  undo.push(() => gateway.stop());
  try {
    await gateway.line((l) => l.msg === 'serving');
  } catch (error) {
    if (signal.aborted) return 0;
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  say('camera', 'draws its road; this takes some seconds');
  const camera = startCamera(cameraPort, env.DEMO_CAMERA);
  undo.push(() => endChild(camera));
  await giveLists(site, gate, say);
  await gateway.line((l) => l.msg === 'list in force' && l['type'] === 'doc-list');
  const visitors = gate.run(`http://127.0.0.1:${port}`, say, signal);
  const called = crewStory(crew, gateway, site, say, undo, signal);
  const count = counter(`http://127.0.0.1:${port}`, say);
  const counting = setInterval(() => void count(), 2_000);
  undo.push(() => clearInterval(counting));
  const crewFailed = called.then(
    () => new Promise<never>(() => undefined),
    (error: Error) => error.message,
  );
  const unexpected = await Promise.race([visitors.then(() => undefined), ended(gateway), ended(camera), crewFailed]);
  if (unexpected === undefined || signal.aborted) return 0;
  console.error(unexpected);
  return 1;
}

function layDemo(
  folder: string,
  ports: { readonly camera: number; readonly box: number },
  room: string,
  gate: DemoGate,
  crew: DemoCrew,
): Promise<Site> {
  const url = `rtsp://127.0.0.1:${ports.camera}/stream1`;
  return laySite({
    folder,
    port: ports.box,
    cameras: {},
    upstream: { room: { kind: 'https', url: room, secret: 'file:room.secret' } },
    more: {
      cameras: [{ id: CAMERA, kind: 'rtsp', url, user: 'gate', password: 'env:DEMO_CAMERA' }, gate.camera],
      readers: [gate.reader],
      lanes: [{ id: LANE, kind: 'road', cameras: [CAMERA] }, gate.lane],
      comparison: gate.comparison,
      crew: crew.config,
      // A computer that tries the demo may be slow, or have other work to do.
      inference: { deadlineMs: 30_000 },
    },
  });
}

/** After the first hit, so that it comes as soon as without a crew: the crew joins, and one of it calls for help. */
async function crewStory(crew: DemoCrew, gateway: GatewayProcess, ...around: DemoContext): Promise<void> {
  await gateway.line((l) => l.msg === 'hit committed');
  callForHelp(await crew.join(gateway, ...around));
}

async function giveLists(site: Site, gate: DemoGate, say: Say): Promise<void> {
  await giveList(site, 1, WANTED);
  const plates = WANTED.map((w) => w.plate).join(', ');
  say('list office', `signed and imported a list of ${WANTED.length} vehicles: ${plates}`);
  const documents = await gate.draw();
  await giveDocumentList(site, 1, documents);
  say(
    'list office',
    `signed and imported a list of ${documents.length} documents of nobody; it holds digests, no numbers`,
  );
}

/** The gateway's log lines that belong to the story, in words. */
function retell(line: LogLine, say: Say): void {
  const value = (name: string): string => {
    const v = line[name];
    return typeof v === 'string' || typeof v === 'number' ? String(v) : '?';
  };
  switch (line.msg) {
    case 'serving':
      say('box', `serves ${value('url')}/health and ${value('url')}/metrics`);
      return say('box', `shows the gate lane to its attendant at ${value('url')}/lanes/${GATE}`);
    case 'camera up':
      return say('box', `camera ${value('camera')} is up, ${value('width')} x ${value('height')}`);
    case 'camera lost':
      return say('box', `camera ${value('camera')} is not there: ${value('cause')}`);
    case 'list in force':
      return say('box', `${value('type')} version ${value('version')} is in force, ${value('entries')} entries`);
    case 'reader up':
      return say('box', `reader ${value('reader')} answers`);
    case 'reader lost':
      return say('box', `reader ${value('reader')} is not there: ${value('cause')}`);
    case 'hit committed':
      return say(
        'box',
        `HIT: entry ${value('entry')} (${value('certainty')}), on disk ${value('captureToCommitMs')} ms after the ` +
          (line['lane'] === GATE ? 'last byte of the card' : 'picture'),
      );
    case 'hit seen again':
      return say('box', `entry ${value('entry')} seen again: the same hit, sighting ${value('sightings')}`);
    case 'hit acknowledged':
      return say('box', `the command room acknowledged the hit ${value('commitToAckMs')} ms later; now people decide`);
    case 'alarm raised':
      return say('box', `ALARM: ${value('what')} (${value('todo')})`);
    case 'alarm cleared':
      return say('box', `alarm over: ${value('alarm')}`);
    case 'call for help':
      return say('box', `has the call for help of ${value('device')} on disk, and tells everybody`);
    case 'crew equipment refused':
      return say('box', `refused ${value('device')}: ${value('why')}`);
    case 'list not in force':
      // The alarm says it in more words.
      return;
    default:
      if (line.level >= 40) say('box', line.msg);
  }
}

/** Says how many vehicles and documents there were, whenever there are more. */
function counter(box: string, say: Say): () => Promise<void> {
  const told = { vehicle: 0, document: 0 };
  return async () => {
    const answer = await fetch(`${box}/metrics`).catch(() => undefined);
    const text = (await answer?.text()) ?? '';
    const tell = (what: keyof typeof told, metric: string, verb: string): void => {
      const counts = [...text.matchAll(new RegExp(`^${metric}\\{.*\\} (\\d+)$`, 'gm'))].map((m) => Number(m[1]));
      const n = counts.reduce((sum, one) => sum + one, 0);
      if (n <= told[what]) return;
      told[what] = n;
      say(
        'box',
        `${n} ${what}${n === 1 ? '' : 's'} ${verb} so far; of those not listed nothing but this count is kept`,
      );
    };
    tell('vehicle', 'sitebox_passages_total', 'passed');
    tell('document', 'sitebox_presentations_total', 'presented');
  };
}

function startCamera(port: number, password: string): ChildProcess {
  const file = new URL('../devices/road-camera/main.ts', import.meta.url).pathname;
  const plates = WANTED.flatMap((w) => ['--plate', w.plate]);
  const args = ['--port', `${port}`, '--seed', '7', '--count', '8', '--every', '2', '--fps', '15', '--user', 'gate'];
  const env = { ...process.env, CAMERA_PASSWORD: password };
  return spawn(process.execPath, [file, ...args, ...plates], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

function ended(part: GatewayProcess | ChildProcess): Promise<string> {
  if ('line' in part) return part.line(() => false).then(String, (error: Error) => error.message);
  return once(part, 'close').then(([code]) => `the camera simulator ended with ${code}`);
}

function clock(ms: number): string {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`;
}

if (import.meta.main) process.exitCode = await demo();
