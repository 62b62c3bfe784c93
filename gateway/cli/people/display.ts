/** `npx sitebox person display LANE`: a code for the screen of a lane, as a QR code and as text. */
import { networkInterfaces } from 'node:os';
import { InvalidArgumentError } from 'commander';
import type { Config } from '../../config/config.ts';
import { isLoopbackHost } from '../../contracts/hosts.ts';
import type { ServiceNumber } from '../../contracts/people.ts';
import { CONSOLE } from '../../people/accounts.ts';
import { displayPath } from '../../web/api/displays.ts';
import { qrLines } from '../../web/qr.ts';
import { Stop } from '../exit.ts';
import { say } from '../language.ts';
import type { Box } from '../on-box.ts';
import type { Terminal } from '../terminal.ts';
import { BoxVerb, type Verb } from '../verb.ts';
import { atTerminal, granted, peopleOf, serviceNumber, type PersonIo } from './common.ts';

interface DisplayOptions {
  readonly by: ServiceNumber;
  /** `https://gate-box.lan:8420`. */
  readonly at?: string;
}

export function displayCommand(io: PersonIo): Verb {
  const verb = new BoxVerb('display', 'help-person-display');
  verb
    .argument('<lane>', say('help-person-lane'))
    .requiredOption('--by <number>', say('help-person-one'), serviceNumber)
    .option('--at <address>', say('help-person-display-at'), origin);
  return verb.onBox((box: Box, lane: string, options: DisplayOptions) =>
    atTerminal(io, (terminal) => printCode(io, terminal, { ...options, box, lane })),
  );
}

async function printCode(
  io: PersonIo,
  terminal: Terminal,
  { box, lane, by, at }: DisplayOptions & { readonly box: Box; readonly lane: string },
): Promise<void> {
  if (!box.config.lanes.some(({ id, kind }) => kind === 'gate' && id === lane))
    throw new Stop(say('display-no-lane', { lane }));
  const password = await terminal.secret(say('person-password-of', { number: by }));
  const { sessions } = peopleOf(box, io);
  const { code } = granted(await sessions.makeDisplayCodeBy(lane, { serviceNumber: by, password }, CONSOLE));
  const url = `${at ?? originOf(box.config)}${displayPath(code)}`;
  // Past the filter of `guarded`: these escape sequences are our own.
  process.stdout.write(`${qrLines(url, { colours: process.stdout.isTTY }).join('\n')}\n`);
  console.log(say('display-code-made', { lane, url, code }));
}

/** By which a screen reaches the box: the first name that the site gave it, else its address. */
export function originOf({ listen: { host, hosts, port, tls } }: Config): string {
  const isLoopback = isLoopbackHost(host);
  const isAny = host === '0.0.0.0' || host === '::';
  const name = hosts[0] ?? (isAny ? (ownAddress() ?? 'localhost') : host);
  const bracketed = name.includes(':') ? `[${name}]` : name;
  return `${tls || !isLoopback ? 'https' : 'http'}://${bracketed}:${port}`;
}

function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

function origin(text: string): string {
  const url = URL.parse(text);
  if ((url?.protocol === 'https:' || url?.protocol === 'http:') && url.pathname === '/' && url.search === '')
    return url.origin;
  throw new InvalidArgumentError(say('bad-origin'));
}
