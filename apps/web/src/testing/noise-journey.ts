/**
 * From a finding to the exception that hides its like, and on to the incident: the way an analyst goes. The next of its kind comes through the
 * centre's own door for sensors.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';

export async function json<T>(answer: { ok(): boolean; status(): number; text(): Promise<string> }): Promise<T> {
  const text = await answer.text();
  if (!answer.ok()) throw new Error(`${answer.status()} ${text}`);
  return JSON.parse(text) as T;
}

/** A host of the hospital that is handed whole zones; a rule about single records finds each hour of it. */
async function openSource(administrator: Page, origin: string): Promise<{ host: string; handed(at: number): Promise<void> }> {
  // Several runs may meet at one centre.
  const run = randomBytes(4);
  const { token } = await json<{ token: string }>(
    await administrator.request.post('/api/v1/sensors', {
      headers: { origin },
      data: { id: `hospital-${run.toString('hex')}`, name: 'Journey', organisation: 'hospital', networkType: 'computer' },
    }),
  );
  const host = `10.20.${run[0]}.${run[1]}`;
  return {
    host,
    async handed(at) {
      const record = {
        ts: at,
        uid: `C${randomBytes(8).toString('hex')}`,
        'id.orig_h': host,
        'id.orig_p': 40_000,
        'id.resp_h': '203.0.113.53',
        'id.resp_p': 53,
        proto: 'tcp',
        query: 'zone.example',
        qtype_name: 'AXFR',
        rcode_name: 'NOERROR',
        answers: ['ns1.zone.example'],
      };
      const batch = { source: 'journey', logs: { dns: [record] } };
      const id = createHash('sha256').update(JSON.stringify(batch)).digest('hex');
      const answer = await fetch(`${origin}/api/v1/intake/batches`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ id, ...batch }),
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    },
  };
}

/** How many findings of a host there are, shown ones or hidden ones. */
async function countOf(page: Page, source: string, hidden: 'no' | 'yes'): Promise<number> {
  const path = `/api/v1/findings?source=${encodeURIComponent(source)}&hidden=${hidden}`;
  return (await json<{ items: unknown[] }>(await page.request.get(path))).items.length;
}

/** What the suite lends: a signed-in browser, a page that waits for nothing any more, faults of access. */
export type Lent = {
  origin: string;
  enter(setting?: { role?: string; timezone?: string }): Promise<{ context: BrowserContext; page: Page; troubles: string[] }>;
  settled(page: Page): Promise<void>;
  faults(page: Page): Promise<string[]>;
};

export async function noiseJourney({ origin, enter, settled, faults }: Lent): Promise<void> {
  const administrator = await enter({ role: 'administrator' });
  const source = await openSource(administrator.page, origin);
  await administrator.context.close();
  const now = Math.floor(Date.now() / 1000);
  await source.handed(now - 7_200);
  const { context, page, troubles } = await enter();
  await expect.poll(() => countOf(page, source.host, 'no'), { timeout: 60_000 }).toBe(1);
  await page.goto(`/findings?range=24h&source=${source.host}`);
  await settled(page);
  await page.locator('main [data-row]').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('h');
  const form = page.getByRole('dialog', { name: 'New exception' });
  await form.getByText('1 of', { exact: false }).waitFor();
  expect(await form.getByLabel('Condition').inputValue()).toContain(source.host);
  const hide = form.getByRole('button', { name: 'Hide from now on' });
  expect(await hide.isDisabled()).toBe(true);
  expect(await faults(page)).toEqual([]);
  await form.getByLabel('Reason').fill('Our own secondary name server.');
  await hide.click();
  await form.waitFor({ state: 'detached' });

  // The next like it is hidden, counted, and shown on demand.
  await source.handed(now);
  await expect.poll(() => countOf(page, source.host, 'yes'), { timeout: 60_000 }).toBe(1);
  expect(await countOf(page, source.host, 'no')).toBe(1);
  await page.goto('/exceptions');
  await settled(page);
  const row = page.getByRole('row').filter({ hasText: source.host });
  await expect.poll(() => row.getByRole('link', { name: '1', exact: true }).count()).toBe(1);
  expect(await faults(page)).toEqual([]);
  await page.goto(`/findings?range=24h&source=${source.host}`);
  await settled(page);
  await page.getByRole('switch', { name: 'Show hidden (1)' }).click();
  await page.waitForURL(/hidden=all/);
  await expect.poll(() => page.locator('main [data-row] td.number').first().innerText()).toBe('2');

  // What an analyst still holds to be something becomes an incident.
  await page.getByRole('switch', { name: 'Show hidden (1)' }).click();
  await page.waitForURL((url) => !url.search.includes('hidden=all'));
  await expect.poll(() => page.locator('main [data-row] td.number').first().innerText()).toBe('1');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'To an incident (1)' }).click();
  const incident = page.getByRole('dialog');
  await incident.getByLabel('Title').fill('Zones handed to a stranger');
  await incident.getByLabel('Concerned').click();
  await page.getByRole('option').first().click();
  await page.keyboard.press('Escape');
  await incident.getByRole('button', { name: 'Open incident' }).click();
  await page.waitForURL(/\/incidents\/[^?]+/);
  await page.getByRole('heading', { name: 'Zones handed to a stranger' }).waitFor();
  expect(troubles).toEqual([]);
  await context.close();
}
