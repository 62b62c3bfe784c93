/** The crew's verbs in the process of a test, on a real store, with the connection of the gateway that runs beside them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { verifyAudit } from '../../store/audit.ts';
import { openDb, type Db } from '../../store/db.ts';
import { storedEvents } from '../../store/sealing/sealing.fixtures.ts';
import { addDevice } from '../../store/devices.ts';
import { OutboxWriter } from '../../store/outbox/outbox.ts';
import { alertCommand } from './alert.ts';
import { deviceCommand } from './device.ts';
import { run, type Outcome } from '../cli.fixtures.ts';
import { modeCommand } from './mode.ts';
import { orderCommand } from './order.ts';
import { outboxCommand } from '../outbox.ts';
import { sosCommand } from './sos.ts';

const VERBS = {
  alert: alertCommand,
  device: deviceCommand,
  order: orderCommand,
  sos: sosCommand,
  mode: modeCommand,
  outbox: outboxCommand,
};

export interface CliRig {
  readonly folder: string;
  readonly file: string;
  readonly db: Db;
  readonly outbox: OutboxWriter;
  /** Writes the configuration anew, with more keys. */
  configure(more: object): void;
  readonly sitebox: (verb: keyof typeof VERBS, ...args: string[]) => Promise<Outcome>;
  /** Body-cams of officers, without a password, which takes its time. */
  register(...ids: string[]): void;
  /** `who: what` of each row; throws where the chain is not whole. */
  audit(): string[];
  events(): ReturnType<typeof storedEvents>;
  close(): void;
}

export const CREW = { equipment: [{ id: 'crew', kind: 'broker' }] };

export function openCliRig(): CliRig {
  const folder = tempFolder();
  const file = join(folder, 'box.yaml');
  const db = openDb(join(folder, 'store'));
  const configure = (more: object): void => {
    const config = { site: 'demo', storage: { folder: 'store' }, lists: { trust: 'root.json' }, crew: CREW };
    writeFileSync(file, JSON.stringify({ ...config, upstream: [{ id: 'room', kind: 'https' }], ...more }));
  };
  configure({});
  return {
    folder,
    file,
    db,
    configure,
    outbox: new OutboxWriter(db, {
      source: '/s',
      relays: ['room'],
      limits: { rows: 100, bytes: 1e6 },
      now: Date.now,
      wake: () => undefined,
    }),
    sitebox(verb, name = '', ...rest) {
      return run(VERBS[verb](), [name, '--config', file, ...rest]);
    },
    register(...ids) {
      const device = { kind: 'bodycam', role: 'officer', protocol: 'bodycam', serials: [] } as const;
      for (const id of ids) addDevice(db, { ...device, id }, { by: 'Chief 1', now: Date.now() });
    },
    audit() {
      const verdict = verifyAudit(db);
      if (!verdict.ok) throw new Error(verdict.why);
      const rows = db.prepare('SELECT who, what FROM audit ORDER BY seq').all() as { who: string; what: string }[];
      return rows.map((r) => `${r.who}: ${r.what}`);
    },
    events: () => storedEvents(db),
    close() {
      db.close();
    },
  };
}
