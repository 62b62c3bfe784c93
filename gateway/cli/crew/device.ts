/** `npx sitebox device …`: the crew's equipment. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Option } from 'commander';
import { hashSecret, newSecret } from '../../crew/credentials.ts';
import { CAN_DISPLAY } from '../../crew/orders.ts';
import { ROLES } from '../../crew/roles.ts';
import type { CrewDevice, DeviceKind } from '../../contracts/crew.ts';
import { addDevice, allDevices, revokeDevice } from '../../store/devices.ts';
import { lineOf, showCommand } from './show.ts';
import { trackCommand, whereCommand } from './where.ts';
import { EXIT_USAGE, Stop } from '../exit.ts';
import { say, inColumns } from '../language.ts';
import { onBox, type Box } from '../on-box.ts';
import { deviceId, several } from '../options.ts';
import { BoxVerb, group, type Verb } from '../verb.ts';
import { named } from '../../contracts/words/names.ts';

const SERIAL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_SERIALS = 64;
const KINDS: readonly DeviceKind[] = ['bodycam', 'drone', 'vehicle'];

export function deviceCommand(): Verb {
  return group('device', 'help-device', [
    addCommand(),
    new BoxVerb('list', 'help-device-list').onBox(list),
    showCommand(),
    new BoxVerb('revoke', 'help-device-revoke').argument('<id>', say('help-device-id'), deviceId).by().onBox(revoke),
    whereCommand(),
    trackCommand(),
  ]);
}

interface AddOptions extends Omit<CrewDevice, 'id' | 'serials'> {
  readonly config: string;
  readonly serial?: readonly string[];
  readonly by: string;
}

function addCommand(): Verb {
  return new BoxVerb('add', 'help-device-add')
    .argument('<id...>', say('help-device-add-ids'), several(deviceId))
    .addOption(new Option('--kind <kind>', say('help-device-kind')).choices(KINDS).makeOptionMandatory())
    .addOption(new Option('--role <role>', say('help-device-role')).choices(Object.keys(ROLES)).makeOptionMandatory())
    .addOption(
      new Option('--protocol <protocol>', say('help-device-protocol'))
        .choices(Object.keys(CAN_DISPLAY))
        .makeOptionMandatory(),
    )
    .option('--serial <serial...>', say('help-device-serial'))
    .by()
    .action(add);
}

async function add(ids: readonly string[], options: AddOptions): Promise<void> {
  const { config, by, serial = [], kind, role, protocol } = options;
  if (ids.length > 1 && serial.length > 0) throw new Stop(say('device-serial-one'), EXIT_USAGE);
  const devices = ids.map((id): CrewDevice => ({ id, kind, role, protocol, serials: [...new Set(serial)] }));
  const mistake = mistakeInSerials(devices[0]!);
  if (mistake !== undefined) throw new Stop(mistake, EXIT_USAGE);
  await onBox(
    config,
    async ({ config: { crew }, db, clock }) => {
      // One by one: those before one that is refused are registered, and their passwords were shown.
      for (const device of devices) {
        const secret = protocol === 'bodycam' || protocol === 'dji' ? newSecret() : undefined;
        const hash = secret === undefined ? {} : { hash: await hashSecret(secret) };
        const refused = addDevice(db, { ...device, ...hash }, { by, now: clock.now() });
        if (refused) throw new Stop(say('refused', { why: refused.problem }));
        console.log(
          say('device-registered', { id: device.id, kind: named('kind', kind), role: named('role', role), protocol }),
        );
        console.log(howTo(device, secret));
      }
      if (!crew) console.error(say('device-no-crew', { config }));
    },
    { creates: true },
  );
}

function mistakeInSerials({ protocol, serials }: CrewDevice): string | undefined {
  if (serials.length > MAX_SERIALS) return say('device-serial-many', { most: MAX_SERIALS });
  if (serials.some((s) => !SERIAL.test(s))) return say('device-serial-form');
  if (protocol === 'dji' && serials.length === 0) return say('device-serial-dji');
  if (protocol === 'jt808' && !/^\d{1,20}$/.test(serials[0] ?? '')) return say('device-serial-jt808');
  if (protocol === 'mavlink' && !(serials.length === 1 && /^\d+$/.test(serials[0]!) && Number(serials[0]) <= 255))
    return say('device-serial-mavlink');
  return undefined;
}

/** What is to be typed into the device. */
function howTo({ id, protocol, serials }: CrewDevice, secret: string | undefined): string {
  const table = (rows: readonly (readonly [string, string])[]) => inColumns(rows, 2).map((row) => `  ${row}`);
  const server = [say('device-server'), say('device-server-value')] as const;
  const login = [
    [say('device-user'), id],
    [say('device-password'), secret ?? ''],
  ] as const;
  switch (protocol) {
    case 'bodycam':
      return [
        say('device-type-in'),
        ...table([
          server,
          [say('device-protocol'), 'MQTT 3.1.1'],
          [say('device-client-id'), id],
          ...login,
          [say('device-topics'), `bodycam/v1/${id}/...`],
        ]),
      ].join('\n');
    case 'dji':
      return [say('device-type-in-dji'), ...table([server, ...login])].join('\n');
    case 'jt808':
      return say('device-jt808-how', { phone: serials[0] ?? '' });
    case 'mavlink':
      return say('device-mavlink-how', { system: serials[0] ?? '' });
    case 'nmea':
      return say('device-nmea-how', { id });
  }
}

function list({ db }: Box): void {
  for (const device of allDevices(db)) console.log(lineOf(device));
}

function revoke({ db, clock, outbox }: Box, id: string, { by }: { readonly by: string }): void {
  if (!revokeDevice(db, id, { by, now: clock.now() }, outbox)) throw new Stop(say('device-not-revoked', { id }));
  console.log(say('device-revoked', { id }));
}
