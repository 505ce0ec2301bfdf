// What a new person finds, with scripts and without.

import { expect, test } from '../support/test.ts';
import { hasScripts, open, waitForState } from '../support/page.ts';

test('the first task is one click away, and the step is ticked off', async ({ page, owner: _ }) => {
  await open(page, '/');
  const steps = page.getByRole('region', { name: 'First steps' });
  await expect(steps).toContainText('Two things to do');
  await steps.getByRole('button', { name: /^Try:/ }).click();
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  await expect(page.getByText('The demo guide answers')).toBeVisible();
  await open(page, '/');
  await expect(steps).toContainText('One thing left');
  await expect(steps.getByRole('listitem').nth(1)).toContainText('Done:');
  await expect(steps.getByRole('link', { name: 'Open settings' })).toBeVisible();
});

test('the help page is found and needs nothing', async ({ page, owner: _ }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await open(page, '/');
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('navigation', { name: 'Main, narrow' }).getByText('Help').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Help' })).toBeVisible();
  await expect(page.getByText('Ollama', { exact: true })).toBeVisible();
  if (hasScripts()) {
    // The sheet went away with the page that it stood on.
    await expect(page.getByRole('button', { name: /Sign out/ })).toBeHidden();
  }
});
