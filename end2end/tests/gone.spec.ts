// What goes away under an open page: the page says so, and leads on.

import { open } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

test('a session that was deleted', async ({ page, owner, otherBrowser, troubles }) => {
  // The stream of the page is refused, and then its question why.
  troubles.allow(/\b404\b.*\/(v1\/events\?|fn\/session\?)/);
  const run = await owner.ended((await owner.say('what time is it')).id);
  await open(page, `/chat/${run.session_id}`);
  const other = await otherBrowser.newPage();
  await open(other, `/sessions/${run.session_id}`);
  await other.getByLabel('Yes, delete this session').check();
  await other.getByRole('button', { name: 'Delete the session' }).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Sessions' })).toBeVisible();
  await expect(page.getByText('This session was deleted.')).toBeVisible();
  await expect(page.getByText('The connection is lost.')).toBeHidden();
  await page.getByRole('link', { name: 'To the other sessions' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sessions' })).toBeVisible();
});

test('the agent of a session', async ({ page, owner }) => {
  const agent = (name: string) => owner.post('/api/admin/agents', { name });
  await agent('second');
  const asked = await owner.post<{ id: string; session_id: string }>('/v1/chat/messages', {
    message: 'what time is it',
    agent_id: 'second',
  });
  await owner.ended(asked.id);
  await owner.patch('/api/admin/agents/second', { status: 'disabled' }, {});
  await open(page, `/chat/${asked.session_id}`);
  await expect(page.getByText('second is disabled and takes no messages.')).toBeVisible();
  await page.getByRole('link', { name: 'Look at the agent' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'second' })).toBeVisible();
});
