/** `npx sitebox order …`: orders to the crew, typed at the box. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Command, Option } from 'commander';
import { newId } from '../../clock/clock.ts';
import { openOrders } from '../../crew/orders.ts';
import { openRegistry } from '../../crew/registry.ts';
import type { GeoLocation, CrewRole } from '../../contracts/crew.ts';
import type { NewOrder } from '../../contracts/instruction.ts';
import { getOrder, listOrders, type Order } from '../../store/orders.ts';
import { decimal, group, person, QUIET, shortText, when, withStore } from './common.ts';
import { deviceId, ROLE_NAMES } from './device.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';
import { wholeNumber } from '../list/common.ts';
import { lastKnown } from './nearest.ts';

export function orderCommand(): Command {
  const order = new Command('order').description('orders to the crew, and what became of them');
  return group(order, [sendCommand(), listCommand(), showCommand()]);
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

function sendCommand(): Command {
  return new Command('send')
    .description('give an order to devices by name, or to those nearest to a place')
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--text <text>', 'what is to be done, as it is shown', shortText(500))
    .requiredOption('--by <name>', 'who gives it', person)
    .option('--to <id...>', 'devices', (id: string, before: readonly string[] = []) => [...before, deviceId(id)])
    .option('--nearest <n>', 'so many devices, by distance to the place', wholeNumber(1, 100))
    .addOption(new Option('--role <role>', 'only devices of this role, with --nearest').choices(ROLE_NAMES))
    .option('--lat <degrees>', 'of the place, WGS-84, north positive', decimal(-90, 90))
    .option('--lon <degrees>', 'of the place, WGS-84, east positive', decimal(-180, 180))
    .option('--place <name>', 'what the place is called', shortText(100))
    .action(guarded(send));
}

async function send(options: SendOptions): Promise<void> {
  const { config, by } = options;
  const order = orderOf(options);
  await withStore(config, ({ config: { crew }, db, clock, outbox }) => {
    if ('nearest' in order.to && crew?.keepTracksH === 0)
      throw new Stop('REFUSED: this box keeps no tracks (`crew.keepTracksH` is 0): name the devices with --to');
    const orders = openOrders({ db, outbox, registry: openRegistry({ db, log: QUIET }) });
    const known = 'nearest' in order.to ? lastKnown(db, { now: clock.now(), who: by }) : [];
    const created = orders.create(order, { id: newId(clock.now()), by, origin: 'box' }, known);
    if ('problem' in created) throw new Stop(`REFUSED: ${created.problem}`);
    console.log(`order ${created.id} for ${created.targets.join(', ')}`);
    if (created.stale.length > 0) console.log(`left out, last position too old: ${created.stale.join(', ')}`);
  });
}

function orderOf({ text, to, nearest, role, lat, lon, place: name }: SendOptions): NewOrder {
  const wrong = (message: string): Stop => new Stop(message, EXIT_USAGE);
  if ((to === undefined) === (nearest === undefined))
    throw wrong('Name devices with --to, or how many with --nearest.');
  if ((lat === undefined) !== (lon === undefined)) throw wrong('A place needs both --lat and --lon.');
  if (lat === undefined && name !== undefined) throw wrong('A place needs --lat and --lon; --place is its name.');
  if (nearest === undefined && role !== undefined) throw wrong('--role goes with --nearest.');
  if (nearest !== undefined && lat === undefined) throw wrong('--nearest needs a place: --lat and --lon.');
  const place: GeoLocation | undefined =
    lat === undefined || lon === undefined ? undefined : { lat, lon, ...(name === undefined ? {} : { name }) };
  return {
    text,
    ...(place ? { place } : {}),
    to: to ?? { nearest: nearest!, ...(role === undefined ? {} : { role }) },
  };
}

function listCommand(): Command {
  return new Command('list')
    .description('the newest orders first, with how far each has come')
    .requiredOption('--config <file>', 'the configuration of the box')
    .option('--last <n>', 'how many', wholeNumber(1, 10_000), 20)
    .action(
      guarded(({ config, last }: { config: string; last: number }) =>
        withStore(config, ({ db }) => {
          for (const order of listOrders(db, last)) console.log(`${head(order)}  ${counts(order)}`);
        }),
      ),
    );
}

function showCommand(): Command {
  return new Command('show')
    .description('one order, device by device')
    .argument('<id>', 'the order')
    .requiredOption('--config <file>', 'the configuration of the box')
    .action(
      guarded((id: string, { config }: { config: string }) =>
        withStore(config, ({ db }) => {
          const order = getOrder(db, id);
          if (!order) throw new Stop(`REFUSED: there is no order ${id}`);
          console.log(head(order));
          console.log(`  ${order.text}`);
          if (order.place)
            console.log(`  at ${order.place.lat}, ${order.place.lon} ${order.place.name ?? ''}`.trimEnd());
          for (const { device, state, sent, delivered, read, ended, reason } of order.targets) {
            const times = Object.entries({ sent, delivered, read, ended }).flatMap(([name, at]) =>
              at === undefined ? [] : [`${name} ${when(at)}`],
            );
            console.log(`  ${[device, state, ...times, ...(reason ? [`"${reason}"`] : [])].join('  ')}`);
          }
        }),
      ),
    );
}

function head({ id, created, origin, by }: Order): string {
  return `${id}  ${when(created)}  from ${by} (${origin})`;
}

function counts({ targets }: Order): string {
  const states = [...new Set(targets.map((t) => t.state))];
  return states.map((state) => `${targets.filter((t) => t.state === state).length} ${state}`).join(', ');
}
