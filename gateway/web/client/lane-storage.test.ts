/** The lane page in a browser that keeps nothing for it: storage is blocked by the browser's own setting, as whoever looks after a display may do. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { browserPath } from '../browser.fixtures.ts';
import { openStand, serve } from '../server.fixtures.ts';

const WAIT = { timeout: 15_000 };

/** `cookies: 2` is "block all cookies and site data" of the settings. */
async function blockingBrowser(): Promise<BrowserContext> {
  const folder = tempFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  mkdirSync(join(folder, 'Default'));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(folder, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: browserPath(),
    args: ['--no-sandbox'],
    locale: 'en-GB',
  });
  onTestFinished(() => context.close());
  return context;
}

test('D1: a browser that blocks storage shows each outcome, sounds once it is tapped, and keeps its seat', async () => {
  const gate = openStand('gate-1');
  const server = await serve([gate]);
  onTestFinished(() => server.close());
  const page = await (await blockingBrowser()).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  const confirmed = page.waitForResponse((answer) => answer.url().includes('/seat?display='), WAIT);
  await page.goto(`${server.url}/lanes/gate-1`);
  await expect(page.evaluate('localStorage.length')).rejects.toThrow(/SecurityError|denied/);
  await page.waitForSelector('body[data-stage="waiting"]', WAIT);
  expect((await confirmed).status()).toBe(204);
  await page.click('#sound');
  await page.waitForSelector('#sound[aria-pressed="true"]', WAIT);
  gate.outcome({ outcome: 'listed' });
  await page.waitForSelector('body[data-played="listed"]', WAIT);
  expect(await page.innerText('body')).toContain('Listed');
  await page.click('#sound');
  await page.waitForSelector('#sound[aria-pressed="false"]', WAIT);
  expect(complaints).toEqual([]);
});
