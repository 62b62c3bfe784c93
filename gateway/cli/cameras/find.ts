/** `sitebox cameras find`: one line for each camera that answers, or has a port of cameras open. */
import type { DiscoveredDevice, Onvif } from '../../contracts/onvif.ts';
import { EXIT_REFUSED } from '../exit.ts';
import { say } from '../language.ts';
import { several } from '../options.ts';
import { Verb } from '../verb.ts';
import { orStop } from './refusal.ts';

interface Options {
  readonly interface?: readonly string[];
  readonly subnet?: string;
  readonly json: boolean;
}

export function findVerb(onvif: Onvif): Verb {
  return new Verb('find', 'help-cameras-find')
    .option('--interface <name>', say('help-cameras-interface'), several(String))
    .option('--subnet <network>', say('help-cameras-subnet'))
    .option('--json', say('help-cameras-json'), false)
    .action(async ({ interface: interfaces, subnet, json }: Options) => {
      const devices = await orStop(onvif.find({ interfaces, subnet }));
      if (devices.length === 0) process.exitCode = EXIT_REFUSED;
      if (json) console.log(JSON.stringify(devices, undefined, 2));
      else for (const line of linesOf(devices)) console.log(line);
    });
}

function linesOf(devices: readonly DiscoveredDevice[]): string[] {
  if (devices.length === 0) return [say('cameras-none')];
  const lines = devices.map(({ address, onvifPort: port, name, model, mac = '-', openPorts }) =>
    port === undefined
      ? say('cameras-ports', { address, mac, ports: openPorts.join(' ') })
      : say('cameras-at-port', { address, name: [name, model].filter(Boolean).join(' ') || '-', mac, port }),
  );
  return [...lines, say('cameras-next')];
}
