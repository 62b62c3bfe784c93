/** aedes with everything decided: who comes in, what may be said, what is on disk before it is acknowledged. */
import type { EventEmitter } from 'node:events';
import { Aedes, type AedesOptions, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import type { EquipmentHost, CrewRefusal, Equipment } from '../../../gateway/contracts/crew.ts';
import { Malformed, mayPublish, maySubscribe, oddOf, readMessage, readTopic, type Said } from '../topics/codec.ts';
import type { BrokerLimits } from './config.ts';
import { guardStream, openBucket, type Bucket, type Guard } from './guard.ts';
import { takeCall, takeLeftOver } from './left-over.ts';
import type { Caller } from './listeners.ts';
import { CONNACK, logIn, openTurns, type Refusal, type Will } from './login.ts';
import { openNothing } from './null-persistence.ts';
import { openSessions, type Session, type Sessions } from './sessions.ts';

const LOGINS_AT_ONCE = 8;
const TOPIC_LEVELS = 8;
/** MQTT 3.1 would stop at 23; ids of devices have up to 32. */
const CLIENT_ID_BYTES = 32;
/** A device that does not fetch its answers. */
const DRAIN_MS = 10_000;
/** A body-cam needs one, a remote control half a dozen. */
const MAX_SUBSCRIPTIONS = 32;
/** The guard holds back what comes before login is answered: nothing ever queues in aedes. */
const QUEUE = 1;
const SWEEP_MS = 2_000;
/** How aedes names ends that are nobody's mistake. */
const QUIET = new Set(['keep alive timeout', 'drain timeout', 'connection closed', 'not logged in']);

export interface Broker {
  serve(this: void, caller: Caller): void;
  readonly deliver: NonNullable<Equipment['deliver']>;
  /** Ends all connections. Nothing is said to the host afterwards. */
  close(): Promise<void>;
}

/** One connection. */
interface Link {
  readonly caller: Caller;
  readonly guard: Guard;
  connect: { readonly clientId: string; readonly will: Will | undefined } | undefined;
  session: Session | undefined;
  /** It is being closed for a reason that has been counted; what aedes says of it is no news. */
  refused: boolean;
  /** It ends because of a packet, and what came behind that one was not looked at. */
  cutShort: boolean;
}

interface Parts {
  readonly host: EquipmentHost;
  readonly limits: BrokerLimits;
  readonly sessions: Sessions;
  readonly links: WeakMap<object, Link>;
  /** Counts, once for a connection, and gives the error with which aedes closes it without an answer. */
  readonly refuse: (link: Link, why: CrewRefusal) => Error;
  readonly knocked: (link: Link, name: string) => void;
  /** A mistake of the box, and none of the device: it hears "server unavailable" and comes again. */
  readonly notJudged: (link: Link, error: unknown, user: string | undefined) => void;
}

/** `lose` is called when aedes itself fails. */
export async function openAedes(
  host: EquipmentHost,
  limits: BrokerLimits,
  lose: (error: Error) => void,
): Promise<Broker> {
  const links: Parts['links'] = new WeakMap();
  const sessions = openSessions(host);
  let closed = false;
  const refuse: Parts['refuse'] = (link, why) => {
    if (!closed && !link.refused) host.refused(why, link.session?.device);
    link.refused = true;
    return new Error(why);
  };
  const knocked: Parts['knocked'] = ({ caller }, name) => {
    if (!closed) host.loginFailed(name, caller.address);
  };
  const notJudged: Parts['notJudged'] = (link, error, user) => {
    if (!closed && !link.refused) host.loginError(error, link.caller.certificate ?? user);
    link.refused = true;
  };
  const parts = { host, limits, sessions, links, refuse, knocked, notJudged };
  const acknowledged = (client: object, messageId: number): void => {
    const session = links.get(client)?.session;
    if (session) sessions.acknowledged(session, messageId);
  };
  const aedes = await Aedes.createBroker({
    ...openNothing(acknowledged),
    connectTimeout: limits.connectS * 1000,
    drainTimeout: DRAIN_MS,
    queueLimit: QUEUE,
    maxTopicLevels: TOPIC_LEVELS,
    maxClientsIdLength: CLIENT_ID_BYTES,
    ...handlers(parts),
  });
  watch(aedes, parts);
  (aedes as EventEmitter).on('error', lose);
  const sweeping = setInterval(sessions.sweep, SWEEP_MS);
  return {
    serve(caller) {
      const guard = guardStream(caller.stream, limits.loginBytes, (why, begun) => {
        const device = link.session && host.device(link.session.device);
        if (begun && device && !closed) takeCall(host, device, begun);
        // Being slowed down is no end of a connection.
        if (why !== 'too fast') refuse(link, why);
        else if (!closed) host.refused(why, link.session?.device);
      });
      const link: Link = { caller, guard, connect: undefined, session: undefined, refused: false, cutShort: false };
      links.set(aedes.handle(caller.stream), link);
      caller.stream.once('close', () => {
        if (!link.session) return;
        const device = host.device(link.session.device);
        if (device && !closed) takeLeftOver(host, device, guard.unsettled(link.cutShort ? 'last turn' : 'unfinished'));
        sessions.end(link.session);
      });
    },
    deliver: sessions.deliver,
    async close() {
      clearInterval(sweeping);
      sessions.close();
      closed = true;
      await new Promise<void>((done) => aedes.close(done));
    },
  };
}

function handlers(parts: Parts): AedesOptions {
  const { host, limits, sessions, links, refuse, knocked, notJudged } = parts;
  const inTurn = openTurns(LOGINS_AT_ONCE);
  return {
    preConnect(client, packet, done) {
      const link = links.get(client)!;
      link.connect = { clientId: packet.clientId, will: packet.will as Will | undefined };
      // That a device has gone is known without its will; and nothing is kept between its connections, whatever it asks for.
      delete packet.will;
      packet.clean = true;
      packet.keepalive = Math.min(packet.keepalive || limits.keepaliveS, limits.keepaliveS);
      done(null, true);
    },
    authenticate(client, user, password, done) {
      const link = links.get(client)!;
      const { clientId = '', will } = link.connect ?? {};
      const connect = { clientId, will, user, password, certificate: link.caller.certificate };
      // Whoever has said more before it went is looked at all the same: it may have called for help.
      const gone = (): boolean => client.closed && link.guard.rest().length === 0;
      let answered = false;
      const answer: typeof done = (error, success) => {
        answered = true;
        done(error, success);
      };
      inTurn(gone, () => logIn(connect, host, (name) => knocked(link, name)))
        .catch((error: unknown) => {
          notJudged(link, error, user);
          return CONNACK.unavailable;
        })
        .then((outcome) => {
          if (outcome === undefined || gone()) return;
          if (client.closed) {
            if (typeof outcome !== 'number') takeLeftOver(host, outcome, link.guard.rest());
            return;
          }
          if (typeof outcome === 'number') {
            refuse(link, 'login');
            return answer(loginError(outcome), null);
          }
          // Whatever a client calls itself, here it is its device: none can push another out by taking its name.
          client.id = outcome.id;
          link.session = sessions.begin(outcome, client, link.caller.address);
          answer(null, true);
        })
        .catch((error: unknown) => {
          notJudged(link, error, user);
          if (answered || client.closed) client.conn.destroy();
          else done(loginError(CONNACK.unavailable), null);
        });
    },
    authorizePublish: (client, packet, done) => done(client ? publish(parts, client, packet) : null),
    authorizeSubscribe(client, subscription, done) {
      const allowed = subscribe(parts, client, subscription.topic, subscription.qos);
      // null becomes 128 in SUBACK.
      done(null, allowed ? subscription : null);
    },
    authorizeForward(client, packet) {
      const session = links.get(client)?.session;
      return session ? Object.assign(packet, { messageId: session.messageId }) : null;
    },
  };
}

const loginError = (returnCode: Refusal): AuthenticateError =>
  Object.assign(new Error('login refused'), { returnCode: returnCode });

/**
 * What a device says. aedes acknowledges after this returned null, and closes the connection without acknowledging where it returns an error
 * (MQTT 3.1.1 knows no other answer): so what must not be lost is on disk in between.
 */
function publish({ host, sessions, links, refuse }: Parts, client: Client, packet: PublishPacket): Error | null {
  const link = links.get(client)!;
  const { session } = link;
  if (!session || link.refused) return new Error('not logged in');
  const device = host.device(session.device);
  if (!device) return refuse(link, 'unknown device');
  const { topic, qos, retain, payload } = packet;
  const known = mayPublish(device, topic, qos, retain) ? readTopic(topic) : undefined;
  if (!known) {
    link.cutShort = true;
    return refuse(link, 'not allowed');
  }
  let said: Said;
  try {
    said = readMessage(known, payload as Buffer, Date.now(), device.id);
  } catch (error) {
    // Sent again it would be no better: it is acknowledged, counted and passed over.
    host.refused('malformed', device.id, error instanceof Malformed ? oddOf(error) : undefined);
    return null;
  }
  try {
    if ('report' in said) host.report(said.report);
    if ('sos' in said) host.sos(said.sos);
    if ('answer' in said) host.orderAnswer(said.answer);
  } catch {
    return refuse(link, 'not stored');
  }
  if ('presence' in said) sessions.says(session, said.presence);
  if ('reply' in said) sessions.reply(session, said.reply);
  return null;
}

function subscribe({ host, links }: Parts, client: Client, filter: string, qos: number): boolean {
  const session = links.get(client)?.session;
  const device = session && host.device(session.device);
  if (!device) return false;
  const listens = session.filters;
  const room = listens.has(filter) || listens.size < MAX_SUBSCRIPTIONS;
  // Messages to a body-cam are told to be delivered when it has acknowledged them, which it does not at QoS 0.
  const acknowledges = qos > 0 || device.protocol === 'dji';
  if (room && acknowledges && maySubscribe(device, filter)) return true;
  host.refused('not allowed', device.id);
  return false;
}

function watch(aedes: Aedes, { limits, sessions, links, refuse }: Parts): void {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (device: string): Bucket => {
    const bucket = buckets.get(device) ?? openBucket(limits);
    buckets.set(device, bucket);
    return bucket;
  };
  aedes.on('clientReady', (client) => {
    const link = links.get(client);
    if (!link?.session) return;
    link.caller.loggedIn();
    link.guard.open(limits.packetBytes, bucketOf(link.session.device));
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const session = links.get(client)?.session;
    if (!session) return;
    for (const { topic, qos } of subscriptions) if ((qos as number) < 128) session.filters.add(topic);
    sessions.listens(session);
  });
  aedes.on('unsubscribe', (filters, client) => {
    const session = links.get(client)?.session;
    if (!session) return;
    for (const filter of filters) session.filters.delete(filter);
    sessions.listens(session);
  });
  const broken = (client: Client, error: NodeJS.ErrnoException & { errorCode?: number }): void => {
    const link = links.get(client);
    if (!link || error.code !== undefined || QUIET.has(error.message)) return;
    if (!link.refused) link.cutShort = true;
    refuse(link, link.session ? 'malformed' : 'login');
  };
  aedes.on('clientError', broken);
  aedes.on('connectionError', broken);
}
