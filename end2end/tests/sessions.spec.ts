// Sessions: found again, renamed, put away, deleted; commands in the message field.

import { answers, hasScripts, idIn, open, questions, say, waitForState } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

const NOTED = /\b4(00|01|04)\b.*\/fn\/(send|rename_session)\)?$/;

test.beforeEach(({ troubles }) => {
  if (hasScripts()) troubles.allow(NOTED);
});

test('a session is found, renamed, archived and deleted', async ({ page, owner }) => {
  await owner.ended((await owner.say("Write 'plum jam' to list.md")).id);
  const run = await owner.ended((await owner.say('what time is it')).id);

  await open(page, '/sessions');
  const rows = page.locator('.found > li');
  await expect(rows).toHaveCount(2);
  await page.getByLabel('Search', { exact: true }).fill('PLUM ja');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows.locator('mark').first()).toHaveText('plum');
  await page.getByLabel('Search', { exact: true }).fill('NOT nowhere ( * "');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('Nothing found')).toBeVisible();
  await page.getByRole('link', { name: 'Clear' }).click();
  await page.getByRole('link', { name: 'Manage what time is it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('what time is it');

  // A refused title stays in its field.
  await page.getByRole('textbox', { name: 'Title' }).fill('   ');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('alert')).toContainText('1 to 120');
  await page.getByRole('textbox', { name: 'Title' }).fill('The hour <b>');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The hour <b>');

  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByRole('button', { name: 'Back to the list' })).toBeVisible();
  await page.getByRole('link', { name: 'Sessions', exact: true }).first().click();
  await expect(rows).toHaveCount(1);
  await page.getByRole('link', { name: 'Archived' }).click();
  await expect(rows.locator('.found-title')).toHaveText('The hour <b>');
  await page.getByRole('link', { name: 'Manage The hour <b>' }).click();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as Markdown' }).click();
  expect((await download).suggestedFilename()).toBe(`the-hour-b-${run.session_id}.md`);

  // Deleting asks first; the browser itself holds the form back.
  await page.getByRole('button', { name: 'Delete the session' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The hour <b>');
  await page.getByLabel('Yes, delete this session').check();
  await page.getByRole('button', { name: 'Delete the session' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sessions' })).toBeVisible();
  await expect(rows).toHaveCount(1);
  await open(page, '/runs');
  await expect(page.locator('tbody tr')).toHaveCount(1);
});

test('commands lead, list and refuse', async ({ page, owner }) => {
  const first = await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/chat');
  await say(page, '/new My plans');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My plans');
  await expect(page).not.toHaveURL(/\/chat$/);

  await say(page, '/chats');
  const reply = page.locator('.reply');
  await expect(reply.getByRole('link')).toHaveText(['My plans', 'what time is it']);
  await say(page, '/wat is this');
  await expect(page.getByRole('alert')).toContainText('/resume');
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('/wat is this');
  await say(page, '/stop');
  await expect(reply).toContainText('Nothing is at work');
  await say(page, '/help');
  await expect(reply).toContainText('/new [title]');
  await say(page, '/resume time');
  await expect(questions(page)).toHaveText(['what time is it']);
  expect(idIn(page)).toBe(first.session_id);
  await say(page, '//help as text');
  await expect(questions(page)).toHaveText(['what time is it', '/help as text']);
  await waitForState(page, 'Done');
  expect(await owner.runs()).toHaveLength(2);
});

test('a greeting is titled by its answer', async ({ page, owner: _ }) => {
  await open(page, '/chat');
  await say(page, 'hello');
  await expect(answers(page)).toHaveCount(1);
  await waitForState(page, 'Done');
  const heading = page.locator('.talk h1');
  if (!hasScripts()) await page.reload();
  await expect(heading).not.toHaveText('hello');
  await expect(page.locator('.pane-sessions [aria-current] b')).toHaveText(
    (await heading.textContent())!,
  );
});

test('who must sign in again finds the session and the text', async ({ page, context, owner: _, troubles }) => {
  if (hasScripts()) troubles.allow(/\b401\b/);
  await open(page, '/chat');
  await say(page, 'what time is it');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('clock');
  const session = idIn(page);
  await page.getByLabel('Message', { exact: true }).fill('and what day & <b>?');
  await context.clearCookies();
  await page.getByRole('button', { name: 'Send' }).click();
  const conversation = page.getByLabel('Conversation');
  if (hasScripts()) await conversation.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password').fill('correct horse 42');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(new RegExp(`/chat/${session}$`));
  await expect(questions(page)).toHaveText(['what time is it']);
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('and what day & <b>?');
});

test('what happens in other sessions shows in the list', async ({ page, owner }) => {
  test.skip(!hasScripts(), 'a page without scripts shows the list as it was read');
  const streams = new Set<string>();
  page.on('request', (request) => {
    if (request.resourceType() === 'eventsource') streams.add(new URL(request.url()).pathname);
  });
  const here = await owner.ended((await owner.say('what time is it')).id);
  await open(page, `/chat/${here.session_id}`);
  const list = page.locator('.pane-sessions li');
  await expect(list).toHaveCount(1);
  const other = await owner.say('count to 100');
  await expect(list).toHaveCount(2);
  await expect(list.first()).toContainText('Running');
  await owner.cancel(other.id);
  await expect(list.first()).toContainText('Cancelled');
  await expect(questions(page)).toHaveText(['what time is it']);
  expect([...streams]).toEqual(['/v1/events']);
});
