/** `sitebox models` over real files, with a publisher on loopback. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { type ModelEntry, readManifest } from '../../models/manifest.ts';
import { openModels } from '../../models/index.ts';
import { modelsCommand } from './models.ts';

const NET = Buffer.alloc(200_000, 'weights');
const SMALL = Buffer.alloc(5_000, 'words');

let folder: string;
let server: Server;
let base: string;
/** What the publisher does with a request; the path is the key. */
let answers: Record<string, (response: ServerResponse) => void>;

beforeEach(async () => {
  folder = tempFolder();
  answers = { '/net.onnx': (r) => r.end(NET), '/small.onnx': (r) => r.end(SMALL) };
  server = createServer((request, response) => {
    // Each fetch opens its own connection, as separate runs of the program would.
    response.setHeader('connection', 'close');
    const answer = answers[request.url ?? ''];
    if (answer) answer(response);
    else response.writeHead(404).end('<html>not here</html>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** One needed model out of a package, two optional ones, with the digests of the files above. */
function manifest(): ModelEntry[] {
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const about = { title: 'a net', licence: 'MIT', input: 'x', output: 'y' };
  const net = { ...about, bytes: NET.length, sha256: sha256(NET) };
  const small = { ...about, bytes: SMALL.length, sha256: sha256(SMALL) };
  return [
    { ...small, name: 'plate/read', neededFor: 'plates', package: 'ocr', version: '1.0.0', file: 'read.onnx' },
    { ...net, name: 'face/opencv-detect', url: `${base}/net.onnx`, file: 'face/net.onnx' },
    { ...small, name: 'face/opencv-embed', url: `${base}/small.onnx`, file: 'face/small.onnx' },
  ];
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In this process: a process of its own for each of two dozen calls would take most of a minute on a busy machine. */
async function models(...words: string[]): Promise<Ended> {
  const said = { out: '', err: '' };
  vi.spyOn(console, 'log').mockImplementation((line: string) => void (said.out += `${line}\n`));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void (said.err += `${line}\n`));
  const places = { packages: join(folder, 'packages'), files: join(folder, 'files') };
  try {
    await modelsCommand(openModels(manifest, places)).parseAsync(words, { from: 'user' });
    return { ...said, code: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  }
}

function install(bytes: Buffer): void {
  mkdirSync(join(folder, 'packages/ocr'), { recursive: true });
  writeFileSync(join(folder, 'packages/ocr/read.onnx'), bytes);
}

const filesThere = (): string[] =>
  existsSync(join(folder, 'files/face')) ? readdirSync(join(folder, 'files/face')) : [];

test('lists every model with size, state, purpose and licence; verify exits 1 for what is missing or altered', async () => {
  const none = await models('list');
  expect(none.out).toMatch(/plate\/read +0\.01 MB {2}missing +needed for plates\n.*a net\n.*ocr 1\.0\.0; licence: MIT/);
  expect(none.out).toMatch(/face\/opencv-detect +0\.20 MB {2}optional +not needed\n/);
  expect(await models('verify')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^model plate\/read is missing: run \.\/setup/) as string,
  });
  install(SMALL);
  expect(await models('verify')).toMatchObject({ code: 0, out: expect.stringContaining('1 model present') as string });
  install(Buffer.alloc(5_000, 'sword'));
  const bare = await models();
  const altered = await models('verify');
  expect(bare.out).toMatch(/plate\/read .*altered/);
  expect(altered).toMatchObject({ code: 1, err: expect.stringContaining('plate/read is altered') as string });
});

test('fetches all optional models, says what is there already, and finds an altered one', async () => {
  install(SMALL);
  const first = await models('fetch');
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toBe('face/opencv-detect fetched and verified\nface/opencv-embed fetched and verified\n');
  expect(readFileSync(join(folder, 'files/face/net.onnx')).equals(NET)).toBe(true);
  writeFileSync(join(folder, 'files/face/net.onnx'), 'spoiled');
  expect((await models('verify')).err).toMatch(
    /face\/opencv-detect is altered: run npx sitebox models fetch face\/opencv-detect/,
  );
  expect((await models('fetch')).out).toBe(
    'face/opencv-detect fetched and verified\nface/opencv-embed is there already\n',
  );
  expect((await models('verify')).code).toBe(0);
});

test('takes the files from another server or from a folder, under the names of their publisher', async () => {
  answers['/mirror/net.onnx'] = (r) => r.end(NET);
  delete answers['/net.onnx'];
  expect(await models('fetch', 'face/opencv-detect', '--from', `${base}/mirror/`)).toMatchObject({ code: 0 });
  const carried = join(folder, 'carried');
  mkdirSync(carried);
  const missing = await models('fetch', 'face/opencv-embed', '--from', carried);
  expect(missing).toMatchObject({
    code: 69,
    err: expect.stringContaining('small.onnx cannot be read (ENOENT)') as string,
  });
  writeFileSync(join(carried, 'small.onnx'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n');
  expect(await models('fetch', 'face/opencv-embed', '--from', carried)).toMatchObject({
    code: 1,
    err: expect.stringContaining('is a pointer of Git LFS') as string,
  });
  writeFileSync(join(carried, 'small.onnx'), SMALL);
  expect(await models('fetch', 'face/opencv-embed', '--from', carried)).toMatchObject({ code: 0 });
  expect(filesThere().sort()).toEqual(['net.onnx', 'small.onnx']);
});

test('what is not the model never takes its place: changed, cut short, endless, or a page instead', async () => {
  const other = Buffer.from(NET);
  other[100]! ^= 1;
  const faults: [string, (r: ServerResponse) => void, number, RegExp][] = [
    ['changed', (r) => r.end(other), 1, /net\.onnx was altered, its SHA-256 is [0-9a-f]{64}; nothing was changed here/],
    ['short', (r) => r.end(NET.subarray(0, 5000)), 1, /has 5000 bytes instead of 200000/],
    [
      'broken off',
      (r) => r.writeHead(200, { 'content-length': NET.length }).write(NET.subarray(0, 5000), () => r.socket?.end()),
      69,
      /net\.onnx broke off \(UND_ERR_\w+\); without internet, download/,
    ],
    ['endless', (r) => pour(r), 1, /has 200001 bytes instead of 200000/],
    [
      'a page',
      (r) => r.writeHead(403).end('<html>log in</html>'),
      69,
      /net\.onnx answers with status 403; without internet, download/,
    ],
  ];
  for (const [what, answer, code, message] of faults) {
    answers['/net.onnx'] = answer;
    const ended = await models('fetch', 'face/opencv-detect');
    expect([what, ended.code]).toEqual([what, code]);
    expect(ended.err).toMatch(message);
    expect([what, filesThere()]).toEqual([what, []]);
  }
});

/** Sends for as long as somebody listens. */
function pour(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(NET));
  };
  response.on('drain', more);
  more();
}

test('one that fails does not keep the others back; without a network each says where to get it', async () => {
  delete answers['/net.onnx'];
  const ended = await models('fetch');
  expect(ended).toMatchObject({ code: 69, out: 'face/opencv-embed fetched and verified\n' });
  expect(ended.err).toMatch(
    /face\/opencv-detect: .*net\.onnx answers with status 404; without internet, download http.*--from FOLDER/,
  );
  const closed = base;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  const offline = await models('fetch', 'face/opencv-detect');
  expect(offline.code).toBe(69);
  expect(offline.err).toContain(`face/opencv-detect: ${closed}/net.onnx cannot be reached (ECONNREFUSED)`);
});

test('a name that cannot be fetched is a mistake at the keyboard', async () => {
  const unknown = await models('fetch', 'face/emotion');
  const packaged = await models('fetch', 'plate/read');
  expect(unknown).toMatchObject({
    code: 64,
    err: expect.stringContaining(
      'there is no model face/emotion; those to fetch are face/opencv-detect, face/opencv-embed',
    ) as string,
  });
  expect(packaged).toMatchObject({
    code: 64,
    err: expect.stringContaining('plate/read is not fetched: it is ocr 1.0.0; run ./setup') as string,
  });
});

test('the program itself knows the verb, and its real models are whole', () => {
  const program = fileURLToPath(new URL('../../sitebox.mjs', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [program, 'models', 'verify'], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringContaining('models present and unaltered')]);
});

test('the command needs no manifest until a verb runs', () => {
  const broken = () => {
    throw new Error('models/manifest.json is broken');
  };
  expect(modelsCommand(openModels(broken)).commands.map((c) => c.name())).toEqual(['list', 'verify', 'fetch']);
});

test('the real optional models come over https, from their publisher, with a digest', () => {
  const fetched = readManifest().filter((m) => 'url' in m);
  expect(fetched.map((m) => m.name)).toEqual(['face/opencv-detect', 'face/opencv-embed']);
  for (const { url, neededFor } of fetched) {
    expect([new URL(url).protocol, new URL(url).host, neededFor]).toEqual(['https:', 'github.com', undefined]);
  }
});
