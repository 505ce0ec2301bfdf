// What is said while an agent works is heard after it, before its next step, or in
// its place, as the sender chooses, with scripts and without.

import type { Page } from '@playwright/test';

import { answers, hasScripts, open, ready, say, waitForState } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

const CHOICE = 'When it is heard';

/** Opens a session whose agent is at work for a while. */
async function atWork(page: Page): Promise<void> {
  await open(page, '/chat');
  await say(page, 'slow long work in 20 steps');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  const choice = page.getByLabel(CHOICE);
  await expect(async () => {
    if (!hasScripts()) await page.reload();
    await expect(choice).toBeVisible({ timeout: 500 });
  }).toPass();
  await ready(page);
  await expect(choice).toHaveValue('queue');
}

test('what steers is heard by the run at work', async ({ page, owner }) => {
  await atWork(page);
  await page.getByLabel(CHOICE).selectOption('Steer now');
  await say(page, 'what time is it');
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('');
  await waitForState(page, 'Done');
  await expect(answers(page)).toHaveCount(1);
  await expect(answers(page)).toContainText('The clock of this server says');
  const [run, ...more] = await owner.runs();
  expect([run!.status, more]).toEqual(['done', []]);
  const kinds = (await owner.events(run!.id)).map((event) => event.type);
  expect(kinds.filter((kind) => kind === 'steering')).toHaveLength(1);
});

test('what interrupts comes in its place', async ({ page, owner }) => {
  await atWork(page);
  await page.getByLabel(CHOICE).selectOption('Interrupt');
  await say(page, 'what time is it');
  await waitForState(page, 'Done');
  await expect(answers(page)).toHaveCount(2);
  await expect(answers(page).last()).toContainText('The clock of this server says');
  const runs = await owner.runs();
  expect(runs.map((run) => run.status)).toEqual(['done', 'cancelled']);
});
