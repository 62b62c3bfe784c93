/** The sample configurations in each adapter's README and in the READMEs of the project open with the real adapters, and adapters/README.md names every kind. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SILENT_LOG } from '../contracts/base.ts';
import { tempFolder } from '../contracts/rig.fixtures.ts';
import { parse } from 'yaml';
import * as adapters from '../../adapters/index.ts';
import { makeCertificate } from '../../simulators/command-room/certificate.ts';
import { LoginThrottles } from '../people/login-throttle.ts';
import { openParts, type OpenedParts } from './parts.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const ADAPTERS = join(ROOT, 'adapters');
const CERTIFICATE = makeCertificate();
/** What a reference in a sample stands for, by its key; of any other key a password. */
const SECRETS: Readonly<Record<string, string>> = {
  path: `/${'a1'.repeat(16)}`,
  secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
};
const PEM_KEYS = ['ca', 'cert', 'clientAuthority'];

interface Sample {
  readonly readme: string;
  readonly yaml: string;
}

/** Every block of YAML in these files is a sample. */
const samplesIn = (folder: string, readmes: readonly string[]): Sample[] =>
  readmes.flatMap((readme) =>
    [...readFileSync(join(folder, readme), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => {
      return { readme, yaml: yaml! };
    }),
  );

function samples(): Sample[] {
  const paths = readdirSync(ADAPTERS, { recursive: true, encoding: 'utf8' });
  return samplesIn(
    ADAPTERS,
    paths.filter((path) => path.endsWith('README.md')),
  );
}
const ours = (): Sample[] => samplesIn(ROOT, ['README.md', 'README.zh.md']);

let folder: string;
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Opens the sample in a configuration that holds nothing else but a lane for what it names, where it has no lanes of its own. */
function openSample(yaml: string): OpenedParts {
  folder = tempFolder();
  const sample = parse(yaml) as Record<string, { id: string }[] | undefined>;
  layFiles(sample);
  const ids = (block: string) => (sample[block] ?? []).map(({ id }) => id);
  const [cameras, readers] = [ids('cameras'), ids('readers')];
  const roadCameras = cameras.length > 0 ? cameras : ['any-camera'];
  const file = join(folder, 'sitebox.yaml');
  const config = {
    site: 'demo',
    storage: { folder: 'data' },
    lists: { trust: 'root.json' },
    ...(cameras.length > 0 || sample['lanes'] ? {} : { cameras: [{ id: 'any-camera', kind: 'folder', path: '.' }] }),
    lanes: [
      { id: 'road-1', kind: 'road', cameras: roadCameras },
      ...(readers.length > 0 ? [{ id: 'gate-1', kind: 'gate', readers }] : []),
    ],
    ...sample,
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  return openParts(file, adapters, new LoginThrottles(SILENT_LOG), SILENT_LOG);
}

/** Sets the secrets and lays the PEM files that a sample names. */
function layFiles(value: unknown): void {
  for (const [key, inner] of Object.entries(value ?? {}) as [string, unknown][]) {
    if (typeof inner === 'object') layFiles(inner);
    if (typeof inner !== 'string') continue;
    const secret = SECRETS[key] ?? 'a long enough password';
    if (inner.startsWith('env:')) vi.stubEnv(inner.slice('env:'.length), secret);
    else if (inner.startsWith('file:')) lay(inner.slice('file:'.length), secret);
    else if (PEM_KEYS.includes(key)) lay(inner, CERTIFICATE.cert);
    else if (inner.endsWith('.pem')) lay(inner, CERTIFICATE.key);
  }
}

function lay(path: string, text: string): void {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

/** Kinds by the block of the configuration that names them. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  cameras: Object.keys(adapters.cameras),
  readers: Object.keys(adapters.readers),
  'comparison.photoDecoder': Object.keys(adapters.photoDecoders),
  'crew.equipment': Object.keys(adapters.equipment),
  upstream: Object.keys(adapters.relays),
};

describe('sample configurations', () => {
  test.each(samples().map(({ readme, yaml }) => [readme, yaml]))('of adapters/%s opens', (_, yaml) => {
    expect(() => openSample(yaml)).not.toThrow();
  });

  test.each(ours().map(({ readme, yaml }) => [readme, yaml]))('of %s opens', (_, yaml) => {
    expect(() => openSample(yaml)).not.toThrow();
  });

  test('a sample of the READMEs with a wrong key in any block is refused', () => {
    const samples = ours();
    expect(samples.length).toBeGreaterThan(5);
    for (const { yaml } of samples) {
      const [key] = /\b(url|port|listen|user|trust)(?=:)/.exec(yaml)!;
      expect(() => openSample(yaml.replace(`${key}:`, `${key}s:`)), yaml).toThrow('unknown key');
    }
  });

  test('a sample with a key that the adapter does not know is refused', () => {
    const { yaml } = samples().find(({ readme }) => readme === 'readers/sdt/README.md')!;
    expect(() => openSample(yaml.replace('baud:', 'bauds:'))).toThrow('unknown key');
  });

  test('there is one of every kind', () => {
    const text = samples()
      .map(({ yaml }) => yaml)
      .join('\n');
    const kinds = [...text.matchAll(/\bkind: ([\w-]+)/g)].map(([, kind]) => kind);
    expect([...new Set(kinds)].sort()).toEqual(Object.values(KINDS).flat().sort());
  });
});

test('adapters/README.md has a row for every kind, and for no other', () => {
  const sections = readFileSync(join(ADAPTERS, 'README.md'), 'utf8').split(/^## /m).slice(1);
  const rows = sections.map((section) => {
    const [, block] = /\(`(.*?)`\)/.exec(section)!;
    return [block, [...section.matchAll(/^\| \[`([\w-]+)`\]/gm)].map(([, kind]) => kind)];
  });
  expect(Object.fromEntries(rows)).toEqual(KINDS);
});
