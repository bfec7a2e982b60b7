/**
 * A warning as its people write it: a draft that is dropped, and one in force whose deadline is changed and agreed to. What is typed as an
 * instant is in the zone that is shown, not in the browser's.
 */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { json, type Lent } from './noise-journey.ts';

const titles = { en: 'A flaw in a gateway', zh: '网关漏洞' };

export async function warningJourney({ origin, enter, settled, faults }: Lent): Promise<void> {
  const author = await enter({ role: 'duty-officer', timezone: 'Asia/Shanghai' });
  const { page } = author;
  const deadline = (of: Page, text: string) => of.locator('main td', { hasText: text }).first().waitFor();
  await page.goto('/warnings/new?zone=utc');
  await settled(page);
  await page.getByLabel('Title in English').fill(titles.en);
  await page.getByLabel('Title in Chinese').fill(titles.zh);
  await page.getByLabel('Incident type').fill('exposure');
  await page.getByLabel('Possible scope').fill('Gateways of one maker.');
  await page.getByLabel('Matters to note').fill('Look at their logs.');
  await page.getByRole('textbox', { name: 'Measure', exact: true }).fill('Install the update.');
  await page.getByLabel('Deadline for measures UTC').fill('2030-01-02T12:00');
  await page.getByRole('combobox', { name: 'Addresses and networks' }).fill('198.51.100.7');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Keep draft' }).click();
  await page.waitForURL(/\/warnings\/(?!new)[^?]+\?zone=utc/);
  await deadline(page, '2030-01-02 12:00:00');
  await page.goto(page.url().replace('zone=utc', 'zone=local'));
  await deadline(page, '2030-01-02 20:00:00');

  await page.getByRole('button', { name: 'Drop the draft' }).click();
  const dialog = page.getByRole('dialog', { name: 'Drop the draft' });
  const drop = dialog.getByRole('button', { name: 'Drop the draft' });
  expect(await drop.isDisabled()).toBe(true);
  await dialog.getByLabel('Reason').fill('Nobody has the product.');
  await drop.click();
  await page.getByText('Nobody was told').waitFor();
  expect(await page.getByRole('button', { name: 'Review and issue' }).count()).toBe(0);
  expect(await faults(page)).toEqual([]);

  // One in force, as a script makes it.
  const post = async (path: string, data: object) =>
    json<{ id: string }>(await page.request.post(`/api/v1${path}`, { headers: { origin }, data }));
  const { id } = await post('/warnings', {
    colour: 'yellow',
    colourBecause: 'Rehearsed.',
    incidentType: 'exposure',
    title: titles,
    startTime: '2026-11-01T00:00:00.000Z',
    possibleScope: 'Gateways of one maker.',
    mattersToNote: 'Look at their logs.',
    measures: [{ text: 'Install the update.', dueAt: '2030-01-02T12:00:00.000Z' }],
    scope: { addresses: [], names: [], businesses: [], sectors: ['water'] },
  });
  await post(`/warnings/${id}/issue-alone`, { reason: 'Rehearsed.' });
  await page.goto(`/warnings/${id}?zone=utc`);
  await settled(page);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const change = page.getByRole('dialog', { name: 'Change' });
  expect(await change.getByLabel('Deadline for measures UTC').inputValue()).toBe('2030-01-02T12:00');
  await change.getByLabel('Deadline for measures UTC').fill('2030-01-01T12:00');
  await change.getByLabel('Reason').fill('It is exploited.');
  expect(await faults(page)).toEqual([]);
  await change.getByRole('button', { name: 'Propose' }).click();
  await change.waitFor({ state: 'detached' });

  // Whoever is to agree sees the deadline that changes, and that alone.
  const second = await enter({ role: 'administrator' });
  await second.page.goto(`/warnings/${id}?zone=utc`);
  await settled(second.page);
  const proposed = second.page.locator('section', { hasText: 'Waits for a second person' }).last();
  await proposed.getByText('2030-01-01 12:00:00').waitFor();
  expect(await proposed.getByText('Matters to note').count()).toBe(0);
  await second.page.getByRole('button', { name: 'Approve the change' }).click();
  await deadline(second.page, '2030-01-01 12:00:00');
  expect([...author.troubles, ...second.troubles]).toEqual([]);
  await second.context.close();
  await author.context.close();
}
