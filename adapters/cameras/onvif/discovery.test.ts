/** Cameras are found over real sockets on loopback; what others send to the port is passed over. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerProbes, type SimulatedDiscovery } from '../../../simulators/devices/onvif-camera/discovery.ts';
import { serveTcp } from '../../../simulators/product/loopback.ts';
import { probe, readProbeMatch } from './discovery.codec.ts';
import { findDevices } from './discovery.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function camera(options: Partial<SimulatedDiscovery> = {}) {
  const started = await answerProbes({
    address: '127.0.0.1',
    scopes: ['onvif://www.onvif.org/name/North%20gate', 'onvif://www.onvif.org/hardware/SB-1'],
    xaddrs: ['http://169.254.1.1:8000/onvif/device_service', 'http://192.168.1.64/onvif/device_service'],
    ...options,
  });
  open.push(started);
  return started;
}

const LOOPBACK = { interfaces: ['lo'], subnet: undefined };
/** Loopback answers at once. */
const LISTEN_MS = 400;
const FOUND = {
  address: '127.0.0.1',
  onvifPort: 8000,
  name: 'North gate',
  model: 'SB-1',
  mac: undefined,
  openPorts: [],
};

describe('find', () => {
  it.each(['dn:NetworkVideoTransmitter', 'tds:Device', ''])(
    'reaches a camera that answers to "%s" alone',
    async (onlyTo) => {
      const { probes } = await camera({ onlyTo });
      expect(await findDevices(LOOPBACK, LISTEN_MS)).toEqual([FOUND]);
      expect(probes.sort()).toEqual(['', 'dn:NetworkVideoTransmitter', 'tds:Device']);
    },
  );

  it.each([
    ['text', 'hello'],
    ['XML that is cut off', '<?xml version="1.0"?><s:Envelope'],
    ['an answer to another probe', match('urn:uuid:other')],
  ])('passes over %s', async (_what, instead) => {
    await camera({ instead });
    expect(await findDevices(LOOPBACK, LISTEN_MS)).toEqual([]);
  });

  it('takes no loopback unless it is named, and says which interfaces there are', async () => {
    await camera();
    expect(
      (await findDevices({ interfaces: undefined, subnet: undefined }, LISTEN_MS)).map((d) => d.address),
    ).not.toContain('127.0.0.1');
    await expect(findDevices({ ...LOOPBACK, interfaces: ['eth99'] })).rejects.toThrow(/no network interface eth99.*lo/);
  });

  it.each(['192.168.1.0/21', '192.168.1/24', '300.1.1.1/24', '::1/128', 'a'])(
    'refuses the network %s',
    async (subnet) => {
      await expect(findDevices({ ...LOOPBACK, subnet })).rejects.toThrow(/expected a network such as/);
    },
  );
});

describe('by ports', () => {
  it('lists a host that answers no probe, and closes what it opened', async () => {
    const camera = await serveTcp(() => undefined, 37777);
    open.push(camera);
    const found = await findDevices({ ...LOOPBACK, subnet: '127.0.0.1/32' }, 1);
    expect(found).toMatchObject([{ address: '127.0.0.1', onvifPort: undefined }]);
    expect(found[0]!.openPorts).toContain(37777);
    await vi.waitFor(() => expect(camera.sockets.size).toBe(0));
  });
});

it('`sitebox cameras find` prints what it found, within 10 s', async () => {
  await camera();
  const sitebox = new URL('../../../sitebox.mjs', import.meta.url).pathname;
  const startedAt = performance.now();
  const args = [sitebox, 'cameras', 'find', '--interface', 'lo', '--subnet', '127.0.3.0/24'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(performance.now() - startedAt).toBeLessThan(10_000 * Number(process.env['SITEBOX_PATIENCE']));
  expect(stdout).toContain('127.0.0.1  North gate SB-1  -  ONVIF at port 8000\n');
});

function match(relatesTo: string): string {
  return (
    `<e:Envelope xmlns:e="e" xmlns:a="a" xmlns:d="d"><e:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></e:Header>` +
    '<e:Body><d:ProbeMatches><d:ProbeMatch><d:XAddrs>http://192.0.2.1/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>'
  );
}

it('an answer is read with its first port, and without a name where it says none', () => {
  expect(readProbeMatch(match('urn:uuid:1'))).toEqual({ relatesTo: '1', port: 80, name: undefined, model: undefined });
  expect(readProbeMatch(match('urn:uuid:1').replace('http://192.0.2.1/onvif', 'nonsense'))).toBeUndefined();
  expect(readProbeMatch(`<!DOCTYPE a [<!ENTITY b "c">]>${match('urn:uuid:1')}`)).toBeUndefined();
  expect(probe('1', 'tds:Device')).toContain('<d:Types>tds:Device</d:Types>');
});
