/** `npx sitebox device …`: the crew's equipment. Exit 0 done, 1 refused, 64 wrong use, 78 configuration. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { hashSecret, newSecret } from '../../crew/credentials.ts';
import type { CrewDevice, DeviceKind, Protocol, CrewRole } from '../../contracts/crew.ts';
import { addDevice, allDevices, revokeDevice } from '../../store/devices.ts';
import { group, person, withStore } from './common.ts';
import { lineOf, showCommand } from './show.ts';
import { trackCommand, whereCommand } from './where.ts';
import { EXIT_USAGE, guarded, Stop } from '../exit.ts';

export const DEVICE_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const SERIAL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_SERIALS = 64;
const KINDS: readonly DeviceKind[] = ['bodycam', 'drone', 'vehicle'];
const PROTOCOLS: readonly Protocol[] = ['bodycam', 'dji', 'jt808', 'mavlink', 'nmea'];
export const ROLE_NAMES: readonly CrewRole[] = ['officer', 'guard', 'volunteer'];

export function deviceCommand(): Command {
  const device = new Command('device').description("the crew's equipment: who is registered, and where it is");
  return group(device, [
    addCommand(),
    listCommand(),
    showCommand(deviceId),
    revokeCommand(),
    whereCommand(),
    trackCommand(),
  ]);
}

interface AddOptions extends Omit<CrewDevice, 'id' | 'serials'> {
  readonly config: string;
  readonly serial?: readonly string[];
  readonly by: string;
}

function addCommand(): Command {
  return new Command('add')
    .description('register devices of one kind; each password is printed once')
    .addArgument(
      new Argument('<id...>', '1 to 32 of a-z, 0-9 and -; also its user name').argParser(
        (id: string, before: readonly string[] = []) => [...before, deviceId(id)],
      ),
    )
    .requiredOption('--config <file>', 'the configuration of the box')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).makeOptionMandatory())
    .addOption(new Option('--role <role>', 'of whoever carries it').choices(ROLE_NAMES).makeOptionMandatory())
    .addOption(new Option('--protocol <protocol>', 'what it speaks').choices(PROTOCOLS).makeOptionMandatory())
    .option(
      '--serial <serial...>',
      'what it calls itself (dji, jt808: phone number, then terminal id; mavlink: system id)',
    )
    .requiredOption('--by <name>', 'who answers for it, for the audit log', person)
    .action(guarded(add));
}

async function add(ids: readonly string[], options: AddOptions): Promise<void> {
  const { config, by, serial = [], kind, role, protocol } = options;
  if (ids.length > 1 && serial.length > 0) throw new Stop('--serial: of one device at a time', EXIT_USAGE);
  const devices = ids.map((id): CrewDevice => ({ id, kind, role, protocol, serials: [...new Set(serial)] }));
  const mistake = mistakeInSerials(devices[0]!);
  if (mistake !== undefined) throw new Stop(mistake, EXIT_USAGE);
  await withStore(
    config,
    async (store) => {
      // One by one: those before one that is refused are registered, and their passwords were shown.
      for (const device of devices) {
        const secret = protocol === 'bodycam' || protocol === 'dji' ? newSecret() : undefined;
        const hash = secret === undefined ? {} : { hash: await hashSecret(secret) };
        const refused = addDevice(store.db, { ...device, ...hash }, { by, now: store.clock.now() });
        if (refused) throw new Stop(`REFUSED: ${refused.problem}`);
        console.log(`device ${device.id} is registered: ${kind}, ${role}, ${protocol}`);
        console.log(howTo(device, secret));
      }
      if (!store.config.crew) console.error(`${config} has no \`crew\`: until it has, nothing listens to the device`);
    },
    { creates: true },
  );
}

function mistakeInSerials({ protocol, serials }: CrewDevice): string | undefined {
  if (serials.length > MAX_SERIALS) return `--serial: at most ${MAX_SERIALS}`;
  if (serials.some((s) => !SERIAL.test(s))) return '--serial: expected 1 to 64 of A-Z, a-z, 0-9, . _ and -';
  if (protocol === 'dji' && serials.length === 0)
    return '--serial: dji needs the serial numbers of the aircraft and of its remote control';
  if (protocol === 'jt808' && !/^\d{1,20}$/.test(serials[0] ?? ''))
    return '--serial: jt808 needs the phone number of the terminal, in digits, and its terminal id if it has one';
  if (protocol === 'mavlink' && !(serials.length === 1 && /^\d+$/.test(serials[0]!) && Number(serials[0]) <= 255))
    return '--serial: mavlink needs the system id, 1 to 255';
  return undefined;
}

/** What is to be typed into the device. */
function howTo({ id, protocol, serials }: CrewDevice, secret: string | undefined): string {
  const login = [`  user name  ${id}`, `  password   ${secret}`];
  const server = '  server     the address of the broker in `crew.equipment` of the configuration';
  switch (protocol) {
    case 'bodycam':
      return [
        'Type this into the device; the password is not shown again:',
        ...[server, '  protocol   MQTT 3.1.1', `  client id  ${id}`, ...login, `  topics     bodycam/v1/${id}/...`],
      ].join('\n');
    case 'dji':
      return [
        'Type this into DJI Pilot 2 (cloud service, open platform); the password is not shown again:',
        ...[server, ...login],
      ].join('\n');
    case 'jt808':
      return `The terminal with the phone number ${serials[0]} gets its authentication code from the box when it registers.`;
    case 'mavlink':
      return `Name the address of the system ${serials[0]} under \`allow\` of the equipment; MAVLink knows no password.`;
    case 'nmea':
      return `Name it as \`device: ${id}\` of the equipment that reads its receiver; NMEA 0183 knows no password.`;
  }
}

function listCommand(): Command {
  return new Command('list')
    .description('who is registered, and who was')
    .requiredOption('--config <file>', 'the configuration of the box')
    .action(
      guarded(({ config }: { config: string }) =>
        withStore(config, ({ db }) => {
          for (const device of allDevices(db)) console.log(lineOf(device));
        }),
      ),
    );
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('end a registration: a running gateway cuts the connection within a second')
    .addArgument(new Argument('<id>', 'the device').argParser(deviceId))
    .requiredOption('--config <file>', 'the configuration of the box')
    .requiredOption('--by <name>', 'who answers for it, for the audit log', person)
    .action(
      guarded((id: string, { config, by }: { config: string; by: string }) =>
        withStore(config, ({ db, clock, outbox }) => {
          if (!revokeDevice(db, id, { by, now: clock.now() }, outbox))
            throw new Stop(`REFUSED: device ${id} is not registered, or was revoked already`);
          console.log(`device ${id} is revoked`);
        }),
      ),
    );
}

export function deviceId(text: string): string {
  if (DEVICE_ID.test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 32 of a-z, 0-9 and -, starting with a letter or digit.');
}
