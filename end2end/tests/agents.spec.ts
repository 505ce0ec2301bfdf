// Agents from the dashboard, with scripts and without.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';
import { answers, hasScripts, open, questions, ready, say, waitForState } from '../support/page.ts';

// The browser itself notes every refused request.
const NOTED = /\b4(00|09|10|12)\b.*\/fn\/(agent-\w+|send)\)?$/;

test.beforeEach(({ troubles }) => {
  if (hasScripts()) troubles.allow(NOTED);
});

async function make(page: Page, name: string, instructions = ''): Promise<void> {
  await open(page, '/agents/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Instructions').fill(instructions);
  await page.getByRole('button', { name: 'Make the agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await ready(page);
}

/** Saves until it is saved: the first try after a warning may come too early. */
async function save(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Save' });
  if (!hasScripts()) return button.click();
  await expect(async () => {
    await button.click();
    await expect(page.getByText('Saved.')).toBeVisible({ timeout: 2_000 });
  }).toPass();
}

test('a new agent is made, chosen in the chat, and works in its own folder', async ({
  page,
  owner,
  server,
}) => {
  await open(page, '/agents');
  await expect(page.getByRole('link', { name: 'guide', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'New agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New agent' })).toBeVisible();
  await make(page, 'writer', 'Write short texts.\nNo lists.');
  await expect(page).toHaveURL(`${server.url}/agents/writer`);
  await expect(page.getByLabel('Instructions')).toHaveValue('Write short texts.\nNo lists.');

  await page.getByRole('link', { name: 'Chat', exact: true }).last().click();
  await expect(page).toHaveURL(`${server.url}/chat?agent=writer`);
  await ready(page);
  await expect(page.getByLabel('Agent')).toHaveValue('writer');
  await say(page, "Write 'From the writer' to hello.md");
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  const file = join(server.data, 'workspaces', 'writer', 'hello.md');
  expect(await readFile(file, 'utf8')).toContain('From the writer');
  expect((await owner.runs())[0]).toMatchObject({ agent: 'writer' });

  // The next session begins with the agent that was used last.
  await open(page, '/chat');
  await expect(page.getByLabel('Agent')).toHaveValue('writer');
  await page.getByLabel('Agent').selectOption('guide');
  await say(page, 'what time is it');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await expect(page.getByText('to guide')).toBeVisible();
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('clock');
});

test('what is refused keeps what was typed', async ({ page, owner: _ }) => {
  await open(page, '/agents/new');
  await page.getByLabel('Name').fill('two words');
  await page.getByLabel('Instructions').fill('First <b>line</b>\n& second');
  await page.getByLabel('Model').fill('nobody/x');
  await page.getByLabel('may be another').check();
  await page.getByRole('button', { name: 'Make the agent' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.locator('#name-error')).toContainText('without spaces');
  await expect(page.getByLabel('Name')).toHaveValue('two words');
  await expect(page.getByLabel('Instructions')).toHaveValue('First <b>line</b>\n& second');
  await expect(page.getByLabel('Model')).toHaveValue('nobody/x');
  await expect(page.getByLabel('may be another')).toBeChecked();

  await page.getByLabel('Name').fill('fine');
  await page.getByRole('button', { name: 'Make the agent' }).click();
  await expect(page.locator('#model-error')).toContainText('demo');
  await page.getByLabel('Model').fill('');
  await page.getByLabel('Workspace folder').fill('/etc');
  await page.getByRole('button', { name: 'Make the agent' }).click();
  await expect(page.locator('#folder-error')).toContainText('system');
  await page.getByLabel('Workspace folder').fill('');
  await page.getByRole('button', { name: 'Make the agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'fine' })).toBeVisible();
});

test('an edit that came too late', async ({ page, otherBrowser, owner: _ }) => {
  await open(page, '/agents/guide');
  const instructions = page.getByLabel('Instructions');
  await instructions.fill('mine');

  const other = await otherBrowser.newPage();
  await open(other, '/agents/guide');
  await other.getByLabel('Instructions').fill('theirs');
  await save(other);

  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('Somebody changed this agent');
  await expect(instructions).toHaveValue('mine');
  // Saving again after the warning counts.
  await save(page);
  await open(other, '/agents/guide');
  await expect(other.getByLabel('Instructions')).toHaveValue('mine');
});

test('disabled, enabled, deleted', async ({ page, owner, server }) => {
  await open(page, '/agents/guide');
  await page.getByRole('button', { name: 'Disable guide' }).click();
  await expect(page.getByRole('alert')).toContainText('last active agent');
  await make(page, 'second');
  const { id, session_id } = await owner.say('what time is it');
  await owner.ended(id);

  await open(page, '/agents/guide');
  await page.getByRole('button', { name: 'Disable guide' }).click();
  await expect(page.getByText('is disabled and takes no messages').first()).toBeVisible();
  await open(page, `/chat/${session_id}`);
  await say(page, 'a message that must not be lost');
  await expect(page.getByRole('alert')).toContainText('disabled');
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue(
    'a message that must not be lost',
  );
  await open(page, '/chat');
  await expect(page.getByLabel('Agent').locator('option')).toHaveText(['second']);

  await open(page, '/agents/guide');
  await page.getByRole('button', { name: 'Enable guide' }).click();
  await expect(page.getByRole('button', { name: 'Disable guide' })).toBeVisible();

  await open(page, '/agents/guide');
  await page.getByLabel("Type the agent's name").fill('gide');
  await page.getByRole('button', { name: 'Delete guide' }).click();
  await expect(page.getByRole('alert')).toContainText('type its name: guide');
  await expect(page.getByLabel("Type the agent's name")).toHaveValue('gide');
  await expect(page.getByText(join(server.data, 'workspaces', 'guide')).first()).toBeVisible();
  await page.getByLabel("Type the agent's name").fill('guide');
  await page.getByRole('button', { name: 'Delete guide' }).click();
  await expect(page).toHaveURL(`${server.url}/agents`);
  await expect(page.getByRole('link', { name: 'guide', exact: true })).toBeHidden();

  // What it said is still there.
  await open(page, `/chat/${session_id}`);
  await expect(questions(page)).toHaveText(['what time is it']);
  await expect(page.getByText('guide (deleted)').first()).toBeVisible();
  await say(page, 'are you there?');
  await expect(page.getByRole('alert')).toContainText('deleted');
});
