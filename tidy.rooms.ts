/**
 * Who may import whom: the rooms of the house, top down. The tables below are the only definition that counts; ARCHITECTURE.md explains them.
 * `tidy.ts` reads them, `tidy.test.ts` plants violations.
 */

export interface Rule {
  readonly files: RegExp;
  /** Targets look like `node:fs`, `npm:zod` or a repository path. `node:` is open to all. */
  readonly may: readonly RegExp[];
  /** Further targets for `import type`. */
  readonly mayType?: readonly RegExp[];
}

/** Rooms of `gateway/`: the rooms below that each may import. Contracts, FREE, pino and zod are open to all of them. */
export const GATEWAY_ROOMS: Readonly<Record<string, string>> = {
  cli: 'start monitor web upstream road gate hits lists crew devices people audit store inference config',
  start: 'monitor web upstream road gate hits lists crew devices people audit store inference config',
  monitor: 'upstream road gate hits lists crew devices people audit store inference config',
  web: 'hits lists people store',
  upstream: 'hits lists crew store',
  road: 'hits lists devices inference',
  gate: 'hits lists devices inference',
  hits: 'devices people store',
  lists: 'devices people store',
  crew: 'devices people store config',
  devices: 'store',
  people: 'store',
  audit: 'store',
  store: '',
  inference: '',
  config: '',
};

/** Packages of single files and rooms of the gateway. */
const GATEWAY_PACKAGES: readonly (readonly [files: string, packages: string])[] = [
  ['store/(db|connection/(connection|lock|in-memory)).ts', 'better-sqlite3'],
  ['people/credentials.ts', '@node-rs/argon2'],
  ['cli/', 'commander'],
  ['config/', 'yaml'],
  ['web/tls/authority.ts', '@peculiar/x509|reflect-metadata'],
  ['web/qr.ts', 'uqr'],
  ['web/', 'fastify|@fastify/.*|fastify-type-provider-zod'],
  ['metrics.ts', 'prom-client'],
];

/** The room `clock/` and the loose files of the gateway: they import contracts alone, and every room may import them. */
const FREE = 'clock/|supervise\\.ts$|metrics\\.ts$';

/** Rooms of `simulators/`: the rooms below that each may import. `patience.ts`, codecs of adapters, the check digit of citizen numbers and types of contracts are open to all of them. */
export const SIMULATOR_ROOMS: Readonly<Record<string, string>> = {
  bench: 'faults demo conformance rigs devices command-room product scene',
  faults: 'conformance rigs devices command-room product scene',
  demo: 'devices command-room product scene',
  conformance: 'devices command-room product scene',
  rigs: 'devices command-room product scene',
  'command-room': 'product scene',
  devices: 'product scene',
  product: 'scene',
  scene: '',
};

/** Rooms of `simulators/` that look into the product, to measure and to break it. */
const INSIDERS = /^(bench|faults|rigs|conformance)$/;

const CONTRACTS = /^gateway\/contracts\//;
const GATEWAY = /^gateway\//;
const ADAPTERS = /^adapters\//;
const MODELS = /^models\//;
const SIMULATORS = /^simulators\//;
const PROGRAM = /^sitebox\.ts$/;
const PACKAGES = /^npm:/;
const COMMON = /^npm:(pino|zod)$/;
const CODECS = /^adapters\/(.*\/)?([\w-]+\.)?codec\.ts$/;
const CITIZEN_NUMBER = /^gateway\/contracts\/citizen-number\.ts$/;
/** Adapters share helpers and codecs; a source, relay or decoder stands alone and only the table knows it. */
const HELPERS = /^adapters\/(?!index\.ts$)(?!.*\/(source|relay|decoder|equipment)\.ts$)/;

/** Tests, their support, and the simulators that measure or break the product from outside. */
export const TEST = /\.(test|fixtures)\.(ts|js)$|^simulators\/(conformance|bench|faults|rigs)\/|^vitest\./;

const escaped = (text: string): string => text.replace(/[.]/g, '\\.').replace('/', '\\/');
const folder = (root: string, rooms: string): RegExp[] =>
  rooms === '' ? [] : [new RegExp(`^${root}/(${rooms.split(' ').join('|')})/`)];

const gatewayRules = (): Rule[] => {
  const shared = [CONTRACTS, COMMON, new RegExp(`^gateway/(${FREE})`)];
  const packages = GATEWAY_PACKAGES.map(([files, names]) => ({
    files: new RegExp(`^gateway/${escaped(files)}`),
    may: new RegExp(`^npm:(${names})$`),
  }));
  return Object.entries(GATEWAY_ROOMS).flatMap(([room, below]) => {
    const may = [...shared, ...folder('gateway', `${room} ${below}`.trim())];
    const own = packages.filter(({ files }) => files.source.startsWith(`^gateway\\/${room}`));
    return [
      ...own.map((one) => ({ files: one.files, may: [...may, one.may] })),
      { files: new RegExp(`^gateway/${room}/`), may },
    ];
  });
};

const simulatorRules = (): Rule[] =>
  Object.entries(SIMULATOR_ROOMS).map(([room, below]): Rule => {
    const may = [
      ...folder('simulators', `${room} ${below}`.trim()),
      /^simulators\/patience\.ts$/,
      CODECS,
      CITIZEN_NUMBER,
    ];
    return INSIDERS.test(room)
      ? { files: new RegExp(`^simulators/${room}/`), may: [...may, PROGRAM, GATEWAY, ADAPTERS, MODELS, PACKAGES] }
      : {
          files: new RegExp(`^simulators/${room}/`),
          may: [...may, /^npm:(mqtt|sharp|serialport|zod)$/],
          mayType: [CONTRACTS],
        };
  });

/** The first rule whose `files` fits holds. A .ts file that none names is an error: new kinds of file are decided here. */
export const rules: readonly Rule[] = [
  { files: /^gateway\/.*\.(test|fixtures)\.ts$/, may: [GATEWAY, ADAPTERS, MODELS, SIMULATORS, PACKAGES] },
  { files: /^adapters\/.*\.(test|fixtures)\.ts$/, may: [CONTRACTS, ADAPTERS, SIMULATORS, PACKAGES] },
  {
    files: /^models\/.*\.(test|fixtures)\.ts$/,
    may: [CONTRACTS, /^gateway\/inference\//, MODELS, SIMULATORS, PACKAGES],
  },
  { files: /^simulators\/.*\.test\.ts$/, may: [PROGRAM, GATEWAY, ADAPTERS, MODELS, SIMULATORS, PACKAGES] },
  { files: /^(systemd\/)?[^/]+\.test\.ts$/, may: [/^[^/]+\.ts$/, PACKAGES] },

  {
    files: PROGRAM,
    may: [/^adapters\/index\.ts$/, /^models\/index\.ts$/, /^gateway\/(cli|contracts)\//, /^simulators\/demo\//],
  },
  { files: /^tidy(\.\w+)?\.ts$/, may: [/^npm:typescript$/, /^tidy(\.rooms)?\.ts$/] },
  { files: /^(loc|release)\.ts$/, may: [/^npm:typescript$/] },
  { files: /^setup\.(load|prune|fixtures)\.ts$/, may: [/^models\/manifest\.ts$/], mayType: [PACKAGES] },
  { files: /^vitest\..*\.ts$/, may: [/^vitest\.config\.ts$/, /^npm:vitest(\/config)?$/] },

  { files: CONTRACTS, may: [CONTRACTS] },
  { files: /^gateway\/metrics\.ts$/, may: [CONTRACTS, /^npm:prom-client$/] },
  { files: /^gateway\/(clock\/|supervise\.ts$)/, may: [CONTRACTS, /^gateway\/clock\//] },
  ...gatewayRules(),

  { files: /^adapters\/index\.ts$/, may: [ADAPTERS, CONTRACTS] },
  {
    files: CODECS,
    may: [CODECS, CITIZEN_NUMBER, /^gateway\/contracts\/(text|time|words\/words)\.ts$/, /^npm:zod$/],
    mayType: [CONTRACTS],
  },
  { files: /^adapters\/cameras\/(folder|jpeg)\//, may: [HELPERS, CONTRACTS, /^npm:(zod|sharp)$/] },
  { files: /^adapters\/cameras\/onvif\//, may: [HELPERS, CONTRACTS, /^npm:(onvif(\/lib\/utils\.js)?|zod)$/] },
  { files: /^adapters\/crew\/broker\//, may: [HELPERS, CONTRACTS, /^npm:(aedes|ws|zod)$/] },
  { files: /^adapters\/(crew\/external|upstream\/mqtt)\//, may: [HELPERS, CONTRACTS, /^npm:(mqtt|zod)$/] },
  { files: /^adapters\/shared\//, may: [/^adapters\/shared\//, CODECS, CONTRACTS, /^npm:(mqtt|serialport|zod)$/] },
  { files: ADAPTERS, may: [HELPERS, CONTRACTS, /^npm:zod$/] },

  {
    files: MODELS,
    may: [MODELS, CONTRACTS, /^gateway\/inference\/(jobs|serve)\.ts$/, /^npm:(onnxruntime-node|sharp|zod)$/],
  },
  { files: /^simulators\/patience\.ts$/, may: [] },
  ...simulatorRules(),
];
