/** A lane display in a real browser while the lists of the box are being loaded, after that has failed, and once they are in force. */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { frame, play, reading } from '../../gate/gate-lane.fixtures.ts';
import { installRoot } from '../../lists/in-force/box-root.ts';
import { DEFAULT_LIST_LIMITS } from '../../lists/bundle.ts';
import { writeSigned } from '../../lists/files.ts';
import { documents, draft, nobody, NOW, office, SITE } from '../../lists/lists.fixtures.ts';
import { FollowedLists } from '../../lists/in-force/followed-lists.ts';
import { importBundle } from '../../lists/in-force/import.fixtures.ts';
import { testDb } from '../../store/db.fixtures.ts';
import { SILENT_LOG } from '../../contracts/base.ts';
import { browserPath } from '../browser.fixtures.ts';
import { GREEN } from './lane.fixtures.ts';
import { openServer } from '../server.ts';

const WAIT = { timeout: 15_000 };
/** A store with a document list, and how to load it: from its folder, or from one that is not there. */
async function storedList(): Promise<{ follow: (from: 'its folder' | 'nowhere') => FollowedLists }> {
  const folder = tempFolder();
  const db = testDb(folder);
  const { rootFile, listKeys } = office();
  const trustFile = join(folder, 'root.json');
  writeSigned(trustFile, rootFile);
  const by = { now: NOW, who: 'officer' };
  installRoot(db, rootFile, by);
  const file = await documents(listKeys, [draft('D-1', nobody(1))]);
  const taken = importBundle(db, { ...by, file, site: SITE, limits: DEFAULT_LIST_LIMITS });
  if (!taken.ok) throw new Error(taken.detail);
  const options = {
    db,
    trustFile,
    site: SITE,
    timeZone: 'UTC',
    limits: DEFAULT_LIST_LIMITS,
    log: SILENT_LOG,
    now: () => NOW,
  };
  return {
    follow(from) {
      const lists = new FollowedLists({ ...options, folder: from === 'nowhere' ? join(folder, 'nowhere') : folder });
      onTestFinished(() => lists.close());
      return lists;
    },
  };
}

test('L8: a display is never green, and ticks nothing, while the lists are being loaded or could not be', async () => {
  const { follow } = await storedList();
  let lists: FollowedLists;
  const { gate } = play(undefined, { lookUp: (number) => lists.lookUpDocument(number, 'gate-1', NOW) });
  const views = { health: () => ({ status: 'ok' as const }), metrics: async () => ({ contentType: '', text: '' }) };
  const server = await openServer({ host: '127.0.0.1', port: 0 }, { ...views, lanes: new Map([['gate-1', gate]]) });
  onTestFinished(async () => {
    await server.close();
    await gate.drain();
  });
  const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ locale: 'en-GB' });
  await page.goto(`${server.url}/lanes/gate-1`);
  await page.waitForSelector('body[data-stage="waiting"]', WAIT);
  const colour = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const lay = (): void => {
    // Of one moment: a picture that is older than its document is not compared.
    const at = Date.now();
    gate.frame(frame(at));
    gate.observed('desk-1', { kind: 'document', reading: reading({ at }) });
  };
  const agrees = 'Face and photo on the document agree';
  const ticks = () => page.locator('#lines .good').count();
  const nothingLookedUp = async () => {
    await page.waitForSelector('body[data-tone="no-list"]', WAIT);
    await expect.poll(() => page.innerText('body'), WAIT).toContain(agrees);
    expect(await page.innerText('body')).toMatch(
      /No list in force[^]*Nothing was looked up: examine the document yourself/,
    );
    expect(await page.innerText('body')).not.toContain('Go on');
    expect(await colour()).not.toBe(GREEN);
    expect(await ticks()).toBe(0);
  };

  expect(await colour()).not.toBe(GREEN);
  lists = follow('its folder');
  // In the same turn of the event loop, so that nothing can have been loaded.
  lay();
  await nothingLookedUp();
  await lists.started();
  lay();
  await page.waitForSelector('body[data-tone="clear"]', WAIT);
  expect(await colour()).toBe(GREEN);
  await expect.poll(ticks, WAIT).toBe(1);
  lists = follow('nowhere');
  await lists.started();
  expect(lists.loadError()).toBeDefined();
  lay();
  await nothingLookedUp();
});
