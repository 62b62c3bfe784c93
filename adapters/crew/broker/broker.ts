/** aedes with everything decided: who comes in, what may be said, what is on disk before it is acknowledged. */
import type { EventEmitter } from 'node:events';
import { Aedes, type AedesOptions, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import type { EquipmentHost, CrewRefusal } from '../../../gateway/contracts/crew.ts';
import {
  Malformed,
  mayPublish,
  maySubscribe,
  oddOf,
  readMessage,
  readTopic,
  type DecodedMessage,
} from '../topics/codec.ts';
import type { BrokerLimits } from './config.ts';
import { guardStream, SendBudget, type StreamGuard } from './guard.ts';
import { salvageCall, salvageCalls } from './salvage.ts';
import type { MqttPeer } from './listeners.ts';
import { CONNACK, logIn, limitConcurrency, type ConnackCode, type Will } from './login.ts';
import { nullPersistence } from './null-persistence.ts';
import { openDeviceSessions, type DeviceSession, type DeviceSessions } from './sessions.ts';

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
/** How aedes names ends of connections that are no mistake. */
const QUIET = new Set(['keep alive timeout', 'drain timeout', 'connection closed', 'not logged in']);

export type CrewBroker = Awaited<ReturnType<typeof openCrewBroker>>;

/** One connection. */
interface Connection {
  readonly peer: MqttPeer;
  readonly guard: StreamGuard;
  connect: { readonly clientId: string; readonly will: Will | undefined } | undefined;
  session: DeviceSession | undefined;
  /** It is being closed for a reason that is counted already; what aedes reports of it is not counted again. */
  refused: boolean;
  /** It ends because of a packet, and what came behind that one was not looked at. */
  cutShort: boolean;
}

interface BrokerContext {
  readonly host: EquipmentHost;
  readonly limits: BrokerLimits;
  readonly sessions: DeviceSessions;
  readonly connections: WeakMap<object, Connection>;
  /** Counts, once for a connection, and gives the error with which aedes closes it without an answer. */
  readonly refuse: (connection: Connection, why: CrewRefusal) => Error;
  readonly loginFailed: (connection: Connection, name: string) => void;
  /** A fault of the box: the device gets "server unavailable" and comes again. */
  readonly loginError: (connection: Connection, error: unknown, user: string | undefined) => void;
}

/** `lose` is called when aedes itself fails. */
export async function openCrewBroker(host: EquipmentHost, limits: BrokerLimits, lose: (error: Error) => void) {
  const connections: BrokerContext['connections'] = new WeakMap();
  const sessions = openDeviceSessions(host);
  let closed = false;
  const refuse: BrokerContext['refuse'] = (connection, why) => {
    if (!closed && !connection.refused) host.refused(why, connection.session?.device);
    connection.refused = true;
    return new Error(why);
  };
  const loginFailed: BrokerContext['loginFailed'] = ({ peer }, name) => {
    if (!closed) host.loginFailed(name, peer.address);
  };
  const loginError: BrokerContext['loginError'] = (connection, error, user) => {
    if (!closed && !connection.refused) host.loginError(error, connection.peer.certificate ?? user);
    connection.refused = true;
  };
  const context = { host, limits, sessions, connections, refuse, loginFailed, loginError };
  const acknowledged = (client: object, messageId: number): void => {
    const session = connections.get(client)?.session;
    if (session) sessions.acknowledged(session, messageId);
  };
  const aedes = await Aedes.createBroker({
    ...nullPersistence(acknowledged),
    connectTimeout: limits.connectS * 1000,
    drainTimeout: DRAIN_MS,
    queueLimit: QUEUE,
    maxTopicLevels: TOPIC_LEVELS,
    maxClientsIdLength: CLIENT_ID_BYTES,
    ...handlers(context),
  });
  onClientEvents(aedes, context);
  (aedes as EventEmitter).on('error', lose);
  const sweeping = setInterval(sessions.sweep, SWEEP_MS);
  return {
    serve: (peer: MqttPeer): void => {
      const guard = guardStream(peer.stream, limits.loginBytes, (why, partial) => {
        const device = connection.session && host.device(connection.session.device);
        if (partial && device && !closed) salvageCall(host, device, partial);
        // Being slowed down is no end of a connection.
        if (why !== 'too fast') refuse(connection, why);
        else if (!closed) host.refused(why, connection.session?.device);
      });
      const connection: Connection = {
        peer,
        guard,
        connect: undefined,
        session: undefined,
        refused: false,
        cutShort: false,
      };
      connections.set(aedes.handle(peer.stream), connection);
      peer.stream.once('close', () => {
        if (!connection.session) return;
        const device = host.device(connection.session.device);
        if (device && !closed)
          salvageCalls(host, device, guard.unsettled(connection.cutShort ? 'last turn' : 'unfinished'));
        sessions.end(connection.session);
      });
    },
    deliver: sessions.deliver,
    /** Ends all connections. The host is not called afterwards. */
    async close(): Promise<void> {
      clearInterval(sweeping);
      sessions.close();
      closed = true;
      await new Promise<void>((done) => aedes.close(done));
    },
  };
}

function handlers(context: BrokerContext): AedesOptions {
  const { host, limits, sessions, connections, refuse, loginFailed, loginError } = context;
  const limited = limitConcurrency(LOGINS_AT_ONCE);
  return {
    preConnect(client, packet, done) {
      const connection = connections.get(client)!;
      connection.connect = { clientId: packet.clientId, will: packet.will as Will | undefined };
      // That a device has gone is known without its will; and nothing is kept between its connections, whatever it asks for.
      delete packet.will;
      packet.clean = true;
      packet.keepalive = Math.min(packet.keepalive || limits.keepaliveS, limits.keepaliveS);
      done(null, true);
    },
    authenticate(client, user, password, done) {
      const connection = connections.get(client)!;
      const { clientId = '', will } = connection.connect ?? {};
      const connect = { clientId, will, user, password, certificate: connection.peer.certificate };
      // A client that has sent more before it went is checked all the same: it may have called for help.
      const gone = (): boolean => client.closed && connection.guard.rest().length === 0;
      let answered = false;
      const answer: typeof done = (error, success) => {
        answered = true;
        done(error, success);
      };
      limited(gone, () => logIn(connect, host, (name) => loginFailed(connection, name)))
        .catch((error: unknown) => {
          loginError(connection, error, user);
          return CONNACK.unavailable;
        })
        .then((outcome) => {
          if (outcome === undefined || gone()) return;
          if (client.closed) {
            if (typeof outcome !== 'number') salvageCalls(host, outcome, connection.guard.rest());
            return;
          }
          if (typeof outcome === 'number') {
            refuse(connection, 'login');
            return answer(connackError(outcome), null);
          }
          // aedes knows a client by its device, whatever it calls itself: none can push another out by taking its name.
          client.id = outcome.id;
          connection.session = sessions.begin(outcome, client, connection.peer.address);
          answer(null, true);
        })
        .catch((error: unknown) => {
          loginError(connection, error, user);
          if (answered || client.closed) client.conn.destroy();
          else done(connackError(CONNACK.unavailable), null);
        });
    },
    authorizePublish: (client, packet, done) => done(client ? publish(context, client, packet) : null),
    authorizeSubscribe(client, subscription, done) {
      const allowed = subscribe(context, client, subscription.topic, subscription.qos);
      // null becomes 128 in SUBACK.
      done(null, allowed ? subscription : null);
    },
    authorizeForward(client, packet) {
      const session = connections.get(client)?.session;
      return session ? Object.assign(packet, { messageId: session.messageId }) : null;
    },
  };
}

const connackError = (returnCode: ConnackCode): AuthenticateError =>
  Object.assign(new Error('login refused'), { returnCode });

/**
 * What a device says. aedes acknowledges after this returned null, and closes the connection without acknowledging where it returns an error
 * (MQTT 3.1.1 knows no other answer): so what must not be lost is on disk in between.
 */
function publish(
  { host, sessions, connections, refuse }: BrokerContext,
  client: Client,
  packet: PublishPacket,
): Error | null {
  const connection = connections.get(client)!;
  const { session } = connection;
  if (!session || connection.refused) return new Error('not logged in');
  const device = host.device(session.device);
  if (!device) return refuse(connection, 'unknown device');
  const { topic, qos, retain, payload } = packet;
  const parsed = mayPublish(device, topic, qos, retain) ? readTopic(topic) : undefined;
  if (!parsed) {
    connection.cutShort = true;
    return refuse(connection, 'not allowed');
  }
  let decoded: DecodedMessage;
  try {
    decoded = readMessage(parsed, payload as Buffer, Date.now(), device.id);
  } catch (error) {
    // Sent again it would be no better: it is acknowledged, counted and passed over.
    host.refused('malformed', device.id, error instanceof Malformed ? oddOf(error) : undefined);
    return null;
  }
  try {
    if ('report' in decoded) host.report(decoded.report);
    if ('sos' in decoded) host.sos(decoded.sos);
    if ('answer' in decoded) host.orderAnswer(decoded.answer);
  } catch {
    return refuse(connection, 'not stored');
  }
  if ('presence' in decoded) sessions.announce(session, decoded.presence);
  if ('reply' in decoded) sessions.reply(session, decoded.reply);
  return null;
}

function subscribe({ host, connections }: BrokerContext, client: Client, filter: string, qos: number): boolean {
  const session = connections.get(client)?.session;
  const device = session && host.device(session.device);
  if (!device) return false;
  const listens = session.filters;
  const room = listens.has(filter) || listens.size < MAX_SUBSCRIPTIONS;
  // A message to a body-cam counts as delivered when it is acknowledged, which does not happen at QoS 0.
  const acknowledges = qos > 0 || device.protocol === 'dji';
  if (room && acknowledges && maySubscribe(device, filter)) return true;
  host.refused('not allowed', device.id);
  return false;
}

function onClientEvents(aedes: Aedes, { limits, sessions, connections, refuse }: BrokerContext): void {
  const budgets = new Map<string, SendBudget>();
  const budgetOf = (device: string): SendBudget => {
    const budget = budgets.get(device) ?? new SendBudget(limits);
    budgets.set(device, budget);
    return budget;
  };
  aedes.on('clientReady', (client) => {
    const connection = connections.get(client);
    if (!connection?.session) return;
    connection.peer.loggedIn();
    connection.guard.open(limits.packetBytes, budgetOf(connection.session.device));
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const session = connections.get(client)?.session;
    if (!session) return;
    for (const { topic, qos } of subscriptions) if ((qos as number) < 128) session.filters.add(topic);
    sessions.subscriptionsChanged(session);
  });
  aedes.on('unsubscribe', (filters, client) => {
    const session = connections.get(client)?.session;
    if (!session) return;
    for (const filter of filters) session.filters.delete(filter);
    sessions.subscriptionsChanged(session);
  });
  const broken = (client: Client, error: NodeJS.ErrnoException & { errorCode?: number }): void => {
    const connection = connections.get(client);
    if (!connection || error.code !== undefined || QUIET.has(error.message)) return;
    if (!connection.refused) connection.cutShort = true;
    refuse(connection, connection.session ? 'malformed' : 'login');
  };
  aedes.on('clientError', broken);
  aedes.on('connectionError', broken);
}
