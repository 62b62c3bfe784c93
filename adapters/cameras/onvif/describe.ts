/** What a camera is and which streams it has: calls in order, and their answers cut down to what the box uses. */
import { z } from 'zod';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import type {
  CameraAddress,
  CameraDescription,
  CameraIdentity,
  CameraLogin,
  CameraStream,
} from '../../../gateway/contracts/onvif.ts';
import { plainText } from '../../../gateway/contracts/text.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { OnvifClient, SoapError } from './client.ts';
import { isOpen } from './discovery.ts';
import { macOf } from './mac.ts';

const MAX_STREAMS = 8;
const MAX_TEXT = 80;
/** All calls together. */
const MAX_DESCRIBE_MS = 30_000;

const RTSP_PORT = 554;

export async function describeCamera(
  address: CameraAddress,
  login: CameraLogin | undefined,
  rtspPort = RTSP_PORT,
): Promise<CameraDescription> {
  const client = new OnvifClient(address, login, AbortSignal.timeout(MAX_DESCRIBE_MS));
  try {
    const clockOffsetS = await openServices(client).catch(async (error: unknown) => {
      throw isNoOnvif(error, address) && (await isOpen(address.host, rtspPort))
        ? new CameraError(english('onvif-only-rtsp', { ...address }))
        : error;
    });
    const identity = await identify(client);
    return { identity, clockOffsetS, streams: await streamsOf(client) };
  } catch (error) {
    if (!client.signal.aborted) throw error;
    throw new CameraError(english('onvif-no-answer', { ...address, seconds: MAX_DESCRIBE_MS / 1000 }));
  }
}

function isNoOnvif(error: unknown, address: CameraAddress): boolean {
  const nothing = english('onvif-nothing-listens', { ...address });
  return (
    error instanceof CameraError &&
    [nothing, english('onvif-not-onvif', { ...address, fault: '' })].includes(error.message)
  );
}

/** Before all other calls: the clock, from which logins take their time, and where the services are. Gives the clock less that of the box, seconds. */
export async function openServices(client: OnvifClient): Promise<number> {
  const { camera, address } = client;
  const time = await client
    .ask<Date>((done) => camera.getSystemDateAndTime(done))
    .catch(otherwise('onvif-not-onvif', address));
  if (!(time instanceof Date) || Number.isNaN(time.getTime()))
    throw new CameraError(english('onvif-not-onvif', { ...address, fault: '' }));
  const offsetS = Math.round((time.getTime() - Date.now()) / 1000);
  await client
    .ask((done) => camera.getServices(false, done))
    .catch((error: unknown) => {
      if (!(error instanceof SoapError)) throw error;
      // The first version of the standard has no GetServices.
      return client.ask((done) => camera.getCapabilities(done));
    })
    .catch(otherwise('onvif-no-services', address));
  return offsetS;
}

/** As xml2js gives elements without attributes: what is there once is an array of one. */
const text = z
  .tuple([z.string()], z.unknown())
  .transform(([value]) => plainText(value, MAX_TEXT))
  .catch('');
const information = z.object({
  getDeviceInformationResponse: z
    .array(z.object({ manufacturer: text, model: text, firmwareVersion: text, serialNumber: text }))
    .min(1),
});

/** Read from the answer itself: the library makes numbers of serial numbers, and rounds them. */
export async function identify(client: OnvifClient): Promise<CameraIdentity> {
  const body = '<GetDeviceInformation xmlns="http://www.onvif.org/ver10/device/wsdl"/>';
  const answer = await client
    .request({ service: 'device', body })
    .catch(otherwise('onvif-no-identity', client.address));
  const { data } = information.safeParse(answer);
  if (!data) throw new CameraError(english('onvif-no-identity', { ...client.address, fault: '' }));
  const {
    manufacturer: maker,
    model,
    firmwareVersion: firmware,
    serialNumber: serial,
  } = data.getDeviceInformationResponse[0]!;
  const { host } = client.address;
  return { maker, model, firmware, serial, address: host, mac: macOf(host) };
}

const amount = z.number().positive().max(1e6).optional().catch(undefined);
const name = z.union([z.string(), z.number()]).transform((value) => plainText(String(value), MAX_TEXT));
const profile = z.object({
  $: z.object({ token: name }),
  name: name.catch(''),
  videoEncoderConfiguration: z.object({
    encoding: name,
    resolution: z.object({
      width: z.number().int().positive().max(20_000),
      height: z.number().int().positive().max(20_000),
    }),
    rateControl: z
      .object({ frameRateLimit: amount, bitrateLimit: amount })
      .catch({ frameRateLimit: undefined, bitrateLimit: undefined }),
    H264: z.object({ govLength: amount }).optional().catch(undefined),
    $: z
      .object({ GovLength: z.coerce.number().positive().max(1e6).optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
});

async function streamsOf(client: OnvifClient): Promise<CameraStream[]> {
  const { camera, address } = client;
  const ask = (): Promise<unknown> => client.ask((done) => camera.getProfiles(done));
  const profiles = await ask()
    .catch((error: unknown) => {
      if (!camera.media2Support || !(error instanceof SoapError)) throw error;
      // Some cameras announce the second media service, and answer nothing in it.
      camera.media2Support = false;
      return ask();
    })
    .catch(otherwise('onvif-no-streams', address));
  const known = z
    .array(z.unknown())
    .catch([])
    .parse(profiles)
    .flatMap((one) => {
      const { data } = profile.safeParse(one);
      return data ? [data] : [];
    });
  if (known.length === 0) throw new CameraError(english('onvif-no-streams', { ...address, fault: '' }));
  const streams: CameraStream[] = [];
  for (const one of known.slice(0, MAX_STREAMS)) streams.push(await streamOf(client, one));
  return streams;
}

async function streamOf(client: OnvifClient, one: z.infer<typeof profile>): Promise<CameraStream> {
  const { encoding, resolution, rateControl, H264, $ } = one.videoEncoderConfiguration;
  const profileToken = one.$.token;
  const answer = await client
    .ask<{ uri?: unknown }>((done) =>
      client.camera.getStreamUri({ protocol: 'RTSP', stream: 'RTP-Unicast', profileToken }, done as never),
    )
    .catch((error: unknown) => {
      if (error instanceof SoapError) return undefined;
      throw error;
    });
  const fps = rateControl.frameRateLimit;
  const pictures = H264?.govLength ?? $?.GovLength;
  return {
    name: one.name || profileToken,
    codec: encoding.toUpperCase(),
    ...resolution,
    fps,
    keyFrameEveryS: fps === undefined || pictures === undefined ? undefined : pictures / fps,
    kilobitsPerS: rateControl.bitrateLimit,
    url: addressOf(answer?.uri ?? answer, client.address.host),
  };
}

/** The address of a stream, on the host that was asked: a camera behind a router, or one that was moved, writes another. Undefined for what is no RTSP. */
export function addressOf(uri: unknown, host: string): string | undefined {
  if (typeof uri !== 'string' || uri.length > 500 || !URL.canParse(uri) || !/^rtsp:\/\//i.test(uri)) return undefined;
  const url = new URL(uri);
  url.username = '';
  url.password = '';
  url.hostname = host;
  return /[\s'\\]/.test(url.href) ? undefined : url.href;
}

/** For what was answered with a fault, or with something else: a sentence of its own. */
function otherwise(
  code: 'onvif-not-onvif' | 'onvif-no-services' | 'onvif-no-identity' | 'onvif-no-streams',
  address: CameraAddress,
): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof SoapError)) throw error;
    throw new CameraError(english(code, { ...address, fault: error.message === '' ? '' : ` (${error.message})` }));
  };
}
