// The health page tells how large everything is, and cleans up on request.

import { hasScripts, open } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

test('sizes, owners and age limits; a clean-up by hand', async ({ page, owner }) => {
  await owner.ended((await owner.say('list files')).id);
  await open(page, '/');
  await page.getByRole('link', { name: 'Health' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Health' })).toBeVisible();
  const cleaning = page.getByRole('region', { name: 'Clean-up' });
  await expect(cleaning).toContainText('It has not run yet.');
  const events = page.getByRole('row', { name: /^run_events/ });
  await expect(events).toContainText('90 days after the end of the run');

  await cleaning.getByRole('button', { name: 'Clean up now' }).click();
  await expect(page).toHaveURL(/\/health$/);
  if (!hasScripts()) {
    await expect
      .poll(async () => (await page.reload(), cleaning.textContent()))
      .toContain('Removed');
  }
  await expect(cleaning).toContainText('Removed');
  await expect(page.getByRole('row', { name: /^messages / })).toContainText('2');
  await expect(events).toContainText('KiB');
});
