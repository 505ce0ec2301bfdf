// One person's whole way through the dashboard, with scripts and without.

import { expect, test } from '../support/test.ts';
import {
  answers,
  hasScripts,
  idIn,
  open,
  questions,
  ready,
  say,
  signIn,
  state,
  waitForState,
} from '../support/page.ts';
import { OWNER, type Server } from '../support/server.ts';
import type { Page } from '@playwright/test';

test('from an empty machine to a signed-in owner', async ({ page, server }) => {
  await open(page, '/runs');
  await expect(page).toHaveURL(`${server.url}/setup`);
  await page.getByLabel('Name').fill(OWNER.name);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Make the owner and sign in' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'First steps' })).toBeVisible();
  await ready(page);
  await page.getByRole('button', { name: 'Sign out ada' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();

  // Signed out is signed out, and signing in leads to where the person was going.
  await open(page, '/runs?status=done');
  await expect(page).toHaveURL(`${server.url}/login?next=/runs%3Fstatus%3Ddone`);
  await signIn(page);
  await expect(page).toHaveURL(`${server.url}/runs?status=done`);
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();

  // There is an owner now, so nobody else becomes one.
  await open(page, '/setup');
  await expect(page).toHaveURL(`${server.url}/`);
});

test('tasks with tools: write a file, read it, list', async ({ page, owner }) => {
  await open(page, '/');
  await page.getByRole('link', { name: 'Open chat' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New session' })).toBeVisible();
  await ready(page);
  await say(page, "Write 'Hello from the dashboard' to hello.md");
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('hello.md');
  await ready(page);

  await say(page, 'read hello.md');
  await expect(questions(page)).toHaveCount(2);
  await waitForState(page, 'Done');
  await expect(answers(page).nth(1)).toContainText('Hello from the dashboard');
  await ready(page);

  await say(page, 'list files');
  await expect(questions(page)).toHaveCount(3);
  await waitForState(page, 'Done');
  await expect(answers(page).nth(2)).toContainText('There is one entry in');

  // Each call shows its name, and unfolded what it was given and what it gave.
  const call = page.locator('details.call', { hasText: 'fs.read' });
  await call.locator('summary').click();
  await expect(call.getByRole('region', { name: 'Arguments of fs.read' })).toContainText(
    'hello.md',
  );
  await expect(call.getByRole('region', { name: 'Output of fs.read' })).toContainText('Hello from');

  // The pages show what is stored, no more and no less.
  const runs = await owner.runs();
  expect(runs.map((run) => [run.status, run.calls])).toEqual([
    ['done', 1],
    ['done', 1],
    ['done', 1],
  ]);
  await expect(page.locator('details.call')).toHaveCount(3);
});

test('long work: live progress, run page, list of runs, cancel, and on', async ({
  page,
  owner,
  server,
}) => {
  await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/chat');
  await say(page, 'slow long work in 20 steps');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  const chat = page.url();
  const session = idIn(page);

  // The progress grows by itself, in both ways.
  // Without scripts it stands in the live part.
  const live = hasScripts() ? page : page.frameLocator('iframe.live-frame');
  const progress = live.getByText(/^Step \d+, \d+ calls? done/);
  await expect(progress).toBeVisible();
  const step = async () => Number((await progress.textContent())?.match(/\d+/)?.[0]);
  const first = await step();
  await expect.poll(step).toBeGreaterThan(first);

  // So does the page of the run.
  await ready(page);
  await page.getByRole('link', { name: 'Open the run' }).click();
  await expect(page).toHaveURL(/\/runs\/run_/);
  const run = idIn(page);
  await expect(state(page)).toHaveText('Running');
  const steps = page.getByRole('heading', { name: /^Step \d+$/ });
  const before = await steps.count();
  await expect.poll(() => steps.count()).toBeGreaterThan(before);

  await filters(page, server);

  await open(page, `/runs/${run}`);
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await expect(state(page)).toHaveText('Cancelled');
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel the run' })).toBeHidden();
  expect((await owner.run(run)).status).toBe('cancelled');

  await open(page, '/runs?status=cancelled');
  await expect(page.getByRole('link', { name: 'slow long work in 20 steps' })).toBeVisible();

  // The session still takes a message.
  await page.goto(chat);
  await ready(page);
  await expect(answers(page)).toContainText('Stopped.');
  await say(page, 'what time is it');
  await expect(questions(page)).toHaveCount(2);
  await waitForState(page, 'Done');
  await expect(answers(page).nth(1)).toContainText('The clock of this server says');
  expect(idIn(page)).toBe(session);
});

/** With one run at work from the dashboard and one done from the API. */
async function filters(page: Page, server: Server): Promise<void> {
  const working = page.getByRole('link', { name: 'slow long work in 20 steps' });
  const done = page.getByRole('link', { name: 'what time is it' });
  await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
  await expect(page).toHaveURL(`${server.url}/runs`);
  await expect(working).toBeVisible();
  await expect(done).toBeVisible();

  const states = page.getByRole('navigation', { name: 'State' });
  await states.getByRole('link', { name: 'Running' }).click();
  await expect(page).toHaveURL(/status=running/);
  await expect(done).toBeHidden();
  await expect(working).toBeVisible();
  await states.getByRole('link', { name: 'Failed' }).click();
  await expect(page.getByText('No such runs')).toBeVisible();
  await states.getByRole('link', { name: 'All' }).click();
  await expect(working).toBeVisible();

  await page.getByLabel('Source').selectOption('api');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/source=api/);
  await expect(working).toBeHidden();
  await expect(done).toBeVisible();
  await expect(page.getByLabel('Source')).toHaveValue('api');
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(working).toBeVisible();
  if (hasScripts())
    await expect(page.getByRole('row', { name: /slow long work/ })).toContainText('Running');
}
