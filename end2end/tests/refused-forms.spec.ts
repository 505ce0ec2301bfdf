// A refused form says why in its place and keeps what was typed, with scripts
// and without. Nothing that stands in an address is ever shown as an error.

import { signInOver } from '../support/sign-in.ts';
import { expect, test } from '../support/test.ts';
import { answers, hasScripts, open, questions, say, signIn, waitForState } from '../support/page.ts';
import { OWNER } from '../support/server.ts';

// The browser itself notes every refused request.
const NOTED = /\b4(00|01|29)\b.*\/fn\/(setup|login|send)\)?$/;

test.beforeEach(({ troubles }) => {
  if (hasScripts()) troubles.allow(NOTED);
});

test('a bad name at setup', async ({ page }) => {
  await open(page, '/setup');
  await page.getByLabel('Name').fill('two words');
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Make the owner and sign in' }).click();

  await expect(page.getByRole('alert')).toBeVisible();
  const name = page.getByLabel('Name');
  await expect(name).toHaveValue('two words');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#name-error')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Set up Openclawssy' })).toBeVisible();

  // Once put right it is taken.
  await name.fill(OWNER.name);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Make the owner and sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test('a short password at setup', async ({ page }) => {
  await open(page, '/setup');
  await page.getByLabel('Name').fill(OWNER.name);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Make the owner and sign in' }).click();
  await expect(page.locator('#password-error')).toContainText('at least 8 characters');
  await expect(page.getByLabel('Name')).toHaveValue(OWNER.name);
});

test('a wrong password', async ({ page, server }) => {
  await server.addOwner();
  await open(page, '/login?next=/runs');
  await page.getByLabel('Stay signed in').check();
  await signIn(page, 'wrong horse 42');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue(OWNER.name);
  await expect(page.getByLabel('Stay signed in')).toBeChecked();
  if (!hasScripts()) await expect(page.getByLabel('Password')).toHaveValue('');

  // What was wrong is told once.
  await page.reload();
  await expect(page.getByRole('alert')).toBeHidden();
  await signIn(page);
  await expect(page).toHaveURL(`${server.url}/runs`);
});

test('an empty message', async ({ page, owner }) => {
  await open(page, '/chat');
  await page.getByRole('button', { name: 'Send' }).click();
  // The browser does not even send what the form says is required.
  await expect(page.getByLabel('Message', { exact: true })).toBeFocused();
  await say(page, '   ');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(await owner.runs()).toEqual([]);

  const run = await owner.ended((await owner.say('what time is it')).id);
  await open(page, `/chat/${run.session_id}`);
  await say(page, '   ');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(questions(page)).toHaveCount(1);
  await expect(answers(page)).toHaveCount(1);
});

test.describe('with room for one run', () => {
  test.use({ serverArgs: ['--workers', '1', '--waiting-places', '0'] });

  test('a message that there is no room for', async ({ page, owner }) => {
    const { id } = await owner.say('slow long work in 20 steps');
    await open(page, '/chat');
    await say(page, 'what time is <b>it</b>?');
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.getByLabel('Message', { exact: true })).toHaveValue(
      'what time is <b>it</b>?',
    );

    await owner.cancel(id);
    await owner.ended(id);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect(questions(page)).toHaveText(['what time is <b>it</b>?']);
    await waitForState(page, 'Done');
    await expect(answers(page)).toContainText('clock');
  });
});

test('errors in the address are not shown', async ({ page, server }) => {
  const text = 'Call this number at once';
  const fault = JSON.stringify({ error: { code: 'auth.invalid', message: text } });
  const forms = { '/setup': 'setup', '/login': 'login', '/chat': 'send', '/': 'logout' };
  for (const [path, name] of Object.entries(forms)) {
    if (path === '/login') await server.addOwner();
    if (path === '/chat') await signInOver(page.context(), server);
    for (const value of [text, Buffer.from(fault).toString('base64url')]) {
      const query = new URLSearchParams({ __path: `/fn/${name}`, __err: value, error: text });
      await open(page, `${path}?${query}`);
      await expect(page.getByText(text)).toHaveCount(0);
      await expect(page.getByRole('alert')).toHaveCount(0);
    }
  }
});
