/** `npx sitebox order …`: orders to the crew, typed at the box. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { SILENT_LOG } from '../../contracts/base.ts';
import { Option } from 'commander';
import { newId } from '../../clock/clock.ts';
import { openOrders } from '../../crew/orders.ts';
import { openRegistry } from '../../crew/registry.ts';
import { ROLES } from '../../crew/roles.ts';
import type { GeoLocation, CrewRole } from '../../contracts/crew.ts';
import type { NewOrder } from '../../contracts/instruction.ts';
import { getOrder, listOrders, type Order } from '../../store/orders.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { lastKnown } from './nearest.ts';
import { say, spoken, when } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import { decimal, deviceId, several, shortText, wholeNumber } from '../options.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';
import { words, joined } from '../../contracts/words/words.ts';

export function orderCommand(): Verb {
  return group('order', 'help-order', [
    sendCommand(),
    new BoxVerb('list', 'help-order-list')
      .option('--last <n>', say('help-last'), wholeNumber(1, 10_000), 20)
      .onBox(list),
    new BoxVerb('show', 'help-order-show').argument('<id>', say('help-order-id')).onBox(show),
  ]);
}

interface SendOptions {
  readonly config: string;
  readonly text: string;
  readonly by: string;
  readonly to?: readonly string[];
  readonly nearest?: number;
  readonly role?: CrewRole;
  readonly lat?: number;
  readonly lon?: number;
  readonly place?: string;
}

function sendCommand(): Verb {
  return new BoxVerb('send', 'help-order-send')
    .requiredOption('--text <text>', say('help-order-text'), shortText(500))
    .by('help-order-by')
    .option('--to <id...>', say('help-order-to'), several(deviceId))
    .option('--nearest <n>', say('help-order-nearest'), wholeNumber(1, 100))
    .addOption(new Option('--role <role>', say('help-role-nearest')).choices(Object.keys(ROLES)))
    .option('--lat <degrees>', say('help-order-lat'), decimal(-90, 90))
    .option('--lon <degrees>', say('help-order-lon'), decimal(-180, 180))
    .option('--place <name>', say('help-order-place'), shortText(100))
    .action(send);
}

async function send(options: SendOptions): Promise<void> {
  const { config, by } = options;
  const order = orderOf(options);
  await onBox(config, ({ config: { crew }, db, clock, outbox }) => {
    if ('nearest' in order.to && crew?.keepTracksH === 0) throw new Stop(say('order-no-tracks'));
    const orders = openOrders({ db, outbox, registry: openRegistry({ db, log: SILENT_LOG }) });
    const candidates = 'nearest' in order.to ? lastKnown(db, { now: clock.now(), who: by }) : [];
    const created = orders.create(order, { id: newId(clock.now()), by, origin: 'box' }, candidates);
    if ('problem' in created) throw new Stop(say('refused', { why: created.problem }));
    console.log(say('order-given', { id: created.id, devices: joined(created.targets) }));
    if (created.stale.length > 0) console.log(say('order-left-out', { devices: joined(created.stale) }));
  });
}

function orderOf({ text, to, nearest, role, lat, lon, place: name }: SendOptions): NewOrder {
  const wrong = (message: string): Stop => new Stop(message, EXIT_USAGE);
  if ((to === undefined) === (nearest === undefined)) throw wrong(say('order-to-whom'));
  if ((lat === undefined) !== (lon === undefined)) throw wrong(say('order-place-both'));
  if (lat === undefined && name !== undefined) throw wrong(say('order-place-name'));
  if (nearest === undefined && role !== undefined) throw wrong(say('order-role-nearest'));
  if (nearest !== undefined && lat === undefined) throw wrong(say('order-nearest-place'));
  const place: GeoLocation | undefined =
    lat === undefined || lon === undefined ? undefined : { lat, lon, ...(name === undefined ? {} : { name }) };
  return {
    text,
    ...(place ? { place } : {}),
    to: to ?? { nearest: nearest!, ...(role === undefined ? {} : { role }) },
  };
}

function list({ db }: Box, { last }: { readonly last: number }): void {
  for (const order of listOrders(db, last)) console.log(`${head(order)}  ${counts(order)}`);
}

function show({ db }: Box, id: string): void {
  const order = getOrder(db, id);
  if (!order) throw new Stop(say('order-missing', { id }));
  const { text, place, targets } = order;
  console.log(`${head(order)}\n  ${text}`);
  if (place) console.log(`  ${say('order-at', { place: `${place.lat}, ${place.lon} ${place.name ?? ''}`.trimEnd() })}`);
  for (const { device, state, sent, delivered, read, ended, reason } of targets) {
    const times = Object.entries({ sent, delivered, read, ended }).flatMap(([name, at]) =>
      at === undefined ? [] : [say('order-state-at', { state: named('state', name), at: when(at) })],
    );
    const why = reason ? [`"${reason}"`] : [];
    console.log(`  ${[device, spoken(named('state', state)), ...times, ...why].join('  ')}`);
  }
}

function head({ id, created, origin, by }: Order): string {
  return say('order-head', { id, at: when(created), by, origin: named('origin', origin) });
}

function counts({ targets }: Order): string {
  const states = [...new Set(targets.map((t) => t.state))];
  const counted = states.map((state) =>
    words('order-count', { n: targets.filter((t) => t.state === state).length, state: named('state', state) }),
  );
  return spoken(joined(counted));
}
