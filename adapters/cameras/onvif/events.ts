/** Listens to what one camera says of itself: one subscription (PullPoint), renewed at half its time and ended at the stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../../../gateway/contracts/base.ts';
import { CameraError } from '../../../gateway/contracts/errors.ts';
import { isHostName } from '../../../gateway/contracts/hosts.ts';
import type { CameraAddress, CameraEvents, CameraListener, CameraLogin } from '../../../gateway/contracts/onvif.ts';
import { timerMs } from '../../../gateway/contracts/timers.ts';
import { english } from '../../../gateway/contracts/words/words.ts';
import { loginKeys, passwordHasUser } from '../address.ts';
import { escaped, OnvifClient, SoapError } from './client.ts';
import { identify, openServices } from './describe.ts';
import { eventsOf } from './events.codec.ts';

/** Cameras of one maker close a pull that waits for 10 s. */
const PULL_S = 5;
/** An event service can fall silent without closing: then the subscription begins anew. */
const PULL_MS = 2 * PULL_S * 1000;
/** A camera that answers each pull at once is not asked without a pause. */
const MIN_PULL_MS = 1_000;
/** A camera that we lost forgets the subscription after this: some have room for one only. */
const TERMINATION_S = 60;
const RENEW_MS = (TERMINATION_S * 1000) / 2;
const MAX_UNSUBSCRIBE_MS = 2_000;
const MAX_MESSAGES = 50;

const EVENTS = 'http://www.onvif.org/ver10/events/wsdl';
const NOTIFICATION = 'http://docs.oasis-open.org/wsn/b-2';

const ownKeys = z
  .strictObject({
    ...loginKeys,
    host: z
      .string()
      .refine((name) => isHostName(name), english('config-host'))
      .optional(),
    port: z.number().int().min(1).max(65_535).default(80),
  })
  .refine(...passwordHasUser);

/** The camera's entry: `url`, `user` and `password` of any kind of camera serve where `onvif` has none of its own. */
const cameraEntry = z
  .object({
    onvif: ownKeys,
    url: z.string().optional().catch(undefined),
    user: z.string().optional().catch(undefined),
    password: z.string().optional().catch(undefined),
  })
  .refine(({ onvif, url }) => hostOf(onvif.host, url) !== undefined, {
    path: ['onvif', 'host'],
    message: english('onvif-host-missing'),
  });

function hostOf(own: string | undefined, url: string | undefined): string | undefined {
  if (own !== undefined) return own;
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : '';
  return host === '' ? undefined : host;
}

export function openEvents(camera: unknown, context: Pick<Context, 'check' | 'secret'>): CameraEvents {
  const entry = camera as { readonly onvif?: unknown };
  const { onvif, url, user, password } = context.check(
    cameraEntry,
    entry.onvif === true ? { ...entry, onvif: {} } : entry,
  );
  const isOwn = onvif.user !== undefined;
  const name = isOwn ? onvif.user : user;
  const reference = isOwn ? onvif.password : password;
  const secret = reference === undefined ? '' : context.secret(reference, isOwn ? 'onvif.password' : 'password');
  const login = name === undefined ? undefined : { user: name, password: secret };
  const address = { host: hostOf(onvif.host, url)!, port: onvif.port };
  return { run: (heard, signal) => listen(address, login, heard, signal) };
}

async function listen(
  address: CameraAddress,
  login: CameraLogin | undefined,
  heard: CameraListener,
  signal: AbortSignal,
): Promise<void> {
  const client = new OnvifClient(address, login, signal);
  try {
    await openServices(client);
    const identity = await identify(client);
    const subscription = await subscribe(client);
    try {
      heard.subscribed(identity);
      await pullAll(client, subscription, heard);
    } finally {
      await unsubscribe(client, subscription);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Rejects when the camera does not answer any more, or when the signal aborts. */
async function pullAll(client: OnvifClient, subscription: Subscription, heard: CameraListener): Promise<void> {
  const body = `<PullMessages xmlns="${EVENTS}"><Timeout>PT${PULL_S}S</Timeout><MessageLimit>${MAX_MESSAGES}</MessageLimit></PullMessages>`;
  let renewedAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const answer = await client.request({ ...subscription, body, timeoutMs: PULL_MS }).catch(ended(client));
    for (const event of eventsOf(answer)) heard.event(event);
    if (performance.now() - renewedAt >= RENEW_MS) {
      const renew = `<Renew xmlns="${NOTIFICATION}"><TerminationTime>PT${TERMINATION_S}S</TerminationTime></Renew>`;
      await client.request({ ...subscription, body: renew }).catch(ended(client));
      renewedAt = performance.now();
    }
    await sleep(timerMs(askedAt + MIN_PULL_MS - performance.now()), undefined, { signal: client.signal });
  }
}

/** Where messages of a subscription go, and what they carry. */
interface Subscription {
  readonly service: 'events';
  readonly path: string;
  readonly header: string;
}

/** As xml2js gives elements: text alone, or text beside attributes. */
const text = z.union([z.string(), z.object({ _: z.string() }).transform(({ _ }) => _)]);
const one = <T extends z.ZodType>(part: T) => z.tuple([part], z.unknown());
const created = z.object({
  createPullPointSubscriptionResponse: one(
    z.object({
      subscriptionReference: one(
        z.object({
          address: one(text),
          referenceParameters: one(z.object({ subscriptionId: one(text) }))
            .optional()
            .catch(undefined),
        }),
      ),
    }),
  ),
});

async function subscribe(client: OnvifClient): Promise<Subscription> {
  const { address: at, camera } = client;
  if (!camera.uri?.['events']) throw new CameraError(english('onvif-no-events', { ...at }));
  const body = `<CreatePullPointSubscription xmlns="${EVENTS}"><InitialTerminationTime>PT${TERMINATION_S}S</InitialTerminationTime></CreatePullPointSubscription>`;
  const answer = await client.request({ service: 'events', body }).catch((error: unknown) => {
    if (!(error instanceof SoapError)) throw error;
    const fault = error.message === '' ? '' : ` (${error.message})`;
    throw new CameraError(english('onvif-no-subscription', { ...at, fault }));
  });
  const { data } = created.safeParse(answer);
  const reference = data?.createPullPointSubscriptionResponse[0].subscriptionReference[0];
  const address = reference?.address[0].trim() ?? '';
  if (!reference || !URL.canParse(address))
    throw new CameraError(english('onvif-no-subscription', { ...at, fault: '' }));
  const { pathname, search } = new URL(address);
  // Axis tells its subscriptions apart by an element of the header.
  const id = reference.referenceParameters?.[0].subscriptionId[0];
  const own =
    id === undefined
      ? ''
      : `<SubscriptionId xmlns="http://www.axis.com/2009/event" a:IsReferenceParameter="true">${escaped(id)}</SubscriptionId>`;
  return { service: 'events', path: pathname + search, header: `<a:To>${escaped(address)}</a:To>${own}` };
}

/** Also of a camera that has gone: then its subscription lapses. */
async function unsubscribe(client: OnvifClient, subscription: Subscription): Promise<void> {
  client.signal = AbortSignal.timeout(MAX_UNSUBSCRIBE_MS);
  await client.request({ ...subscription, body: `<Unsubscribe xmlns="${NOTIFICATION}"/>` }).catch(() => undefined);
}

function ended({ address }: OnvifClient): (error: unknown) => never {
  return (error) => {
    throw error instanceof SoapError ? new CameraError(english('onvif-events-ended', { ...address })) : error;
  };
}
