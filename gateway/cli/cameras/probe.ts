/** `sitebox cameras probe`: what one camera is, what to change in it, a picture, and the lines for the configuration. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { isHostName } from '../../contracts/hosts.ts';
import type { CameraAddress, CameraDescription, CameraStream, Onvif } from '../../contracts/onvif.ts';
import { inLanguage } from '../../contracts/words/words.ts';
import { say, spoken } from '../language.ts';
import { person } from '../options.ts';
import { Verb } from '../verb.ts';
import { keepCard } from './card.ts';
import { chooseStream, codecName, rounded, type StreamChoice } from './choice.ts';
import { configurationOf } from './configuration.ts';
import { askLogin, keepPassword } from './login.ts';
import { lookAt, type PictureReport } from './look.ts';
import { orStop } from './refusal.ts';

/** From here on a clock is said to be off. */
const MAX_CLOCK_OFFSET_S = 5;

interface Options {
  readonly user?: string;
  readonly passwordFile?: string;
  readonly picture?: string;
  readonly keep?: string;
  readonly config?: string;
  readonly by?: string;
  readonly json: boolean;
}

export function probeVerb(onvif: Onvif, worker: URL): Verb {
  return new Verb('probe', 'help-cameras-probe')
    .argument('<address>', say('help-cameras-address'), cameraAddress)
    .option('--user <name>', say('help-cameras-user'))
    .option('--password-file <file>', say('help-cameras-password-file'))
    .option('--picture <file>', say('help-cameras-picture'))
    .option('--keep <camera>', say('help-cameras-keep'))
    .option('--config <file>', say('help-config'))
    .option('--by <name>', say('help-by'), person)
    .option('--json', say('help-cameras-json'), false)
    .action(async (address: CameraAddress, options: Options, command: Command) => {
      const { user, passwordFile, picture: file, keep: id, config, by: who, json } = options;
      if ((user === undefined) !== (passwordFile === undefined)) command.error(say('cameras-user-and-password'));
      const keep = id !== undefined && config !== undefined && who !== undefined ? { id, config, who } : undefined;
      if (!keep && [id, config, who].some((given) => given !== undefined)) command.error(say('cameras-keep-needs'));
      const login = await askLogin(user, passwordFile);
      const camera = await orStop(onvif.describe(address, login));
      keepPassword(login);
      if (keep) await keepCard(camera.identity, keep);
      const choice = chooseStream(camera.streams);
      const picture = choice && file !== undefined ? await lookAt({ onvif, worker, choice, login, file }) : undefined;
      const yaml = choice && configurationOf(address, camera, choice, login);
      if (json) console.log(JSON.stringify({ ...camera, ...chosen(choice), picture, yaml }, undefined, 2));
      else for (const line of linesOf(camera, choice, picture, yaml)) console.log(line);
    });
}

/** `192.168.1.64` or `192.168.1.64:8000`. */
function cameraAddress(text: string): CameraAddress {
  const [, host = '', port = '80'] = /^([^:/@\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (!isHostName(host) || Number(port) < 1 || Number(port) > 65_535)
    throw new InvalidArgumentError(say('cameras-address-form'));
  return { host, port: Number(port) };
}

function chosen(choice: StreamChoice | undefined): object {
  return choice ? { take: choice.stream.name, advice: choice.advice.map((one) => inLanguage(one, 'en')) } : {};
}

function linesOf(
  camera: CameraDescription,
  choice: StreamChoice | undefined,
  picture: PictureReport | undefined,
  yaml: string | undefined,
): string[] {
  const { identity, clockOffsetS, streams } = camera;
  return [
    say('cameras-identity', { ...identity, mac: identity.mac ?? '-' }),
    clockLine(clockOffsetS),
    ...streams.map(streamLine),
    ...(choice ? [say('cameras-take', { name: choice.stream.name, why: choice.why })] : [say('cameras-take-none')]),
    ...(choice?.advice.map((one) => `  ${spoken(one)}`) ?? []),
    ...(picture?.lines() ?? []),
    ...(yaml === undefined ? [] : ['', say('cameras-yaml'), yaml]),
  ];
}

function clockLine(offsetS: number): string {
  const seconds = Math.abs(offsetS);
  if (seconds <= MAX_CLOCK_OFFSET_S) return say('cameras-clock-right', { seconds });
  return say('cameras-clock-off', { seconds, way: say(offsetS > 0 ? 'cameras-ahead' : 'cameras-behind') });
}

function streamLine({ name, codec, width, height, fps, keyFrameEveryS, kilobitsPerS }: CameraStream): string {
  const number = (value: number | undefined): string => (value === undefined ? '?' : rounded(value));
  const [interval, rate] = [number(keyFrameEveryS), number(kilobitsPerS)];
  return say('cameras-stream', { name, codec: codecName(codec), width, height, fps: number(fps), interval, rate });
}
