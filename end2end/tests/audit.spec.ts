// The record of decisions: seen, narrowed, checked; and the grants that it tells of,
// with scripts and without.

import type { Locator, Page } from '@playwright/test';

import { hasScripts, open, ready } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

// The browser itself notes every refused request.
test.beforeEach(({ troubles }) => {
  if (hasScripts()) troubles.allow(/\b400\b.*\/fn\/grant-\w+\)?$/);
});

function rows(page: Page): Locator {
  return page.locator('tbody').getByRole('row');
}

function grants(page: Page): Locator {
  return page.getByRole('region', { name: 'Grants' });
}

test('what a run did is on record, and the record is whole', async ({ page, owner }) => {
  await open(page, '/audit');
  await expect(page.getByText('It was not checked yet')).toBeVisible();
  // The first agent was given what it may do.
  await expect(rows(page).first()).toContainText('Granted');
  const before = await rows(page).count();

  const { id } = await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/');
  await page.getByRole('navigation').first().getByRole('link', { name: 'Audit' }).click();
  await ready(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  await expect(rows(page)).toHaveCount(before + 2);
  await expect(rows(page).first()).toContainText('Ran');
  await expect(rows(page).first()).toContainText('time.now');
  await expect(rows(page).nth(1)).toContainText('Allowed');
  const run = rows(page).first().getByRole('link', { name: 'Run', exact: true });
  await expect(run).toHaveAttribute('href', `/runs/${id}`);

  const whole = `${before + 2} rows are as written, up to the signed row ${before + 2}.`;
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText(whole)).toBeVisible();
  await expect(page.getByText('Last checked')).toBeVisible();
  if (hasScripts()) await page.reload();
  await expect(page.getByText(whole)).toBeVisible();
});

test('filters stand in the address', async ({ page, owner }) => {
  await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/audit');
  await page.getByLabel('What', { exact: true }).selectOption('allowed');
  await page.getByLabel('Tool').fill('time.now');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/kind=allowed/);
  await expect(page).toHaveURL(/tool=time.now/);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByLabel('Tool')).toHaveValue('time.now');
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(rows(page).nth(2)).toContainText('Granted');

  await open(page, '/audit?until=2020-01-01');
  await expect(page.getByRole('heading', { name: 'No such rows' })).toBeVisible();
  await expect(page.getByLabel('to', { exact: true })).toHaveValue('2020-01-01');
});

test('grants are given, kept when refused, seen and removed', async ({ page, owner }) => {
  await open(page, '/agents/guide');
  await grants(page).getByLabel('Profile').selectOption('guarded');
  await grants(page).getByRole('button', { name: 'Use this profile' }).click();
  const asks = grants(page).getByRole('listitem').filter({ hasText: 'shell.exec' });
  await expect(asks).toContainText('Ask');
  await expect(asks).toContainText('of the profile Guarded');

  await ready(page);
  await grants(page).getByText('Add a grant').click();
  await grants(page).getByLabel('Tool').fill('two words');
  await grants(page).getByLabel('Commands').fill('cargo test *\ngit status');
  await grants(page).getByLabel('What becomes of a call').selectOption('deny');
  await grants(page).getByRole('button', { name: 'Add the grant' }).click();
  await expect(page.locator('#tool-error')).toContainText("is not a tool's name");
  await expect(grants(page).getByLabel('Tool')).toHaveValue('two words');
  await expect(grants(page).getByLabel('Commands')).toHaveValue('cargo test *\ngit status');
  await expect(grants(page).getByLabel('What becomes of a call')).toHaveValue('deny');

  await grants(page).getByLabel('Tool').fill('shell.exec');
  await grants(page).getByRole('button', { name: 'Add the grant' }).click();
  const denied = grants(page).getByRole('listitem').filter({ hasText: 'cargo test *' });
  await expect(denied).toContainText('Deny');
  await expect(denied).toContainText('commands cargo test *, git status');
  await expect(denied).toContainText('written by a person');

  await ready(page);
  await denied.getByRole('button', { name: 'Remove' }).click();
  await expect(denied).toHaveCount(0);
  const { items } = await owner.get<{ items: { kind: string; rule: string }[] }>(
    '/api/admin/audit?kind=removed',
  );
  expect(items[0]!.rule).toContain('cargo test *, git status');
  await open(page, '/audit?kind=removed');
  await expect(rows(page).first()).toContainText('Grant removed');
  await expect(rows(page).first()).toContainText('ada');
});
