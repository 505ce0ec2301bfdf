// While an agent works, only the live part of a page changes: what is being typed
// stays, with scripts and without.

import { answers, hasScripts, open, say, state, waitForState } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

test('a message typed while an answer comes is never lost', async ({ page, owner }) => {
  await open(page, '/chat');
  await say(page, 'count to 100');
  await expect(state(page)).toHaveText(/Running|Queued/);
  const field = page.getByLabel('Message', { exact: true });
  await field.fill('and what time is it');

  if (hasScripts()) {
    await expect(answers(page)).toContainText('98 99 100');
  } else {
    const frame = page.frameLocator('iframe.live-frame');
    await expect(frame.locator('.prose')).toContainText('1 2 3');
    await expect(frame.getByRole('button', { name: 'Stop' })).toBeVisible();
    await expect(frame.locator('.prose')).toContainText('98 99 100');
    // Its copy in the page would stand still.
    await expect(answers(page)).toBeHidden();
    await expect(frame.getByRole('link', { name: 'Show it in the conversation' })).toBeVisible();
  }
  await expect(field).toHaveValue('and what time is it');
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForState(page, 'Done');
  await expect(answers(page)).toHaveCount(2);
  await expect
    .poll(async () => (await owner.runs()).map((run) => run.status))
    .toEqual(['done', 'done']);
});

test('the stop in the live part stops the run', async ({ page, owner }) => {
  await open(page, '/chat');
  await say(page, 'count to 100, slowly');
  if (hasScripts()) {
    await page.getByRole('button', { name: 'Stop' }).click();
  } else {
    const frame = page.frameLocator('iframe.live-frame');
    // Between two looks the button may be replaced under the pointer.
    await expect(async () => {
      await frame.getByRole('button', { name: 'Stop' }).click({ timeout: 3_000 });
    }).toPass();
  }
  await waitForState(page, 'Cancelled');
  expect((await owner.runs()).map((run) => run.status)).toEqual(['cancelled']);
});

test('filters that are being chosen stay', async ({ page, owner }) => {
  const run = await owner.say('count to 100, slowly');
  await open(page, '/runs');
  expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
  if (!hasScripts()) await expect(page.getByRole('link', { name: 'Look again' })).toBeVisible();
  await owner.cancel(run.id);
  await owner.ended(run.id);
});
