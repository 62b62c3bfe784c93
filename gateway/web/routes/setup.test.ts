/** The set-up page in a real browser: from the code of the console to three accounts. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { tempFolder } from '../../contracts/rig.fixtures.ts';
import { PATIENCE_FACTOR } from '../../../simulators/patience.ts';
import { browserPath } from '../browser.fixtures.ts';
import { openApiRig } from '../api/api.fixtures.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
}, 60_000 * PATIENCE_FACTOR);
afterAll(() => browser.close());

let box: Awaited<ReturnType<typeof openApiRig>>;
let page: Page;
const mistakes: string[] = [];
beforeEach(async () => {
  box = await openApiRig();
  mistakes.length = 0;
  page = await browser.newPage({ viewport: { width: 1024, height: 600 } });
  // What the content security policy stops is a message too.
  page.on('console', (message) => mistakes.push(message.text()));
});
afterEach(async () => {
  await page.close();
  await box.server.close();
});

async function enter(serviceNumber: string, role: string, password: string, again = password): Promise<string> {
  await page.fill('[name=serviceNumber]', serviceNumber);
  await page.fill('[name=name]', `人员 ${serviceNumber}`);
  await page.selectOption('[name=role]', role);
  await page.fill('[name=password]', password);
  await page.fill('[name=again]', again);
  await page.click('button');
  return await page.innerText('main');
}

it('leads from any address of a new box to three accounts', { timeout: 60_000 * PATIENCE_FACTOR }, async () => {
  const code = box.rig.setUp.makeCode();
  await page.goto(box.server.url);
  expect(new URL(page.url()).pathname).toBe('/setup');
  await page.fill('[name=code]', 'wrong');
  await page.click('button');
  expect(await page.innerText('.problem')).toMatch(/代码不存在[\s\S]*unknown/);
  const folder = process.env['SITEBOX_SCREENSHOTS'] ?? tempFolder();
  await page.screenshot({ path: `${folder}/setup-code.png`, fullPage: true });
  await page.fill('[name=code]', code);
  await page.click('button');
  expect(new URL(page.url()).pathname).toBe('/setup/people');
  expect(await enter('100001', 'officer', 'seven green kites', 'seven green kite')).toMatch(/两次输入的口令不一致/);
  // What was typed is there again; the passwords are not.
  expect(await page.inputValue('[name=serviceNumber]')).toBe('100001');
  expect(await page.inputValue('[name=password]')).toBe('');
  expect(await enter('100001', 'officer', 'qwertyuiop')).toMatch(/commonest/);
  expect(await enter('100001', 'officer', 'seven green kites')).toMatch(/执勤人员 1 名，审计员或技术员 1 名/);
  await page.screenshot({ path: `${folder}/setup-person.png`, fullPage: true });
  expect(box.rig.accounts.isSetUp()).toBe(false);
  await enter('100002', 'officer', 'eight red boats');
  expect(await enter('100003', 'auditor', 'nine blue doors')).toMatch(/三个账户已生效/);
  await page.screenshot({ path: `${folder}/setup-done.png`, fullPage: true });
  expect(box.rig.accounts.list().map(({ serviceNumber }) => serviceNumber)).toEqual(['100001', '100002', '100003']);
  expect(mistakes.filter((text) => !/status of 4/.test(text))).toEqual([]);
});

it('takes nothing from another site, nor without the token of its form', async () => {
  const client = box.client();
  const code = new URLSearchParams({ code: box.rig.setUp.makeCode() });
  expect((await client.call('POST', '/setup', code, { origin: 'https://evil.example' })).json['code']).toBe(
    'api-foreign',
  );
  expect((await client.call('POST', '/setup', code)).status).toBe(303);
  const person = { serviceNumber: '100001', name: 'A', kind: 'police', role: 'officer' };
  const form = new URLSearchParams({ ...person, password: 'seven green kites', again: 'seven green kites' });
  expect((await client.call('POST', '/setup/people', form)).json['code']).toBe('api-csrf');
  const [, token = ''] =
    /name="csrfToken" value="([^"]+)"/.exec((await client.call('GET', '/setup/people')).text) ?? [];
  form.set('csrfToken', token);
  form.set('name', '"><script>alert(1)</script>');
  form.set('again', 'another');
  const answer = await client.call('POST', '/setup/people', form);
  expect(answer.status).toBe(400);
  expect(answer.text).not.toContain('<script');
});

it('takes the first accounts through the API too', async () => {
  const client = box.client();
  const opened = await client.call('POST', '/api/v1/setup', { code: box.rig.setUp.makeCode() });
  client.csrfToken = opened.json['csrfToken'] as string;
  const enterOne = (serviceNumber: string, role: string) => {
    const person = { serviceNumber, name: 'A', kind: 'police', roles: [role], password: 'seven green kites' };
    return client.call('POST', '/api/v1/setup/people', person);
  };
  expect((await enterOne('100001', 'officer')).json).toEqual({ officers: 1, others: 1 });
  expect((await enterOne('100002', 'officer')).json).toEqual({ officers: 0, others: 1 });
  expect((await enterOne('100003', 'technician')).json).toEqual({ officers: 0, others: 0 });
  expect((await enterOne('100004', 'officer')).json['code']).toBe('session-ended');
});
