/**
 * A person in charge brings the estate up to date: a spreadsheet with rows that are wrong is mended where it stands, proposals are accepted, a
 * weight is overridden with a reason, and a link is taken away to read what falls.
 */

import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Lent } from './noise-journey.ts';

/** A busy machine takes its time; nothing is judged by it. */
const soon = { timeout: 60_000 };

export async function estateJourney({ enter, settled, faults }: Lent): Promise<void> {
  // Several runs may meet at one centre.
  const run = randomBytes(3).toString('hex');
  const { context, page, troubles } = await enter();
  await importMended({ page, run, settled, faults });
  await acceptTwo({ page, settled });
  const link = await overrideWeight({ page, run, settled });
  await takeAway({ page, link, settled, faults });
  expect(troubles).toEqual([]);
  await context.close();
}

/** Five rows, three of them wrong: a word that is no kind, an address that is none, a network that nobody registered. */
async function importMended({ page, run, settled, faults }: Pick<Lent, 'settled' | 'faults'> & { page: Page; run: string }) {
  const row = (id: number, kind: string, network: string, address: string) =>
    `hospital-${run}-${id},Journey ${run} ${id},旅程 ${id},hospital,${network},${kind},general,${address},,`;
  const file = [
    'id,name_en,name_zh,organisation,network,kind,importance,addresses,names,businesses',
    row(1, 'server', 'hospital-servers', '10.20.1.201'),
    row(2, 'sever', 'hospital-servers', '10.20.1.202'),
    row(3, 'server', 'hospital-servers', '10.20.1.2003'),
    row(4, 'controller', 'hospital-cellar', '10.20.1.204'),
    row(5, 'server', 'hospital-servers', '10.20.1.205'),
  ].join('\r\n');
  await page.goto('/estate/import');
  await settled(page);
  expect(await faults(page)).toEqual([]);
  await page.locator('input[type=file]').setInputFiles({ name: 'assets.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.getByRole('button', { name: 'Read and check' }).click();

  // What is wrong in a row by itself is told first; what it refers to, as soon as the rows can be read.
  const cell = (column: string, line: number) => page.getByLabel(`${column}, line ${line}`, { exact: true });
  await expect.poll(() => page.locator('.sheet-cell[aria-invalid=true]').count(), soon).toBeGreaterThan(0);
  expect(await page.locator('.sheet-table tbody tr').count()).toBeLessThan(5);
  expect(await faults(page)).toEqual([]);
  await cell('Kind', 3).fill('server');
  await cell('Addresses', 4).fill('10.20.1.203');
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect.poll(() => cell('Network', 5).getAttribute('aria-invalid'), soon).toBe('true');
  expect(await page.locator('.sheet-table tbody tr').count()).toBe(1);
  await cell('Network', 5).fill('hospital-servers');
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByText('All rows can be imported: 5.').waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL(/\/estate\/assets/);
  await settled(page);

  // They stand in the register, and one is changed in its form.
  await page.goto(`/estate/assets?q=${run}`);
  await settled(page);
  await expect.poll(() => page.locator('main tbody tr').count(), soon).toBe(5);
  await page.getByRole('link', { name: `Journey ${run} 4` }).click();
  await page.waitForURL(/\/estate\/assets\/hospital-/);
  await settled(page);
  expect(await faults(page)).toEqual([]);
  await page.getByLabel('Why it is so important').fill('It closes the valve.');
  await page.getByRole('button', { name: 'Save' }).click();
  const history = page.getByRole('region', { name: 'History' });
  await expect.poll(() => history.getByRole('row').filter({ hasText: 'It closes the valve.' }).count(), soon).toBe(1);
}

async function get<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(`/api/v1${path}`);
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Two of what records showed and nobody registered; then they are no longer proposed, and stand in the register. */
async function acceptTwo({ page, settled }: Pick<Lent, 'settled'> & { page: Page }) {
  type Proposals = { items: { id: string; draft: { needs: string | null } }[] };
  // What lacks a field is accepted in a form; these two say all that is needed.
  const ready = async () =>
    (await get<Proposals>(page, '/proposals?state=open')).items.filter(({ draft }) => draft.needs === null);
  await expect.poll(async () => (await ready()).length, soon).toBeGreaterThanOrEqual(2);
  const two = (await ready()).slice(0, 2).map(({ id }) => id);
  await page.goto('/proposals');
  await settled(page);
  for (const id of two) await page.locator(`input[data-select][value="${id}"]`).check();
  await page.getByRole('button', { name: 'Accept selected' }).click();
  await page.getByText('Accepted: 2.', { exact: false }).waitFor();
  for (const id of two) {
    const { state } = await get<{ state: string }>(page, `/proposals/${id}`);
    expect(state).toBe('accepted');
  }
}

/** A weight of one's own needs a reason, which stands beside it from then on. Of the links, one that something depends on. */
async function overrideWeight({ page, run, settled }: Pick<Lent, 'settled'> & { page: Page; run: string }): Promise<string> {
  const links = (await get<{ items: { id: string }[] }>(page, '/links?limit=200')).items.map(({ id }) => id);
  let link: string | undefined;
  for (const id of links) {
    const { fallen } = await get<{ fallen: unknown[] }>(page, `/what-if?links=${id}`);
    if (fallen.length > 0) {
      link = id;
      break;
    }
  }
  expect(link).toBeDefined();
  await page.goto(`/links/${link}`);
  await settled(page);
  await page.getByRole('button', { name: 'Set the weight' }).click();
  const form = page.getByRole('dialog', { name: 'Set the weight' });
  const set = form.getByRole('button', { name: 'Set', exact: true });
  expect(await set.isDisabled()).toBe(true);
  await form.getByLabel('Weight', { exact: true }).fill('0.97');
  await form.getByLabel('Reason').fill(`The other line is dug up, ${run}.`);
  await set.click();
  await form.waitFor({ state: 'detached' });
  await page.getByText(`The other line is dug up, ${run}.`, { exact: false }).first().waitFor();
  return link!;
}

/** Without the link: which services fall, with whom they serve. */
async function takeAway({ page, link, settled, faults }: Pick<Lent, 'settled' | 'faults'> & { page: Page; link: string }) {
  const { fallen } = await get<{ fallen: { name: { en: string } }[] }>(page, `/what-if?links=${link}`);
  await page.goto('/what-if');
  await settled(page);
  await page.getByRole('combobox', { name: 'Which' }).fill(link);
  await page
    .getByRole('option')
    .filter({ hasText: `(${link})` })
    .click();
  await page.waitForURL(/[?&]id=/);
  await settled(page);
  for (const { name } of fallen.slice(0, 3)) await page.getByRole('link', { name: name.en }).first().waitFor();
  expect(await faults(page)).toEqual([]);
}
