/** A site of 0.1.0 whose displays are on the network: they go on until the box has accounts, and then ask for a code. Real store, box and browser. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../gateway/contracts/rig.fixtures.ts';
import { hashWith } from '../../gateway/people/credentials.ts';
import { DB_FILE, openDb } from '../../gateway/store/db.ts';
import { putPerson } from '../../gateway/store/people.ts';
import { oldFolder } from '../../gateway/store/upgrade.fixtures.ts';
import { browserPath } from '../../gateway/web/browser.fixtures.ts';
import { siteboxTyping, spawnGateway } from '../product/gateway.ts';
import { laySite } from '../product/site.ts';

const PASSWORD = 'seven green kites';
const WAIT = { timeout: 60_000 };

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ internal, family }) => !internal && family === 'IPv4');
  if (!found) throw new Error('this machine has no address but loopback: the test needs one');
  return found.address;
}

async function openPage(url: string): Promise<Page> {
  const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'zh-CN' });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function startBox(from?: string) {
  const site = await laySite({
    folder: tempFolder(),
    port: 0,
    cameras: {},
    more: {
      listen: { host: ownAddress(), port: 0 },
      readers: [{ id: 'desk-1', kind: 'mrz', port: 'tcp://127.0.0.1:9' }],
      lanes: [{ id: 'gate-1', kind: 'gate', readers: ['desk-1'] }],
      crew: { equipment: [{ id: 'broker', kind: 'broker', listen: { host: '127.0.0.1', port: 0 } }] },
    },
  });
  if (from !== undefined) {
    mkdirSync(site.storage, { recursive: true, mode: 0o700 });
    copyFileSync(join(from, DB_FILE), join(site.storage, DB_FILE));
  }
  const gateway = spawnGateway(site.configFile);
  onTestFinished(() => gateway.kill());
  return { site, url: `${await gateway.url()}/lanes/gate-1` };
}

test('displays of an upgraded site show their lane without a code, until there are accounts; then the screen says what to do', async () => {
  const { site, url } = await startBox(oldFolder());
  expect(url).toMatch(/^https:/);
  const page = await openPage(url);
  await page.waitForSelector('body[data-stage]:not([data-stage="lost"])', WAIT);
  {
    const hash = await hashWith(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
    using db = openDb(site.storage);
    const account = {
      name: 'Li',
      kind: 'police',
      roles: ['officer'],
      created: 0,
      judgesFrom: 0,
      vouchedBy: [],
    } as const;
    putPerson(db, { ...account, serviceNumber: '100001', hash });
  }
  await page.waitForSelector('form[action="/display"]', WAIT);
  expect(await page.innerText('main')).toMatch(/person display 通道 --by 警号[\s\S]*person display LANE --by NUMBER/);
  // And stays so over a restart of the screen.
  expect((await page.goto(url))?.status()).toBe(401);
  const args = ['person', 'display', 'gate-1', '--by', '100001', '--config', site.configFile];
  const { stdout } = await siteboxTyping([PASSWORD], ...args);
  await page.fill('input[name="code"]', /: ((?:[0-9a-z]{4}-?)+)\n/.exec(stdout)![1]!);
  await page.click('button');
  await page.waitForSelector('body[data-stage]:not([data-stage="lost"])', WAIT);
  expect(page.url()).toBe(url);
});

test('a new site has no display that needs no code', async () => {
  const { url } = await startBox();
  expect((await (await openPage(url)).request.get(url)).status()).toBe(503);
});
