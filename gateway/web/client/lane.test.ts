/** The lane page in a real browser, on the two sizes of a 7-inch screen, in both languages. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserPath } from '../browser.fixtures.ts';
import { cases, DARK, GREEN } from './lane.fixtures.ts';
import { openCalls, openStand, serve, type Stand } from '../server.fixtures.ts';
import type { WebServer } from '../server.ts';

const WAIT = { timeout: 15_000 };
const SIZES = [
  { width: 1024, height: 600 },
  { width: 800, height: 480 },
];

let browser: Browser;
let context: BrowserContext;
/** One for all tests: each has a server, and so an origin, of its own. */
let page: Page;
let gate: Stand;
let plain: Stand;
let server: WebServer;
let calls: ReturnType<typeof openCalls>;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  context = await browser.newContext({ viewport: SIZES[0]!, locale: 'zh-CN' });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});
afterAll(() => browser.close());
beforeEach(async () => {
  gate = openStand('gate-1');
  plain = openStand('gate-2', false);
  calls = openCalls();
  server = await serve([gate, plain], 0, calls);
});
afterEach(async () => {
  await page.goto('about:blank');
  await server.close();
  complaints.length = 0;
});

const CALL = { id: 'a', at: 1, place: { lat: 30.25, lon: 120.125, name: '东门' } };

/** Opens a lane and waits until its view is shown. */
async function open(path = '/lanes/gate-1'): Promise<void> {
  await page.goto(server.url + path);
  await page.waitForSelector('body[data-version]', WAIT);
}
const shown = (version: number) => page.waitForSelector(`body[data-version="${version}"]`, WAIT);
const stage = (name: string) => page.waitForSelector(`body[data-stage="${name}"]`, WAIT);
const text = (): Promise<string> => page.innerText('body');

// Plain JavaScript for the browser; its types are checked by words.test.ts.
const measure = (await import(new URL('./measure.fixtures.js', import.meta.url).href)) as {
  readonly overflow: () => string[];
  readonly colours: () => { back: string; contrast: number };
};
const overflow = (): Promise<string[]> => page.evaluate(measure.overflow);
const colours = (): Promise<{ back: string; contrast: number }> => page.evaluate(measure.colours);

describe.each(SIZES)('on a screen of $width x $height', (size) => {
  it('shows each outcome in its colour and words, in both languages, and all of it fits', async () => {
    await page.setViewportSize(size);
    await open('/lanes/gate-1?lang=zh');
    for (const { name, act, colour, zh, en } of cases) {
      await shown(act(gate));
      for (const words of [zh, en]) {
        const said = await text();
        for (const word of words) expect(said, name).toContain(word);
        expect(await overflow(), name).toEqual([]);
        await page.click('#language');
      }
      const { back, contrast } = await colours();
      expect(back, name).toBe(colour);
      expect(contrast, name).toBeGreaterThan(4.5);
    }
    calls.set([
      { id: 'b', at: 2 },
      { ...CALL, at: 1 },
    ]);
    await page.waitForSelector('#sos:not([hidden])', WAIT);
    expect(await overflow(), 'with a call for help above').toEqual([]);
    // The check of what fits catches what does not.
    await page.evaluate("document.querySelector('main').style.fontSize = '190px'");
    expect(await overflow()).not.toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('a display', () => {
  it('speaks the browser’s language, another when asked, and keeps the choice in its address', async () => {
    await open();
    expect(await text()).toContain('请下一位');
    await page.click('#language');
    expect(await text()).toContain('Next visitor');
    expect(page.url()).toContain('lang=en');
    await page.reload();
    await stage('waiting');
    expect(await text()).toContain('Next visitor');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
  });

  it('forgets the end of the number when the view does', async () => {
    await open();
    await shown(gate.outcome({ lastFour: '004X', document: 'passport' }));
    expect(await page.content()).toContain('004X');
    await shown(gate.outcome({ document: 'passport' }));
    expect(await page.content()).not.toContain('004X');
  });

  it('does not show an old green to whoever opens it', async () => {
    gate.outcome({}, 40_000);
    gate.show({ presented: false });
    await open();
    expect(await page.getAttribute('body', 'data-stage')).toBe('past');
    expect((await colours()).back).toBe(DARK);
    expect(await text()).toMatch(/请下一位[\s\S]*上一位 \d\d:\d\d:\d\d 请通行/);
  });

  it('takes what a list says for text', async () => {
    const instruction = '<script>window.harmed = 1</script><img src="x" onerror="window.harmed = 1"><b>&amp;</b>';
    await open();
    gate.show({ away: [instruction], ticket: instruction });
    await shown(gate.outcome({ outcome: 'listed', category: instruction, instruction }));
    const lines = await page.locator('#lines p').allTextContents();
    expect(lines).toEqual([instruction, instruction]);
    expect(await page.textContent('#alarm')).toContain(instruction);
    expect(await page.locator('main :is(script, img, b)').count()).toBe(0);
    expect(await page.evaluate("'harmed' in window")).toBe(false);
    // Markup that reaches the document all the same does not run, and a string does not become markup.
    await expect(page.evaluate(`document.body.innerHTML = '<b>'`)).rejects.toThrow('Trusted');
  });

  it('covers everything when the connection ends, and comes back by itself', async () => {
    await open();
    await shown(gate.outcome({ lastFour: '004X', document: 'passport' }));
    const { port } = new URL(server.url);
    await server.close();
    await stage('lost');
    expect(await text()).toContain('与主机连接中断');
    expect(await page.content()).not.toMatch(/004X|请通行/);
    expect((await colours()).back).not.toBe(GREEN);
    gate.outcome({ outcome: 'listed', category: '测试' });
    server = await serve([gate, plain], Number(port));
    await stage('live');
    expect(await text()).toContain('比中名单');
  });

  it('sounds once for each outcome, after a tap', async () => {
    await open();
    await shown(gate.outcome({ at: 1, outcome: 'clear' }));
    const heard = () => page.evaluate('({ ...document.body.dataset })');
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'clear', sounds: '1', played: '' });
    await page.click('#sound');
    await page.waitForSelector('#sound[aria-pressed="true"]', WAIT);
    await shown(gate.outcome({ at: 2, outcome: 'listed' }));
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'listed', sounds: '2', played: 'listed' });
    await shown(gate.show({ ticket: 'T-1' }));
    await expect.poll(heard, WAIT).toMatchObject({ sounds: '2' });
    expect(await page.textContent('#heard')).toContain('三长声');
  });

  it('shows a call for help above everything, sounds once for each, and says whether the room has it', async () => {
    await open();
    const heard = () => page.evaluate('({ ...document.body.dataset })');
    calls.set([CALL]);
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'sos', sounds: '1' });
    const said = () => page.textContent('#sos');
    expect(await said()).toMatch(/队员紧急求助 \d\d:\d\d:\d\d · 东门 · 30\.25000, 120\.12500 · 请告知综合指挥室/);
    calls.set([{ ...CALL, acknowledged: 'room' }]);
    await expect.poll(said, WAIT).toContain('综合指挥室已收到');
    calls.set([{ ...CALL, acknowledged: 'box' }]);
    await expect.poll(said, WAIT).toContain('本站已签收');
    expect(await said(), 'D2').not.toContain('综合指挥室');
    calls.set([{ id: 'b', at: 2 }, CALL]);
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'sos', sounds: '2' });
    expect(await said()).toMatch(/位置未知 · 请告知综合指挥室 · 另有 1 起$/);
    calls.set([]);
    await page.waitForSelector('#sos', { ...WAIT, state: 'hidden' });
    // A display that is opened meanwhile shows it too.
    calls.set([CALL]);
    await open('/lanes/gate-2?lang=en');
    await expect.poll(said, WAIT).toContain('SOS of the crew');
  });

  it('D1: fills the screen and sounds when no reader answers, and goes on by itself', async () => {
    await open();
    await page.click('#sound');
    await page.waitForSelector('#sound[aria-pressed="true"]', WAIT);
    const heard = () => page.evaluate('({ ...document.body.dataset })');
    gate.show({ away: ['reader-1'], noReader: true });
    await stage('out');
    expect(await text()).toMatch(/读卡器故障 · 请人工查验/);
    expect(await text()).not.toContain('请下一位');
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'out', sounds: '1', played: 'out' });
    gate.show({ away: [], noReader: false });
    await stage('waiting');
    // One of two readers is a line above what goes on.
    gate.show({ away: ['reader-1'], noReader: false });
    await expect.poll(() => page.textContent('#alarm'), WAIT).toContain('reader-1');
    expect(await page.getAttribute('body', 'data-stage')).toBe('waiting');
    expect(await heard()).toMatchObject({ sounds: '1' });
  });

  it('D1: sounds once when the connection ends', async () => {
    await open();
    const heard = () => page.evaluate('({ ...document.body.dataset })');
    const { port } = new URL(server.url);
    await server.close();
    await stage('lost');
    await expect.poll(heard, WAIT).toMatchObject({ sound: 'lost', sounds: '1' });
    // The tries that fail meanwhile are no news.
    await page.waitForEvent('requestfailed', WAIT);
    expect(await heard()).toMatchObject({ sounds: '1' });
    server = await serve([gate, plain], Number(port));
    await stage('waiting');
  });

  it('S1: says that it reads, and keeps its seat against programs that do not', async () => {
    const confirmed = page.waitForResponse((answer) => answer.url().includes('/seat?display='), WAIT);
    await open();
    expect((await confirmed).status()).toBe(204);
    const bare = new AbortController();
    for (let i = 0; i < 16; i++) await fetch(`${server.url}/lanes/gate-1/events`, { signal: bare.signal });
    await shown(gate.outcome({}));
    await page.reload();
    await stage('live');
    bare.abort();
  });

  it('passes on that a visitor does not want the comparison', async () => {
    await open();
    await page.click('#decline');
    await page.waitForSelector('#decline[aria-pressed="true"]', WAIT);
    expect(gate.declines()).toBe(1);
    expect(await page.textContent('#decline')).toBe('下一次不做人脸比对');
    await open('/lanes/gate-2');
    expect(await page.isVisible('#decline')).toBe(false);
    expect(await text()).not.toContain('不保存');
  });

  it('is found from the list of lanes', async () => {
    await page.goto(`${server.url}/lanes`);
    await page.click('text=gate-2');
    await stage('waiting');
    expect(await text()).toContain('验证通道 gate-2');
    expect(complaints).toEqual([]);
  });

  // The last one: the clock of the page stays ours.
  it('covers everything when the box falls silent, as with a pulled cable', async () => {
    await page.clock.install();
    await open();
    await shown(gate.outcome({}));
    expect((await colours()).back).toBe(GREEN);
    // No sign of life comes in the seconds that pass for the page alone.
    await page.clock.fastForward(12_600);
    await stage('lost');
    await page.clock.runFor(2_000);
    await stage('live');
  });
});
