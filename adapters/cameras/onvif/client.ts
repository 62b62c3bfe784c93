/**
 * One camera over ONVIF. The library writes and reads the messages; how they travel is decided here: its one method that sends is replaced, so that
 * no answer leads elsewhere, none is larger or later than we allow, and a login that was refused is never sent again.
 */
import { Cam } from 'onvif';
import { parseSOAPString } from 'onvif/lib/utils.js';
import { asError, CameraError } from '../../../gateway/contracts/errors.ts';
import type { CameraAddress, CameraLogin } from '../../../gateway/contracts/onvif.ts';
import { plainText } from '../../../gateway/contracts/text.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { ANSWER_MS, post, type SoapAnswer } from './transport.ts';

const DEVICE_PATH = '/onvif/device_service';
/** After the declarations of namespaces were taken out; the library's own pattern for them takes the square of what is left. */
const MAX_XMLNS = 50;
const MAX_FAULT_CHARS = 120;

/** What the library calls its own; of version 0.8.3. */
interface Library {
  uri?: Readonly<Record<string, { readonly path?: string | null } | undefined>>;
  media2Support?: boolean;
  username?: string;
  _request(message: LibraryRequest, answered: Answered): void;
  _requestPart2(message: LibraryRequest & { readonly action: string }, answered: Answered): void;
  _envelopeHeader(open?: boolean): string;
  _envelopeFooter(): string;
  digestAuth(challenges: readonly string[], request: { readonly method: string; readonly path: string }): string;
}

interface LibraryRequest {
  readonly service?: string;
  readonly url?: { readonly path?: string | null };
  readonly body: string;
}
type Answered = (error: Error | null, body?: unknown, xml?: string, status?: number) => void;

export interface OwnRequest {
  readonly service: 'device' | 'events';
  /** In the place of the service's own: of a subscription. */
  readonly path?: string;
  /** Further elements of the header. */
  readonly header?: string;
  readonly body: string;
  readonly timeoutMs?: number;
}

/** An answer that says no, or that is no answer to what was asked: another call may still work. */
export class SoapError extends Error {
  override readonly name = 'SoapError';
}

/** How the camera wants logins: learnt from its answer to a message without one, so that a wrong password is sent once and not in two forms. */
type LoginForm = 'wsse' | 'digest';

export class OnvifClient {
  /** The library's camera, for its calls: `client.ask((done) => client.camera.getServices(false, done))`. */
  readonly camera: Cam & Library;
  readonly address: CameraAddress;
  /** Ends what runs. */
  signal: AbortSignal;
  readonly #login: CameraLogin | undefined;
  #form: LoginForm | undefined;
  #refused: CameraError | undefined;
  #timeoutMs = ANSWER_MS;
  /** Ends the call under way: what the library throws in a callback belongs to it. */
  #failed: (error: unknown) => void = () => undefined;

  constructor(address: CameraAddress, login: CameraLogin | undefined, signal: AbortSignal) {
    this.address = address;
    this.signal = signal;
    this.#login = login;
    const account = login ? { username: login.user, password: login.password } : {};
    const { host: hostname, port } = address;
    const options = { hostname, port, ...account, autoconnect: false, preserveAddress: true, path: DEVICE_PATH };
    this.camera = new Cam(options) as Cam & Library;
    this.camera._requestPart2 = (message, answered) => this.#send(message, answered);
    const header = this.camera._envelopeHeader.bind(this.camera);
    this.camera._envelopeHeader = (open) => {
      // The library writes the name as it is.
      if (login) this.camera.username = escaped(login.user);
      try {
        return header(open);
      } finally {
        if (login) this.camera.username = login.user;
      }
    };
  }

  /** One call at a time. Rejects with a CameraError, a SoapError, or the reason of the signal. */
  ask<T>(call: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#failed = (error) =>
        reject(error instanceof CameraError || this.signal.aborted ? asError(error) : asSoapError(error));
      call((error, value) => (error ? this.#failed(error) : resolve(value as T)));
    });
  }

  /** A message that the library has not, or has with other times: what is in the body of the answer, as xml2js gives it. */
  async request({ service, path, header = '', body, timeoutMs = ANSWER_MS }: OwnRequest): Promise<unknown> {
    const { camera } = this;
    const envelope = `${camera._envelopeHeader(true)}${header}</s:Header><s:Body>${body}${camera._envelopeFooter()}`;
    const to = path === undefined ? (service === 'device' ? {} : { service }) : { url: { path } };
    this.#timeoutMs = timeoutMs;
    try {
      const found = await this.ask<unknown>((done) => camera._request({ ...to, body: envelope }, done));
      return (found as unknown[])[0];
    } finally {
      this.#timeoutMs = ANSWER_MS;
    }
  }

  #send(message: LibraryRequest & { readonly action: string }, answered: Answered): void {
    const tell = (...told: Parameters<Answered>): void => {
      try {
        answered.call(this.camera, ...told);
      } catch (error) {
        this.#failed(error);
      }
    };
    this.#exchange(message)
      .then(({ status, text }) =>
        parse(text, (error, body) => tell(error, error ? undefined : body, error ? '' : text, status)),
      )
      .catch((error: unknown) => tell(error as Error));
  }

  /** Without a login first, then in the form that the camera asks for. */
  async #exchange(message: LibraryRequest & { readonly action: string }): Promise<SoapAnswer> {
    if (this.#refused) throw this.#refused;
    const path = message.url?.path ?? this.camera.uri?.[message.service ?? '']?.path ?? DEVICE_PATH;
    const send = (body: string, authorization?: string): Promise<SoapAnswer> =>
      post(
        this.address,
        { path, action: message.action, body, authorization, timeoutMs: this.#timeoutMs },
        this.signal,
      );
    const bare = message.body.replace(/<Security .*?<\/Security>/s, '');
    const isWsse = this.#form === 'wsse' && bare !== message.body;
    const first = await send(isWsse ? message.body : bare);
    if (isWsse) return this.#unlessRefused(first);
    if (!wantsLogin(first)) return first;
    if (!this.#login) throw new CameraError(english('onvif-login-needed', { ...this.address }));
    const digests = first.challenges.filter((challenge) => /^digest\b/i.test(challenge));
    if (digests.length > 0) {
      this.#form = 'digest';
      return this.#unlessRefused(await send(bare, this.#authorization(digests, path)));
    }
    // The library asks for the time without a login, and once more with one.
    if (bare === message.body) return first;
    this.#form = 'wsse';
    return this.#unlessRefused(await send(message.body));
  }

  #authorization(challenges: readonly string[], path: string): string {
    try {
      return this.camera.digestAuth(challenges, { method: 'POST', path });
    } catch {
      throw new CameraError(english('onvif-other-login', { ...this.address }));
    }
  }

  /** What was sent with the login: refused once, it is not sent again. */
  #unlessRefused(answer: SoapAnswer): SoapAnswer {
    const isLocked = /lock|too many|try again later/i.test(answer.text);
    if (!wantsLogin(answer) && !(answer.status >= 400 && isLocked)) return answer;
    this.#refused = new CameraError(english(isLocked ? 'onvif-locked' : 'onvif-login-refused', { ...this.address }));
    throw this.#refused;
  }
}

/** HTTP says so in its status, WS-Security in a fault (ONVIF Core, 5.9). */
function wantsLogin({ status, text }: SoapAnswer): boolean {
  if (status === 401 || status === 403) return true;
  return status !== 200 && /not ?authorized|unauthorized|failedauthentication/i.test(text);
}

/** Document types are refused. Declarations of namespaces are taken out: nothing here reads them. */
function parse(text: string, done: (error: Error | null, body?: unknown) => void): void {
  const xml = text.replace(/\sxmlns(?::[\w.-]{1,64})?\s*=\s*(?:"[^"<]*"|'[^'<]*')/g, '');
  if (/<!(DOCTYPE|ENTITY)/i.test(xml) || xml.split('xmlns').length > MAX_XMLNS) return done(new SoapError());
  parseSOAPString(xml, (error, body) => done(error ? asSoapError(error) : null, body), 200);
}

/** Of what the library says, the fault alone is the camera's own: the rest tells how its code failed. */
function asSoapError(error: unknown): SoapError {
  if (error instanceof SoapError) return error;
  const [, fault = ''] = /^ONVIF SOAP Fault: (.*)$/s.exec((error as Error).message) ?? [];
  return new SoapError(plainText(fault, MAX_FAULT_CHARS));
}

export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };
  return text.replace(/[<>&"]/g, (character) => names[character]!);
}
