/** From a finding to a hunt, a saved question, a rule tried on the past, and back into an incident: the way of an analyst who follows a host. */

import type { Page } from 'playwright-core';

/** Opens the value menu of an element and takes one of its entries. */
async function choose(page: Page, value: ReturnType<Page['locator']>, entry: string): Promise<void> {
  await value.click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** The host of the newest finding that has one; the demo has such from its start. */
async function findingOf(page: Page): Promise<{ id: string; source: string }> {
  const { items } = (await (await page.request.get('/api/v1/findings')).json()) as { items: { id: string; source: string }[] };
  const found = items.find(({ source }) => /^\d+\./.test(source));
  if (found === undefined) throw new Error('The demo has no finding about a host.');
  return found;
}

const askedText = (page: Page): string => new URL(page.url()).searchParams.get('ask') ?? '';

export async function followHost(
  page: Page,
): Promise<{ asked: string; narrowed: string; yaml: string; past: string; task: string }> {
  const { id, source } = await findingOf(page);
  await page.goto(`/findings/${encodeURIComponent(id)}?range=7d`);
  await choose(
    page,
    page
      .locator('main [data-value]')
      .filter({ hasText: source.split('.')[0]! })
      .first(),
    'Hunt for it',
  );
  await page.waitForURL(/\/hunt\?/);
  const rows = page.locator('[role=grid] [data-row]');
  await rows.first().waitFor();
  const asked = askedText(page);

  // A value of an answer narrows the question, by keyboard.
  await rows.first().focus();
  // ts, _log, uid, id.orig_h.
  for (let column = 0; column < 4; column++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Include' }).press('Enter');
  await page.waitForFunction((before) => new URL(location.href).searchParams.get('ask') !== before, asked);
  const narrowed = askedText(page);

  // A question of one's own, with the completion's help.
  const editor = page.locator('[data-hunt]');
  await editor.fill(`conn | where id.orig_h == "${source}" or id.resp_h == "${source}" | where id.resp`);
  await editor.press('End');
  await editor.press('Control+Space');
  await page.getByRole('option', { name: 'id.resp_p', exact: false }).first().waitFor();
  await editor.fill(`conn | where id.orig_h == "${source}" or id.resp_h == "${source}"`);
  await editor.press('Shift+Enter');
  await page.waitForURL((url) => url.searchParams.get('ask')?.startsWith('conn') === true);
  await page.locator('.hunt-read').waitFor();

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(`Host ${source}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/saved=/);
  await page.goto('/hunt?range=7d');
  await page.getByRole('button', { name: /^Saved/ }).click();
  await page
    .getByRole('menuitem', { name: `Host ${source}` })
    .first()
    .click();
  await page.waitForURL(/saved=/);
  await page.locator('.hunt-read').waitFor();

  await page.getByRole('button', { name: 'As a rule' }).click();
  const text = page.getByRole('region', { name: 'Text of the rule' });
  await text.waitFor();
  const yaml = await text.innerText();
  await page.getByRole('button', { name: /^Try on the past/ }).click();
  const trial = page.locator('.hunt-trial [role=status]');
  await trial.waitFor();
  await page.locator('.hunt-trial [role=progressbar]').waitFor({ state: 'detached' });
  const past = await trial.innerText();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await rows.first().waitFor();
  await choose(page, page.locator('[role=grid] td[data-column]', { hasText: source }).first(), 'Add to an incident');
  const incident = page.getByRole('combobox', { name: 'Incident' });
  await incident.click();
  const offered = await page.getByRole('option').first().innerText();
  if (!/^FW-\d{4}-\d{4} [^[]{5}/.test(offered)) throw new Error(`An incident is offered as "${offered}".`);
  await page.getByRole('option').first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await page.waitForURL(/\/incidents\/.*tab=tasks/);
  const task = page.getByText(new RegExp(`Look into id\\.(?:orig|resp)_h ${source.replaceAll('.', '\\.')}`)).first();
  await task.waitFor();
  return { asked, narrowed, yaml, past, task: await task.innerText() };
}
