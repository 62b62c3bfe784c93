/** The first picture of a stream, for a person who looks at a camera once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import type { CameraLogin } from '../../../gateway/contracts/onvif.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { killGroup } from '../../shared/process-group.ts';
import { explainStderr } from '../rtsp/causes.ts';
import { inputScript } from '../rtsp/command.ts';
import { openRelay } from '../rtsp/login-relay.ts';

/** A key frame comes within 10 s of nearly every camera. */
const MAX_WAIT_MS = 15_000;
const MAX_PICTURE_BYTES = 16 * 2 ** 20;
const MAX_STDERR = 8_192;

/** JPEG in the size of the stream. The address reaches ffmpeg by its standard input: arguments can be read by all users. */
export async function firstPicture(url: string, login: CameraLogin | undefined): Promise<Uint8Array> {
  const input = ['-protocol_whitelist', 'pipe,rtsp,tcp,rtp,udp', '-f', 'concat', '-safe', '0', '-i', 'pipe:0'];
  const output = ['-map', '0:v:0', '-frames:v', '1', '-q:v', '2', '-c:v', 'mjpeg', '-f', 'image2pipe', 'pipe:1'];
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', ...input, ...output];
  const relay = login && (await openRelay(url, login));
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const timer = setTimeout(() => killGroup(child), MAX_WAIT_MS);
  const chunks: Buffer[] = [];
  let [size, said] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_PICTURE_BYTES) killGroup(child);
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => void (said = (said + chunk.toString('utf8')).slice(-MAX_STDERR)));
  // ffmpeg may have ended before it has read its script.
  child.stdin.on('error', () => undefined);
  child.stdin.end(inputScript(relay?.url ?? url));
  try {
    await once(child, 'close');
  } catch {
    throw new CameraError(english('ffmpeg-missing'));
  } finally {
    clearTimeout(timer);
    relay?.close();
  }
  if (size > 0 && size <= MAX_PICTURE_BYTES && child.exitCode === 0) return Buffer.concat(chunks);
  const isLate = child.signalCode !== null && size === 0;
  if (relay?.failure) throw relay.failure;
  throw isLate
    ? new CameraError(english('camera-stalled-first', { seconds: MAX_WAIT_MS / 1000 }))
    : explainStderr(said, false);
}
