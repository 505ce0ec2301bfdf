// Every page in every form, as files to be looked at. Nothing is judged here
// beyond that each page could be reached: eyes do the rest.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Browser, Page } from '@playwright/test';

import { OWNER, type Server } from '../support/server.ts';
import { signInOver } from '../support/sign-in.ts';
import { expect, test as base, watchTakeover } from '../support/test.ts';
import { startModel } from './model.ts';
import { fill, type Filled } from './work.ts';

const FOLDER = process.env.SCREENSHOTS ?? 'test-results/pictures';

/** A form of a page, by the name that its file gets. */
interface Form {
  name: string;
  width: number;
  height: number;
  colorScheme: 'light' | 'dark';
  javaScriptEnabled: boolean;
}

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

const FORMS: Form[] = [
  { name: 'wide-light', ...WIDE, colorScheme: 'light', javaScriptEnabled: true },
  { name: 'wide-dark', ...WIDE, colorScheme: 'dark', javaScriptEnabled: true },
  { name: 'narrow-light', ...NARROW, colorScheme: 'light', javaScriptEnabled: true },
  { name: 'narrow-dark', ...NARROW, colorScheme: 'dark', javaScriptEnabled: true },
];

const WITHOUT_SCRIPTS: Form[] = [
  { name: 'wide-plain', ...WIDE, colorScheme: 'light', javaScriptEnabled: false },
  { name: 'narrow-plain', ...NARROW, colorScheme: 'dark', javaScriptEnabled: false },
];

/** Whether the pages are taken signed in. */
type Visitor = 'stranger' | 'owner';

/** What a person does on a page before the picture. */
type Deed = (page: Page) => Promise<void>;

const test = base.extend<{ model: string }>({
  model: async ({}, use) => {
    const model = await startModel();
    await use(model.url);
    model.end();
  },
});

test('every page', async ({ browser, server, model }) => {
  mkdirSync(FOLDER, { recursive: true });
  let number = 0;
  const take = async (
    visitor: Visitor,
    pages: Record<string, string | [path: string, deed: Deed]>,
    forms = FORMS,
  ) => {
    const first = number;
    for (const form of forms) {
      number = first;
      const page = await pageIn(browser, form, server, visitor);
      for (const [name, entry] of Object.entries(pages)) {
        number += 1;
        const [path, deed] = typeof entry === 'string' ? [entry, undefined] : entry;
        await test.step(`${name}, ${form.name}`, async () => {
          await page.goto(path);
          await settle(page, form);
          await deed?.(page);
          const place = String(number).padStart(2, '0');
          const file = join(FOLDER, `${place}-${name}.${form.name}.png`);
          // The window grows to the page: what sticks to its foot stays there.
          const length = await page.evaluate(() => document.documentElement.scrollHeight);
          await page.setViewportSize({ width: form.width, height: Math.max(length, form.height) });
          await page.screenshot({ path: file, animations: 'disabled' });
          await page.setViewportSize({ width: form.width, height: form.height });
        });
      }
      await page.context().close();
    }
  };

  await take('stranger', { setup: '/setup', 'setup-refused': ['/setup', refuse('Make the owner')] });
  const owner = await server.addOwner();
  await take('stranger', {
    login: '/login',
    'login-refused': ['/login', signInWrongly],
  });
  await take('owner', {
    'overview-empty': '/',
    'chat-empty': '/chat',
    'sessions-empty': '/sessions',
    'runs-empty': '/runs',
    'approvals-empty': '/approvals',
    'audit-empty': '/audit',
    'settings-empty': '/settings',
  });

  const work = await fill(server, owner, model);
  await take('owner', inside(work));
  await take('owner', { ...inside(work), ...withoutScripts(work) }, WITHOUT_SCRIPTS);
  await owner.cancel(work.atWork.id);
});

/** Every page of a person who has worked with it. */
function inside(work: Filled): Record<string, string | [string, Deed]> {
  return {
    overview: '/',
    'chat-new': '/chat',
    chat: `/chat/${work.calls.session_id}`,
    'chat-call-open': [`/chat/${work.calls.session_id}`, openCalls],
    'chat-prose': `/chat/${work.prose.session_id}`,
    'chat-at-work': `/chat/${work.atWork.session_id}`,
    'chat-question': `/chat/${work.question}`,
    'chat-guidance': `/chat/${work.lost.session_id}`,
    'chat-failed': `/chat/${work.failed.session_id}`,
    'chat-cancelled': `/chat/${work.cancelled.session_id}`,
    'chat-many': `/chat/${work.many.session_id}`,
    'chat-earlier': [`/chat/${work.many.session_id}`, toEarlier],
    'chat-closed-agent': `/chat/${work.closed.session_id}`,
    'chat-nowhere': '/chat/nope',
    sessions: '/sessions',
    'sessions-found': '/sessions?q=notes',
    'sessions-none-found': '/sessions?q=zeppelin',
    'session-settings': `/sessions/${work.calls.session_id}`,
    runs: '/runs',
    'runs-failed': '/runs?status=failed',
    'runs-none': '/runs?status=failed&source=cli',
    run: `/runs/${work.calls.id}`,
    'run-call-open': [`/runs/${work.calls.id}`, openCalls],
    'run-failed': `/runs/${work.failed.id}`,
    'run-at-work': `/runs/${work.atWork.id}`,
    'run-nowhere': '/runs/nope',
    approvals: '/approvals',
    audit: '/audit',
    'audit-checked': ['/audit', checkRecord],
    'audit-none': '/audit?kind=sandbox',
    agents: '/agents',
    agent: '/agents/writer',
    'agent-grants': ['/agents/writer', giveGrants],
    'agent-disabled': '/agents/retired',
    'agent-new': '/agents/new',
    'agent-refused': ['/agents/new', refuse('Make the agent')],
    settings: '/settings',
    'settings-refused': ['/settings', refuseZone],
    provider: '/settings/providers/near',
    'provider-tested': ['/settings/providers/near', testConnection],
    'provider-new': '/settings/providers/new',
    health: '/health',
    help: '/help',
    nowhere: '/nowhere',
  };
}

/** What looks like nothing else without scripts. */
function withoutScripts(work: Filled): Record<string, string> {
  return { 'live-frame': `/chat/${work.atWork.session_id}/live` };
}

async function pageIn(
  browser: Browser,
  form: Form,
  server: Server,
  visitor: Visitor,
): Promise<Page> {
  const { width, height, colorScheme, javaScriptEnabled } = form;
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width, height },
    hasTouch: width < 600,
    colorScheme,
    javaScriptEnabled,
  });
  await watchTakeover(context);
  if (visitor === 'owner') await signInOver(context, server);
  return context.newPage();
}

/** Waits until the scripts have taken over, where there are any. */
async function settle(page: Page, { javaScriptEnabled }: Form): Promise<void> {
  await page.waitForLoadState();
  if (!javaScriptEnabled) return;
  await page.waitForFunction(() => {
    const { scriptsTookOver } = window as { scriptsTookOver?: () => boolean };
    return scriptsTookOver?.();
  });
}

/** Sends a form with what fits nowhere. */
function refuse(button: string): Deed {
  return async (page) => {
    for (const field of await page.getByRole('textbox').all()) {
      if (await field.isVisible()) await field.fill('Not, Good!');
    }
    await page.getByRole('button', { name: button }).first().click();
    await expect(page.locator('.notice, .err').first()).toBeVisible();
  };
}

async function signInWrongly(page: Page): Promise<void> {
  await page.getByLabel('Name').fill(OWNER.name);
  await page.getByLabel('Password').fill('wrong horse 42');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.locator('.notice')).toBeVisible();
}

async function refuseZone(page: Page): Promise<void> {
  await page.getByLabel('Zone of this installation').fill('Middle/Earth');
  await page.getByRole('button', { name: 'Save Time zone' }).click();
  await expect(page.locator('#time_zone-error')).toBeVisible();
}

async function testConnection(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByText('It answers')).toBeVisible();
}

async function checkRecord(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText('as written')).toBeVisible();
}

async function giveGrants(page: Page): Promise<void> {
  await page.getByLabel('Profile').selectOption('guarded');
  await page.getByRole('button', { name: 'Use this profile' }).click();
  await expect(page.getByText('of the profile Guarded').first()).toBeVisible();
  await page.getByText('Add a grant').click();
}

async function openCalls(page: Page): Promise<void> {
  for (const call of await page.locator('details.call > summary').all()) await call.click();
}

async function toEarlier(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Earlier' }).click();
  await expect(page.getByRole('link', { name: 'To the newest' })).toBeVisible();
}
