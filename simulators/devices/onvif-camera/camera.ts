/** A camera made of software that speaks ONVIF over HTTP: device, media and events, with the faults of real ones. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveHttp } from '../../product/loopback.ts';
import { answerOf, envelope, fault, type DeviceAnswers, type SimulatedStream } from './answers.ts';
import { Subscriptions, type SubscriptionOptions } from './subscriptions.ts';
import { DIGEST_CHALLENGE, hasDigest, hasToken, type Account } from './login.ts';

/**
 * garbage: JSON · html: the page of a router · half: breaks off · huge: 5 MB · redirect: to HTTPS · refuse: no login is good (401) ·
 * locked: too many wrong logins · silent: takes the message and says nothing · entities: XML that grows.
 */
export type OnvifFault =
  'garbage' | 'html' | 'half' | 'huge' | 'redirect' | 'refuse' | 'locked' | 'silent' | 'entities';

export interface OnvifCameraOptions extends Partial<DeviceAnswers>, SubscriptionOptions {
  readonly account?: Account;
  /** Digest wants no token in the message, and does not look at one. `wsse` unless told. */
  readonly login?: 'wsse' | 'digest';
  /** Its clock less ours. */
  readonly clockOffsetS?: number;
  /** Damages what it answers. */
  readonly damage?: (answer: string) => string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
}

const MAIN: SimulatedStream = {
  token: 'main',
  codec: 'H264',
  width: 1920,
  height: 1080,
  fps: 25,
  govLength: 50,
  kilobitsPerS: 4096,
};
const SUB: SimulatedStream = { ...MAIN, token: 'sub', width: 640, height: 360, kilobitsPerS: 512 };

export async function startOnvifCamera(options: OnvifCameraOptions = {}) {
  const state: { fault: OnvifFault | undefined } = { fault: undefined };
  const subscriptions = new Subscriptions(options);
  const calls: string[] = [];
  let logins = 0;
  const now = (): Date => new Date(Date.now() + (options.clockOffsetS ?? 0) * 1000);
  const server = createServer((request, response) => void serve(request, response));
  const { port, close } = await serveHttp(server, options.port);
  const device: DeviceAnswers = {
    maker: 'Simulated',
    model: 'SB-1',
    serial: '00012345678901234567890',
    streams: [MAIN, SUB],
    // The address of the factory: the camera knows no other.
    servicesAt: 'http://192.168.1.64:80',
    streamsAt: 'rtsp://192.168.1.64:554/',
    media2: false,
    ...options,
  };

  const isLoggedIn = (request: IncomingMessage, body: string): boolean => {
    const { account, login = 'wsse' } = options;
    if (!account) return true;
    const given = login === 'wsse' ? body.includes('UsernameToken') : request.headers.authorization !== undefined;
    if (given) logins += 1;
    if (state.fault === 'refuse' || state.fault === 'locked') return false;
    return login === 'wsse'
      ? hasToken(body, account, now())
      : hasDigest(request.headers.authorization, account, request.url ?? '');
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const call = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '';
    calls.push(call);
    if (FAULTS[state.fault ?? '']?.(response)) return;
    const soap = (status: number, text: string): void => {
      response
        .writeHead(status, { 'Content-Type': 'application/soap+xml; charset=utf-8' })
        .end(options.damage?.(text) ?? text);
    };
    if (call !== 'GetSystemDateAndTime' && !isLoggedIn(request, body)) {
      if (state.fault === 'locked' && (request.headers.authorization ?? body).includes('sername'))
        return soap(403, fault('NotAuthorized', 'The account is locked, try again later'));
      if (options.login === 'digest')
        return void response.writeHead(401, { 'WWW-Authenticate': DIGEST_CHALLENGE }).end();
      return soap(400, fault('NotAuthorized', 'Sender not authorized'));
    }
    const said = await subscriptions.answer(call, request.url ?? '', body, device.servicesAt);
    const answer = said ?? answerOf(call, device, now(), body);
    soap(
      answer === undefined ? 400 : 200,
      answer === undefined ? fault('ActionNotSupported', 'Optional action not implemented') : envelope(answer),
    );
  };

  return {
    port,
    subscriptions,
    /** Names of the calls that came. */
    calls,
    /** Messages that came with a login. */
    get logins(): number {
      return logins;
    },
    fault(kind: OnvifFault | undefined): void {
      state.fault = kind;
    },
    close,
  };
}

const HUGE = `${'<a>'.repeat(10)}${'x'.repeat(5 * 2 ** 20)}`;

/** What some faults send in place of an answer. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => object>> = {
  garbage: (response) => response.writeHead(200).end('{"result":"ok"}'),
  html: (response) => response.writeHead(200).end('<!DOCTYPE html><html><body>Router login</body></html>'),
  half: (response) => {
    response.writeHead(200, { 'Content-Length': 2_000 }).write('<?xml version="1.0"?><s:Envelope');
    return setTimeout(() => response.destroy(), 20);
  },
  huge: (response) => response.writeHead(200).end(HUGE),
  redirect: (response) => response.writeHead(302, { Location: 'https://192.0.2.1/onvif/device_service' }).end(),
  silent: (response) => response,
  entities: (response) =>
    response
      .writeHead(200)
      .end(`<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1_000)}"><!ENTITY d "${'&b;'.repeat(1_000)}">]>${envelope('&d;')}`),
};
