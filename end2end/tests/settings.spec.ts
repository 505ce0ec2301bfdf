// A provider is added, tested, chosen and answers; refused forms keep what was
// typed, but never a key.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Page } from '@playwright/test';

import { LAST_LINES, textLine } from '../support/models.ts';
import { answers, hasScripts, open, say, waitForState } from '../support/page.ts';
import { expect, test as base } from '../support/test.ts';

const KEY = 'sk-canary-4711';

/** An endpoint that wants its key and has two models. */
const test = base.extend<{ endpoint: string }>({
  endpoint: async ({}, use) => {
    const server = createServer(async (request, response) => {
      for await (const _ of request);
      if (request.headers.authorization !== `Bearer ${KEY}`) {
        response.writeHead(401).end('{"error":{"message":"no"}}');
      } else if (request.url === '/v1/models') {
        response.end(JSON.stringify({ data: [{ id: 'small' }, { id: 'large' }] }));
      } else {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end([textLine('Hello from the endpoint.'), ...LAST_LINES, ''].join('\n\n'));
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    server.closeAllConnections();
    server.close();
  },
});

// What is refused answers with its status.
test.beforeEach(({ troubles }) => {
  if (hasScripts()) troubles.allow(/\b4(00|09|12)\b.*\/fn\/(provider|settings)-\w+\)?$/);
});

test('a provider is added, tested, chosen and answers', async ({ page, owner, endpoint }) => {
  await open(page, '/settings');
  await page.getByRole('link', { name: 'Add a provider' }).click();
  await page.getByLabel('Name').fill('near');
  await page.getByLabel('Kind').selectOption('custom');
  await page.getByLabel('Address').fill(endpoint);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('near');

  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It wants a key. Enter one.')).toBeVisible();
  await page.getByLabel('Key', { exact: true }).fill('wrong');
  await save(page);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It does not take the key.')).toBeVisible();
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await save(page);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It answers, and offers 2 models.')).toBeVisible();
  await expect(page.getByText('near/large')).toBeVisible();
  expect(await page.content()).not.toContain(KEY);

  await open(page, '/settings');
  await expect(page.getByRole('row', { name: /near/ })).toContainText('set');
  await page.getByLabel('Default model').fill('near/large');
  await page.getByRole('button', { name: 'Save Model' }).click();
  await expect.poll(async () => {
    const config = await owner.get<{ model_in_use: string }>('/api/admin/config');
    return config.model_in_use;
  }).toBe('near/large');

  await open(page, '/chat');
  await say(page, 'Hello?');
  await expect(page).toHaveURL(/\/chat\/ses_/);
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('Hello from the endpoint.');

  // What is in use is not removed.
  await open(page, '/settings/providers/near');
  await page.getByRole('button', { name: 'Remove near' }).click();
  await expect(page.getByText('near is used by the default model.')).toBeVisible();
});

test('refused forms keep what was typed, and no key', async ({ page, owner: _ }) => {
  await open(page, '/settings/providers/new');
  await page.getByLabel('Name').fill('Not Good');
  await page.getByLabel('Address').fill('http://api.example.com/v1');
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.locator('#name-error')).toContainText('small letters');
  await expect(page.getByLabel('Name')).toHaveValue('Not Good');
  await page.getByLabel('Name').fill('good');
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.locator('#base_url-error')).toContainText('https://');
  await expect(page.getByLabel('Address')).toHaveValue('http://api.example.com/v1');
  expect(await page.content()).not.toContain(KEY);
  expect(page.url()).not.toContain('canary');

  await open(page, '/settings');
  await page.getByLabel('Steps', { exact: true }).fill('many');
  await page.getByRole('button', { name: 'Save Limits of a run' }).click();
  await expect(page.locator('#max_steps-error')).toHaveText('Give a whole number.');
  await expect(page.getByLabel('Steps', { exact: true })).toHaveValue('many');
  await page.getByLabel('Zone of this installation').fill('Middle/Earth');
  await page.getByRole('button', { name: 'Save Time zone' }).click();
  await expect(page.locator('#time_zone-error')).toContainText('There is no such time zone.');
  await expect(page.getByLabel('Zone of this installation')).toHaveValue('Middle/Earth');
});

test('a change over somebody else’s is refused once', async ({ page, owner }) => {
  await open(page, '/settings');
  await page.getByLabel('Zone of this installation').fill('Europe/Vienna');
  const { etag } = await owner.get<{ etag: string }>('/api/admin/config');
  await owner.patch('/api/admin/config', { thinking_mode: 'always' }, { 'if-match': etag });
  await page.getByRole('button', { name: 'Save Time zone' }).click();
  await expect(page.getByText('Somebody changed the settings')).toBeVisible();
  await expect(page.getByLabel('Zone of this installation')).toHaveValue('Europe/Vienna');
  await page.getByRole('button', { name: 'Save Time zone' }).click();
  await expect.poll(async () => {
    const config = await owner.get<{ settings: object }>('/api/admin/config');
    return config.settings;
  }).toMatchObject({ time_zone: 'Europe/Vienna', thinking_mode: 'always' });
});

/** Saves, and waits until it is. */
async function save(page: Page): Promise<void> {
  const saved = hasScripts() ? page.waitForResponse(/\/fn\//) : undefined;
  await page.getByRole('button', { name: 'Save' }).click();
  await saved;
}
