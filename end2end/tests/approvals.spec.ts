// Questions about calls: seen with the exact call, answered once, on their page and
// in their session, with scripts and without.

import type { Locator, Page } from '@playwright/test';

import { answers, hasScripts, open, ready, say, state, waitForState } from '../support/page.ts';
import { leaveQuestion, WRITE } from '../support/question.ts';
import { expect, test } from '../support/test.ts';

const CALL = '{\n  "path": "notes.txt",\n  "content": "hello"\n}';

/** How many questions the navigation says are waiting. */
function count(page: Page): Locator {
  return page.getByRole('navigation').first().getByRole('link', { name: /^Approvals/ });
}

function card(page: Page): Locator {
  return page.getByRole('region', { name: 'guide asks to call fs.write' });
}

test('a yes runs the call that was shown', async ({ page, server, owner }) => {
  const { run, session } = await leaveQuestion(server);
  await open(page, '/');
  await expect(count(page)).toHaveText(/1 waiting/);
  await count(page).click();
  await ready(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Approvals' })).toBeVisible();
  await expect(card(page)).toContainText('It writes a file.');
  await expect(card(page).locator('pre')).toHaveText(CALL);
  const time = card(page).locator('time').last();
  await expect(time).toHaveAttribute('datetime', /Z$/);
  await expect(card(page).getByRole('link')).toHaveAttribute('href', `/chat/${session}`);

  await card(page).getByRole('button', { name: 'Approve' }).click();
  const settled = page.getByRole('listitem').filter({ hasText: 'fs.write' });
  await expect(settled).toContainText('Approved');
  await expect(settled).toContainText('by ada');
  await expect(card(page)).toBeHidden();
  expect((await owner.ended(run)).status).toBe('done');
  expect((await owner.run(run)).calls).toBe(1);
  if (!hasScripts()) await page.reload();
  await expect(page.getByRole('heading', { name: 'Nothing waits for you' })).toBeVisible();
  await expect(count(page)).toHaveText('Approvals');
});

test('a no with a word, in the session', async ({ page, server, owner }) => {
  const { run, session } = await leaveQuestion(server);
  await open(page, `/runs/${run}`);
  await page.getByRole('link', { name: 'Answer its question' }).click();
  await expect(page).toHaveURL(`${server.url}/chat/${session}`);
  await ready(page);
  await expect(state(page)).toHaveText('Needs approval');
  await expect(card(page).locator('pre')).toHaveText(CALL);
  await card(page).getByLabel('A word to the agent').fill('Not <b>this</b> file');
  await card(page).getByRole('button', { name: 'Deny' }).click();
  await waitForState(page, 'Done');
  await expect(card(page)).toBeHidden();
  if (hasScripts()) await expect(page.getByLabel('Message', { exact: true })).toBeFocused();
  await expect(answers(page)).toContainText('A person did not allow this call');
  await expect(answers(page)).toContainText('Not <b>this</b> file');
  const ended = (await owner.events(run)).find((event) => event.type === 'tool.end');
  expect(ended).toMatchObject({ error_code: 'approval.denied' });
});

test('an answer that comes too late says how it stands', async ({ page, server, owner }) => {
  const { run } = await leaveQuestion(server);
  await open(page, '/approvals');
  await card(page).getByLabel('A word to the agent').fill('my word');
  const { items } = await owner.get<{ items: { id: string }[] }>('/v1/approvals?status=waiting');
  await owner.post(`/v1/approvals/${items[0]!.id}`, { decision: 'deny' });
  await owner.ended(run);
  if (hasScripts()) {
    // The page hears of it, and puts the question where what was answered stands.
    await expect(card(page)).toBeHidden();
    await expect(page.getByRole('listitem').filter({ hasText: 'Denied' })).toBeVisible();
    return;
  }
  await card(page).getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByRole('alert')).toContainText('denied before');
  await expect(card(page)).toBeHidden();
});

test('a question that lapsed can be asked again', async ({ page, server, owner }) => {
  const { run, session } = await leaveQuestion(server, { ...WRITE, seconds: 0 });
  expect((await owner.ended(run)).status).toBe('done');
  await open(page, '/approvals');
  const settled = page.getByRole('listitem').filter({ hasText: 'fs.write' });
  await expect(settled).toContainText('Expired');
  await settled.getByRole('link', { name: 'Ask again' }).click();
  await expect(page).toHaveURL(new RegExp(`/chat/${session}`));
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue(
    'The approval for fs.write expired. Ask me again.',
  );
});

test('a stop takes the question back', async ({ page, server, owner }) => {
  const { run, session } = await leaveQuestion(server);
  await open(page, `/chat/${session}`);
  await expect(card(page)).toBeVisible();
  const stop = hasScripts()
    ? page.getByRole('button', { name: 'Stop' })
    : page.frameLocator('iframe.live-frame').getByRole('button', { name: 'Stop' });
  await expect(async () => stop.click({ timeout: 3_000 })).toPass();
  await waitForState(page, 'Cancelled');
  await expect(card(page)).toBeHidden();
  expect((await owner.run(run)).status).toBe('cancelled');
  await open(page, '/approvals');
  await expect(page.getByRole('listitem').filter({ hasText: 'fs.write' })).toContainText('Withdrawn');
});

test('what is said to a run that waits is heard after the answer', async ({
  page,
  server,
  owner,
}) => {
  const { run, session } = await leaveQuestion(server);
  await open(page, `/chat/${session}`);
  await page.getByLabel('When it is heard').selectOption('Steer now');
  await say(page, 'list files');
  await expect(page.locator('.unheard')).toContainText('list files');
  // The next message begins with the choice that disturbs nothing.
  await expect(page.getByLabel('When it is heard')).toHaveValue('queue');
  await ready(page);
  await card(page).getByRole('button', { name: 'Approve' }).click();
  await waitForState(page, 'Done');
  await expect(page.locator('.unheard')).toBeHidden();
  await expect(answers(page)).toContainText('notes.txt');
  const events = await owner.events(run);
  const kinds = events.map((event) => event.type);
  expect(kinds.indexOf('steering')).toBeGreaterThan(kinds.indexOf('tool.end'));
});

test('by the keyboard alone', async ({ page, server, owner }) => {
  const { run } = await leaveQuestion(server);
  await open(page, '/approvals');
  await card(page).getByLabel('A word to the agent').focus();
  await page.keyboard.type('go ahead');
  await page.keyboard.press('Tab');
  await expect(card(page).getByLabel('The answer counts')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(card(page).getByRole('button', { name: 'Approve' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(card(page).getByRole('button', { name: 'Deny' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listitem').filter({ hasText: 'Denied' })).toContainText('go ahead');
  expect((await owner.ended(run)).status).toBe('done');
});
