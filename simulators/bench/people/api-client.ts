/** A person at a screen in the network of a box: TLS by the authority of the box, cookies, and one connection that stays open. */
import { Agent, request, type RequestOptions } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly ms: number;
  readonly body: Buffer;
  /** Empty where the body is no JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The box answers one address 120 writes a minute; a client that asks for more goes on from another address. */
const MAX_CALLS_PER_ADDRESS = 100;
const MAX_ADDRESSES = 200;

export class ApiClient {
  readonly #url: string;
  readonly #ca: string;
  readonly #network: number;
  readonly #cookies = new Map<string, string>();
  #csrfToken: string | undefined;
  #agent: Agent | undefined;
  #addresses = 0;
  #calls = 0;

  /** `network`: its addresses are those of 127.`network`.0.0/24. */
  constructor(url: string, ca: string, network: number) {
    this.#url = url;
    this.#ca = ca;
    this.#network = network;
  }

  async logIn(serviceNumber: string, password: string): Promise<void> {
    const { status, json, body } = await this.call('POST', '/api/v1/sessions', { serviceNumber, password });
    if (status !== 201) throw new Error(`the box let nobody in: ${status} ${body.toString()}`);
    this.#csrfToken = json['csrfToken'] as string;
  }

  /** The connection is open before the time begins. */
  async call(method: string, path: string, body?: object): Promise<ApiAnswer> {
    if (this.#agent === undefined || this.#calls >= MAX_CALLS_PER_ADDRESS) await this.#move();
    this.#calls++;
    return this.#send(method, path, body);
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #move(): Promise<void> {
    this.close();
    this.#addresses = (this.#addresses % MAX_ADDRESSES) + 1;
    this.#calls = 0;
    const localAddress = `127.${this.#network}.0.${this.#addresses}`;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ca: this.#ca, localAddress });
    await this.#send('GET', '/health');
  }

  async #send(method: string, path: string, body?: object): Promise<ApiAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      ...(this.#agent ? { agent: this.#agent } : {}),
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(this.#csrfToken === undefined ? {} : { 'csrf-token': this.#csrfToken }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    };
    const start = performance.now();
    const sent = request(new URL(path, this.#url), options).end(text);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    this.#keepCookies(response);
    // A stream of events does not end.
    const isStream = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
    const pieces: Buffer[] = [];
    if (isStream) response.destroy();
    else for await (const piece of response) pieces.push(piece as Buffer);
    const ms = performance.now() - start;
    const whole = Buffer.concat(pieces);
    const isJson = whole.length > 0 && (response.headers['content-type']?.includes('json') ?? false);
    const json = isJson ? (JSON.parse(whole.toString()) as ApiAnswer['json']) : {};
    return { status: response.statusCode ?? 0, ms, body: whole, json };
  }

  #keepCookies({ headers }: IncomingMessage): void {
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
  }
}
