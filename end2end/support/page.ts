// What a person does on the pages.

import { expect, test, type Locator, type Page } from '@playwright/test';

import { OWNER } from './server.ts';

/** Whether pages may run scripts. */
export function hasScripts(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens an address and waits until the page can be used as the person will. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await ready(page);
}

/** Where there are scripts, waits until they have taken over. */
export async function ready(page: Page): Promise<void> {
  await page.waitForLoadState();
  if (!hasScripts()) return;
  await page.waitForFunction(() => {
    const { scriptsTookOver } = window as { scriptsTookOver?: () => boolean };
    return scriptsTookOver?.();
  });
}

export async function signIn(page: Page, password = OWNER.password): Promise<void> {
  await page.getByLabel('Name').fill(OWNER.name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Sends a message from the page that is open. */
export async function say(page: Page, message: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(message);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** The agent's parts of a conversation, oldest first. */
export function answers(page: Page): Locator {
  return page.locator('article.turn:not(.turn-user)');
}

/** The person's parts of a conversation, oldest first. */
export function questions(page: Page): Locator {
  return page.locator('article.turn-user .bubble');
}

/** The state of the page's run, as its heading shows it. */
export function state(page: Page): Locator {
  return page.locator('#main .status.pill');
}

/** Waits for a state; without scripts the page is loaded again meanwhile. */
export async function waitForState(page: Page, word: string): Promise<void> {
  if (hasScripts()) {
    await expect(state(page)).toHaveText(word);
    return;
  }
  await expect(async () => {
    await page.reload();
    await expect(state(page)).toHaveText(word, { timeout: 500 });
  }).toPass({ timeout: 15_000 });
}

/** The id at the end of the page's address. */
export function idIn(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1)!;
}
