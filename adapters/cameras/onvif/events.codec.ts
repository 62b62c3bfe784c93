/** What the event service of a camera says (ONVIF Event Service, PullMessages): which of it the box knows, and whether it begins or is over. */
import { z } from 'zod';
import type { CameraEvent } from '../../../gateway/contracts/onvif.ts';
import { plainText } from '../../../gateway/contracts/text.ts';

/** Topics without the prefixes of their namespaces. Makers have their own beside the standard ones. */
const KINDS: readonly (readonly [topic: RegExp, kind: CameraEvent['kind']])[] = [
  [/\/(GlobalSceneChange|TamperDetector|(Camera)?Tamper(ing)?)(\/|$)/i, 'tampering'],
  [/\/(SignalLoss|VideoLoss)(\/|$)/i, 'signal-loss'],
  [/\/ImageToo(Dark|Bright|Blurry)(\/|$)/i, 'lens'],
];
const MAX_SOURCE = 120;
const MAX_EVENTS = 64;

/** As xml2js gives what the library has parsed: an element is an array of one, its attributes are `$`. */
const item = z.object({ $: z.object({ Name: z.string().catch(''), Value: z.string().catch('') }) });
const items = z
  .tuple([z.object({ simpleItem: z.array(item) })], z.unknown())
  .transform(([{ simpleItem }]) => simpleItem.map(({ $ }) => $))
  .catch([]);
const message = z.object({
  $: z.object({ PropertyOperation: z.string().optional() }).optional(),
  source: items,
  data: items,
});
const notification = z.object({
  topic: z.tuple([z.union([z.string(), z.object({ _: z.string() }).transform(({ _ }) => _)])], z.unknown()),
  message: z.tuple([z.object({ message: z.tuple([message], z.unknown()) })], z.unknown()),
});
const answer = z.object({
  pullMessagesResponse: z.tuple([z.object({ notificationMessage: z.array(z.unknown()).catch([]) })], z.unknown()),
});

/** Of the body of one answer. Everything else that cameras tell (motion, inputs, plates, people) is passed over unread. */
export function eventsOf(body: unknown): CameraEvent[] {
  const { data } = answer.safeParse(body);
  const messages = data?.pullMessagesResponse[0].notificationMessage ?? [];
  return messages.slice(0, MAX_EVENTS).flatMap((one) => eventOf(one) ?? []);
}

function eventOf(one: unknown): CameraEvent | undefined {
  const { data: parsed } = notification.safeParse(one);
  if (!parsed) return undefined;
  const topic = `/${parsed.topic[0].trim().replace(/(^|\/)[\w.-]+:/g, '$1')}`;
  const kind = KINDS.find(([pattern]) => pattern.test(topic))?.[1];
  const { $, source, data } = parsed.message[0].message[0];
  const state = data.map(({ Value }) => STATES[Value.toLowerCase()]).find((value) => value !== undefined);
  const operation = $?.PropertyOperation;
  const active = operation === 'Deleted' ? false : state;
  if (kind === undefined || active === undefined) return undefined;
  // How it was when the subscription began is no alarm: some cameras say so of every property, and mean nothing by it.
  if (operation === 'Initialized' && active) return undefined;
  return { kind, source: plainText([topic, ...source.map(({ Value }) => Value)].join(' '), MAX_SOURCE), active };
}

const STATES: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
