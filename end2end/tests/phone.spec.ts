// On a phone, what is beside the talk on a desk lies in drawers. They open with
// scripts and without.

import { answers, idIn, open, ready, say, waitForState } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('sessions, facts and the way out', async ({ page, owner }) => {
  const old = await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/chat');
  await say(page, 'list files');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('There is nothing in');

  await ready(page);
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await expect(facts).toBeHidden();
  await page.getByRole('button', { name: 'Facts' }).tap();
  await expect(facts.getByRole('link', { name: 'Open the run' })).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await expect(facts).toBeHidden();

  const sessions = page.getByRole('complementary', { name: 'Sessions' });
  await expect(sessions).toBeHidden();
  await page.getByRole('button', { name: 'Sessions' }).tap();
  await sessions.getByRole('link', { name: 'what time is it' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'what time is it' })).toBeVisible();
  expect(idIn(page)).toBe(old.session_id);
  await expect(sessions).toBeHidden();

  await ready(page);
  await page.getByText('More', { exact: true }).tap();
  await page.getByRole('button', { name: 'Sign out ada' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('the send button stays above the keyboard', async ({ page, owner: _ }) => {
  await open(page, '/chat');
  const field = page.getByLabel('Message', { exact: true });
  await field.tap();
  // The keyboard takes away the lower part of the window.
  await page.setViewportSize({ width: 390, height: 500 });
  await field.fill('line\n'.repeat(30));
  const send = page.getByRole('button', { name: 'Send' });
  await expect(send).toBeInViewport({ ratio: 1 });
  await expect(field).toBeInViewport();
  // Smaller text makes a phone zoom in on the field.
  const size = await field.evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  expect(size).toBeGreaterThanOrEqual(16);
});
