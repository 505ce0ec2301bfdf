// A real model behind the whole product: connected in the browser, streamed,
// stopped, lost in the middle and found again.

import { Llama } from '../support/llama.ts';
import { answers, open, say, state } from '../support/page.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<{ llama: Llama }>({
  llama: async ({}, use) => {
    const llama = await Llama.start();
    await use(llama);
    await llama.kill();
  },
});

const STORY = 'Write a very long story about a ship, the sea and the people on it.';

test('a real model answers, stops, goes away and comes back', async ({ page, owner, llama }) => {
  test.setTimeout(240_000);
  await open(page, '/settings/providers/new');
  await page.getByLabel('Name').fill('local');
  await page.getByLabel('Kind').selectOption('llama-cpp');
  await page.getByLabel('Address').fill(llama.url);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It answers, and offers 1 models.')).toBeVisible();
  await expect(page.getByText('local/smollm2')).toBeVisible();

  await open(page, '/settings');
  await page.getByLabel('Default model').fill('local/smollm2');
  await page.getByRole('button', { name: 'Save Model' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();

  // It streams; a stop ends its work within a second and keeps the text.
  await open(page, '/chat');
  await say(page, STORY);
  await expect(answers(page).locator('.prose')).toContainText(/\w+ \w+ \w+/, { timeout: 60_000 });
  expect(await llama.isWorking()).toBe(true);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => llama.isWorking(), { timeout: 1_000, intervals: [50] }).toBe(false);
  await expect(state(page)).toHaveText('Cancelled');
  const stopped = (await owner.runs())[0]!;
  expect(stopped.model).toBe('local/smollm2');
  expect(stopped.answer!.length).toBeGreaterThan(5);
  await expect(answers(page).locator('.prose')).toContainText(stopped.answer!.trim().slice(0, 20));

  // It dies in the middle of an answer: a clear fault, and the text so far.
  await say(page, STORY);
  await expect(answers(page).nth(1).locator('.prose')).toContainText(/\w+ \w+/, { timeout: 60_000 });
  await llama.kill();
  await expect(state(page)).toHaveText('Failed');
  await expect(answers(page).nth(1)).toContainText('The answer was cut off');

  // While it is away a message says what is wrong.
  await say(page, 'Are you there?');
  await expect(answers(page).nth(2)).toContainText('Check that it runs and that its address is right.');
  await expect(state(page)).toHaveText('Failed', { timeout: 30_000 });

  // It comes back, and the same session goes on.
  await llama.start();
  const { etag } = await owner.get<{ etag: string }>('/api/admin/config');
  await owner.patch('/api/admin/config', { limits: { max_tokens: 40 } }, { 'if-match': etag });
  await say(page, 'Say hello.');
  await expect(state(page)).toHaveText('Done', { timeout: 120_000 });
  expect((await owner.runs()).map((run) => run.status)).toEqual([
    'done',
    'failed',
    'failed',
    'cancelled',
  ]);
});
