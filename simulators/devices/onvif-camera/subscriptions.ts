/** The event service of a simulated camera: subscriptions that lapse, pulls that wait, and messages that a test puts in. */

export interface SubscriptionOptions {
  /** How many it has room for; 4 unless told. */
  readonly maxSubscriptions?: number;
}

/** `mute`: a pull is never answered · `flood`: each is answered at once, with nothing · `forgets`: no subscription is known any more. */
export type EventFault = 'mute' | 'flood' | 'forgets';

interface Subscription {
  readonly path: string;
  endsAt: number;
  readonly messages: string[];
  wake: () => void;
}

const NAME = /^PT(\d+)S$/;
const seconds = (text: string | undefined): number => Number(NAME.exec(text ?? '')?.[1] ?? 60);

export class Subscriptions {
  readonly #max: number;
  readonly #open = new Map<string, Subscription>();
  #made = 0;
  fault: EventFault | undefined;
  /** Counts of what clients did. */
  readonly seen = { created: 0, refused: 0, pulled: 0, renewed: 0, ended: 0 };

  constructor({ maxSubscriptions = 4 }: SubscriptionOptions) {
    this.#max = maxSubscriptions;
  }

  /** Those that have not lapsed. */
  get open(): number {
    for (const [path, { endsAt }] of this.#open) if (endsAt < Date.now()) this.#open.delete(path);
    return this.#open.size;
  }

  /** Puts a message into every open subscription. `data` are its simple items, `operation` is `Changed` unless told. */
  say(topic: string, data: Readonly<Record<string, string>>, operation = 'Changed'): void {
    const items = Object.entries(data).map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`);
    const message =
      `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${topic}</wsnt:Topic>` +
      `<wsnt:Message><tt:Message UtcTime="${new Date().toISOString()}" PropertyOperation="${operation}">` +
      `<tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="vs1"/></tt:Source><tt:Data>${items.join('')}</tt:Data>` +
      `</tt:Message></wsnt:Message></wsnt:NotificationMessage>`;
    for (const subscription of this.#open.values()) {
      subscription.messages.push(message);
      subscription.wake();
    }
  }

  /** The answer to a call; undefined for one that it refuses or does not know. Never settles where the fault is `mute`. */
  async answer(call: string, path: string, body: string, servicesAt: string): Promise<string | undefined> {
    if (call === 'CreatePullPointSubscription') return this.#create(body, servicesAt);
    const subscription = this.fault === 'forgets' ? undefined : this.#open.get(path);
    if (!subscription) return undefined;
    if (call === 'PullMessages') return this.#pull(subscription, body);
    if (call === 'Renew') {
      this.seen.renewed += 1;
      subscription.endsAt = Date.now() + 1000 * seconds(/TerminationTime>([^<]+)/.exec(body)?.[1]);
      return `<wsnt:RenewResponse>${times(subscription.endsAt)}</wsnt:RenewResponse>`;
    }
    if (call !== 'Unsubscribe') return undefined;
    this.seen.ended += 1;
    this.#open.delete(path);
    subscription.wake();
    return '<wsnt:UnsubscribeResponse/>';
  }

  #create(body: string, servicesAt: string): string | undefined {
    if (this.open >= this.#max) {
      this.seen.refused += 1;
      return undefined;
    }
    this.seen.created += 1;
    this.#made += 1;
    const path = `/onvif/pull?id=${this.#made}`;
    const endsAt = Date.now() + 1000 * seconds(/InitialTerminationTime>([^<]+)/.exec(body)?.[1]);
    this.#open.set(path, { path, endsAt, messages: [], wake: () => undefined });
    return `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>${servicesAt}${path}</wsa:Address></tev:SubscriptionReference>${times(endsAt)}</tev:CreatePullPointSubscriptionResponse>`;
  }

  async #pull(subscription: Subscription, body: string): Promise<string> {
    this.seen.pulled += 1;
    if (this.fault === 'mute') await new Promise(() => undefined);
    if (subscription.messages.length === 0 && this.fault !== 'flood') {
      await new Promise<void>((resolve) => {
        subscription.wake = resolve;
        setTimeout(resolve, 1000 * seconds(/Timeout>([^<]+)/.exec(body)?.[1])).unref();
      });
    }
    const messages = subscription.messages.splice(0).join('');
    return `<tev:PullMessagesResponse>${times(subscription.endsAt, 'tev')}${messages}</tev:PullMessagesResponse>`;
  }
}

function times(endsAt: number, space = 'wsnt'): string {
  const [now, end] = [new Date(), new Date(endsAt)].map((at) => at.toISOString());
  return `<${space}:CurrentTime>${now}</${space}:CurrentTime><${space}:TerminationTime>${end}</${space}:TerminationTime>`;
}
