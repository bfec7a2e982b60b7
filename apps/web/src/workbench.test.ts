/**
 * The workbench in a real browser: every page in both themes without a serious fault of access, and the ways of the
 * keyboard. It drives whatever answers at `FOREWARN_WORKBENCH_URL`; without it, it starts a centre of its own.
 */

import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addresses } from './testing/addresses.ts';
import { estateJourney } from './testing/estate-journey.ts';
import { noiseJourney } from './testing/noise-journey.ts';
import { warningJourney } from './testing/warning-journey.ts';
import { followHost } from './testing/hunt-journey.ts';
import { openWorkbench, type Workbench } from './testing/workbench.ts';

/** Debian's; no browser is downloaded. */
const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const present = existsSync(chromiumPath);
if (!present) console.warn('not run: chromium missing');

test.runIf(process.env['CI'] === 'true')('chromium is there in CI', () => {
  expect(present).toBe(true);
});

describe.runIf(present)('workbench', () => {
  let browser: Browser;
  let workbench: Workbench;

  beforeAll(async () => {
    workbench = await openWorkbench();
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await workbench?.end();
  });

  type Setting = { scheme?: 'dark' | 'light'; language?: 'en' | 'zh'; role?: string; timezone?: string };

  /** A signed-in browser. Anything the page throws, or asks of another host, fails the test that opened it. */
  async function enter({ scheme = 'dark', language = 'en', role = 'duty-officer', timezone }: Setting = {}): Promise<{
    context: BrowserContext;
    page: Page;
    troubles: string[];
  }> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      baseURL: workbench.url,
      ...(timezone === undefined ? {} : { timezoneId: timezone }),
    });
    await context.addInitScript(
      ([chosenScheme, chosenLanguage]) => {
        localStorage.setItem('forewarn.scheme', chosenScheme!);
        localStorage.setItem('forewarn.language', JSON.stringify(chosenLanguage));
      },
      [scheme, language],
    );
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (?:401|404)/.test(message.text())) troubles.push(message.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== workbench.url && !['data:', 'blob:'].includes(url.protocol)) troubles.push(`asked ${url.href}`);
    });
    const people = (await (await context.request.get('/api/v1/sessions/demo')).json()) as { role: string; link: string }[];
    const person = people.find((each) => each.role === role)!;
    const token = decodeURIComponent(person.link.split('/').at(-1)!);
    const entered = await context.request.post('/api/v1/sessions/link', {
      data: { token },
      headers: { origin: workbench.url },
    });
    if (!entered.ok()) throw new Error(`Nobody could sign in: ${await entered.text()}`);
    return { context, page, troubles };
  }

  /** The page has its heading and nothing waits any more. */
  async function settled(page: Page): Promise<void> {
    await page.locator('main h1').first().waitFor();
    await page.waitForFunction(() => document.querySelector('.loading') === null);
    await page.waitForFunction(
      () => document.querySelector('.chart-place') === null || document.querySelector('.chart-place canvas') !== null,
    );
  }

  async function faults(page: Page, rules?: string[]): Promise<string[]> {
    // Rows beyond the first dozen are like those before them, and axe looks at each for long.
    const axe = [
      '.table tbody tr:nth-child(n+12)',
      '.table > tbody:nth-of-type(n+12)',
      '.record-table > tbody:nth-of-type(n+12)',
      '.timeline > li:nth-child(n+12)',
    ].reduce((builder, repeated) => builder.exclude(repeated), new AxeBuilder({ page }));
    // Colours that fade into others are looked at when they have: some things move for ever, and are not waited for.
    await page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
          .map(({ finished }) => finished),
      ),
    );
    const { violations } = await (
      rules === undefined ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']) : axe.withRules(rules)
    ).analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
      );
  }

  /** Text keys that the renderer put in brackets because no catalogue has them. */
  const missingTexts = async (page: Page) => (await page.locator('body').innerText()).match(/\[[a-z]+(?:\.[\w-]+)+\]/g) ?? [];

  /**
   * Pixels by which the page, not something that scrolls inside it, is wider than the window. A chart hears of another width a moment after the page, on a
   * busy machine a long one; what is too wide then stays so.
   */
  const tooWide = async (page: Page) => {
    const over = () => {
      const main = document.querySelector('main')!;
      return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
    };
    for (let look = 0; look < 100 && (await page.evaluate(over)) > 0; look++) await page.waitForTimeout(100);
    return page.evaluate(over);
  };

  // One visit to each page looks at everything: a browser costs more than what is asked of it.
  test('every page: no serious fault of access in either theme, no missing text, nothing wider than the window', async () => {
    const { context, page, troubles } = await enter({ role: 'administrator' });
    const found: string[] = [];
    for (const address of await addresses(page)) {
      await page.goto(address);
      await settled(page);
      found.push(...(await faults(page)).map((fault) => `${address} ${fault}`));
      // The themes differ in colours alone.
      await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'light'));
      found.push(...(await faults(page, ['color-contrast'])).map((fault) => `${address} light ${fault}`));
      found.push(...(await missingTexts(page)).map((key) => `${address} ${key}`));
      for (const width of [390, 820]) {
        await page.setViewportSize({ width, height: 844 });
        const over = await tooWide(page);
        if (over > 0) found.push(`${address} is ${over} pixels too wide at ${width}`);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    expect(found).toEqual([]);
    expect(troubles).toEqual([]);
    await context.close();
  }, 600_000);

  test('every page has its texts in Chinese', async () => {
    const { context, page } = await enter({ scheme: 'light', language: 'zh', role: 'administrator' });
    const found: string[] = [];
    for (const address of await addresses(page)) {
      await page.goto(address);
      await settled(page);
      found.push(...(await missingTexts(page)).map((key) => `${address} ${key}`));
    }
    expect(found).toEqual([]);
    await context.close();
  }, 300_000);

  test.each(['dark', 'light'] as const)('the door has no serious fault of access, %s', async (scheme) => {
    const context = await browser.newContext({ baseURL: workbench.url });
    await context.addInitScript((chosen) => localStorage.setItem('forewarn.scheme', chosen), scheme);
    const page = await context.newPage();
    await page.goto('/incidents');
    await page.waitForURL(/\/sign-in/);
    await page.locator('h1').waitFor();
    expect(await faults(page)).toEqual([]);
    await context.close();
  });

  test('one click on a person of the demo signs in and goes where one wanted', async () => {
    const context = await browser.newContext({ baseURL: workbench.url });
    const page = await context.newPage();
    await page.goto('/incidents');
    await page.locator('.demo-card').first().click();
    await page.waitForURL(/\/incidents$/);
    await settled(page);
    await context.close();
  });

  test('from a finding over a hunt, a saved question and a rule tried on the past into an incident', async () => {
    const { context, page, troubles } = await enter();
    const { asked, narrowed, yaml, past } = await followHost(page);
    expect(asked).toMatch(/^union conn/);
    expect(narrowed.split('\n').length).toBeGreaterThan(asked.split('\n').length);
    expect(yaml).toContain('service: conn');
    expect(past).toMatch(/^[1-9][\d,]* hits\./);
    expect(troubles).toEqual([]);
    await context.close();
  }, 120_000);

  describe('by keyboard alone', () => {
    test('g and a letter goes, / asks, Escape leaves, ? helps', async () => {
      const { context, page, troubles } = await enter();
      await page.goto('/situation');
      await settled(page);
      await page.keyboard.press('g');
      await page.keyboard.press('i');
      await page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor();
      await page.keyboard.press('/');
      await expect.poll(() => page.evaluate(() => document.activeElement?.hasAttribute('data-query'))).toBe(true);
      // Letters typed into the query are the query's.
      await page.keyboard.type('gs');
      expect(page.url()).toMatch(/\/incidents/);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.evaluate(() => document.activeElement?.hasAttribute('data-query'))).toBe(false);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(troubles).toEqual([]);
      await context.close();
    });

    test('j, k and Enter open an incident, Escape comes back', async () => {
      const { context, page } = await enter();
      await page.goto('/incidents?as=list');
      await settled(page);
      await page.locator('main [data-row]').first().waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/incidents\/[^?]+/);
      // The list's own heading stands until the incident is shown and the reader set at its beginning.
      await page.locator('main a[data-up]').first().waitFor();
      await page.waitForFunction(() => document.activeElement?.localName === 'main');
      await page.keyboard.press('Escape');
      await page.waitForURL(/\/incidents(?:\?|$)/);
      await context.close();
    });

    test('Ctrl-K goes to a page by name', async () => {
      const { context, page } = await enter();
      await page.goto('/situation');
      await settled(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Go to anything' }).waitFor();
      await page.keyboard.type('audit');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/audit/);
      await context.close();
    });

    test('a value of a record is included by its menu and taken away by its pill', async () => {
      const { context, page, troubles } = await enter();
      await page.goto('/traffic/conn?range=7d');
      await settled(page);
      await page.locator('[role=grid] [data-row]').first().waitFor();
      const rows = Number(await page.locator('[role=grid]').getAttribute('aria-rowcount'));
      expect(rows).toBeGreaterThan(1);
      await page.keyboard.press('j');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Include' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(/q=/);
      await page.locator('.query-pill').waitFor();
      expect(await page.locator('.query-pill-text').innerText()).toMatch(/^id\.orig_h:/);
      await page.locator('.query-pill-remove').press('Enter');
      await page.waitForURL((url) => !url.search.includes('q='));
      expect(troubles).toEqual([]);
      await context.close();
    });

    test('a row opens to its fields, its JSON and its flow', async () => {
      const { context, page } = await enter();
      await page.goto('/traffic/dns?range=7d');
      await settled(page);
      await page.locator('[role=grid] [data-row]').first().waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.locator('.record-detail').waitFor();
      expect(await page.locator('.record-detail dt').allInnerTexts()).toContain('uid');
      expect(await faults(page)).toEqual([]);
      await context.close();
    });
  });

  describe('packets', () => {
    type FoundFlow = { finding: string; uid: string };

    /** A finding of an organisation, and a flow it rests on. */
    async function findingOf(page: Page, organisation: string): Promise<FoundFlow> {
      const answer = await page.request.get('/api/v1/findings?limit=500');
      const { items } = (await answer.json()) as {
        items: { id: string; organisations: string[]; records: { uid: string }[] }[];
      };
      for (const { id, organisations, records } of items) {
        const uid = records.find((record) => record.uid !== '')?.uid;
        if (organisations.includes(organisation) && uid !== undefined) return { finding: id, uid };
      }
      throw new Error(`The demo has no finding of ${organisation} that rests on a flow.`);
    }

    /** The two clicks that it takes. */
    async function ask(page: Page, finding: string): Promise<void> {
      await page.goto(`/findings/${finding}`);
      await settled(page);
      await page.locator('.page-tools').getByRole('button', { name: 'Packets' }).click();
      await page.getByRole('button', { name: 'Fetch the packets' }).click();
      await page.waitForURL(/\/packets\//);
    }

    test('from a finding on a primary link, two clicks show its packets, their layers and their bytes', async () => {
      const { context, page, troubles } = await enter();
      await ask(page, (await findingOf(page, 'hospital')).finding);
      const grid = page.getByRole('grid', { name: 'Packets of the flow' });
      await grid.waitFor({ timeout: 60_000 });
      await grid.locator('[data-row]').first().waitFor();
      expect(Number(await grid.getAttribute('aria-rowcount'))).toBeGreaterThan(1);
      await page.getByRole('treeitem', { name: /Internet protocol/ }).waitFor();
      expect(await faults(page)).toEqual([]);
      await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'light'));
      expect(await faults(page, ['color-contrast'])).toEqual([]);
      expect(await missingTexts(page)).toEqual([]);

      // A field marks its bytes, and a byte its field.
      await page.getByRole('treeitem', { name: /^Internet protocol/ }).click();
      await page.getByRole('treeitem', { name: /^Time to live/ }).click();
      const marked = page.locator('.byte[aria-selected=true]');
      await expect.poll(() => marked.count()).toBe(1);
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('[role=treeitem][aria-selected=true]').innerText()).toMatch(/^Protocol/);
      await page.locator('.byte').first().click();
      await expect.poll(() => marked.count()).toBe(6);
      expect(await page.locator('[role=treeitem][aria-selected=true]').innerText()).toMatch(/^Destination/);

      // The keyboard walks the list.
      await grid.locator('[data-row][tabindex="0"]').focus();
      await page.keyboard.press('j');
      await page.waitForURL(/n=2/);
      await page.getByRole('region', { name: 'Packet 2' }).waitFor();

      for (const width of [390, 820]) {
        await page.setViewportSize({ width, height: 844 });
        expect(await tooWide(page)).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 1440, height: 900 });

      await page.getByText('Stream', { exact: true }).click();
      await page.locator('.stream-turns, .empty').first().waitFor();
      expect(await faults(page)).toEqual([]);

      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download (pcap)' }).click();
      expect((await download).suggestedFilename()).toMatch(/\.pcap$/);
      expect(troubles).toEqual([]);
      await context.close();
    }, 180_000);

    test('on a link of which elements are kept it says why there are none, and what to do', async () => {
      const { context, page, troubles } = await enter();
      await ask(page, (await findingOf(page, 'waterworks')).finding);
      await page.getByText(/keeps elements, not packets/).waitFor();
      await page.getByRole('link', { name: 'What is kept of the link' }).click();
      await page.waitForURL(/\/links\//);
      expect(troubles).toEqual([]);
      await context.close();
    });

    test('who may not look at packets is not asked to', async () => {
      const { context, page } = await enter({ role: 'administrator' });
      await page.goto(`/findings/${(await findingOf(page, 'hospital')).finding}`);
      await settled(page);
      expect(await page.getByRole('button', { name: 'Packets' }).count()).toBe(0);
      await context.close();
    });

    test('a policy is set with its purpose, and says what it takes', async () => {
      const { context, page, troubles } = await enter();
      await page.goto('/links/waterworks-uplink');
      await settled(page);
      await page.getByRole('button', { name: 'Set what is kept' }).click();
      await page.getByRole('radio', { name: 'Elements and packets' }).check();
      await page.getByText('What it takes on each sensor').waitFor();
      const send = page.getByRole('button', { name: 'Set', exact: true });
      expect(await send.isDisabled()).toBe(true);
      await page.getByLabel('Purpose').fill('Controllers stand behind this link.');
      expect(await faults(page)).toEqual([]);
      await send.click();
      await page.getByRole('cell', { name: 'Controllers stand behind this link.' }).waitFor();
      expect(troubles).toEqual([]);
      await context.close();
    }, 120_000);
  });

  test('a wrong query says what is wrong and sends nothing', async () => {
    const { context, page } = await enter();
    await page.goto('/traffic/conn');
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('service:(dns');
    await page.keyboard.press('Enter');
    await page.locator('#query-problem').waitFor();
    expect(page.url()).not.toMatch(/q=/);
    await context.close();
  });

  test('the field that is typed is completed', async () => {
    const { context, page } = await enter();
    await page.goto('/traffic/dns');
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('rcode_n');
    await page.getByRole('option', { name: /rcode_name/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('[data-query]').inputValue()).toBe('rcode_name:');
    await context.close();
  });

  test('the range and the zone stand in the address and go along', async () => {
    const { context, page } = await enter();
    await page.goto('/findings?range=7d&zone=utc');
    await settled(page);
    expect(await page.locator('[data-time-range]').innerText()).toMatch(/UTC/);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL(/\/traffic\/conn\?.*range=7d/);
    expect(page.url()).toMatch(/zone=utc/);
    await context.close();
  });

  test('an address that is not there says so', async () => {
    const { context, page } = await enter();
    await page.goto('/incidents/none-such');
    await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
    await page.goto('/no-such-page');
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await context.close();
  });

  // Last, because they register things and open an incident.
  test.each([
    ['a finding, the exception that hides its like with what it would have hidden, and the incident', noiseJourney],
    ['a draft that is dropped, and a deadline in the zone that is shown, changed and agreed to', warningJourney],
    ['a spreadsheet mended in place, proposals accepted, a weight overridden, and what falls without a link', estateJourney],
  ])('%s', async (_, journey) => journey({ origin: workbench.url, enter, settled, faults }), 240_000);
});
