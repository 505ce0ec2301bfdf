// On a slow line the page is there long before its scripts. Nobody has to wait
// for them, and nothing that was done meanwhile is lost.

import type { Page } from '@playwright/test';

import { answers, ready, say, signIn } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

/** Holds the scripts back; returns how to let them come. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await released;
    // The page that asked may be gone by now.
    await route.continue().catch(() => {});
  });
  return release;
}

test('signing in and sending a message before the scripts came', async ({
  page,
  server,
  troubles,
}) => {
  // What a page was still loading when it is left fails there.
  troubles.allow(/\.wasm net::ERR_ABORTED$/, /TypeError: Failed to fetch/);
  await server.addOwner();
  const release = await holdScripts(page);
  await page.goto('/login?next=/chat', { waitUntil: 'commit' });
  await signIn(page);
  await expect(page.getByRole('heading', { name: 'New session' })).toBeVisible();
  await say(page, 'count to 30');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  release();
  await ready(page);
  await expect(answers(page)).toContainText('28 29 30');
});

test('what was typed before the scripts came stays', async ({ page, owner: _ }) => {
  const release = await holdScripts(page);
  await page.goto('/chat', { waitUntil: 'commit' });
  const field = page.getByLabel('Message', { exact: true });
  await field.fill('a draft');
  release();
  await ready(page);
  await expect(field).toHaveValue('a draft');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'a draft' })).toBeVisible();
});
