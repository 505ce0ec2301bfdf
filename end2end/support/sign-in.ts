// Signing in without a page, for tests that are about something else.

import { expect, type BrowserContext } from '@playwright/test';

import { OWNER, type Server } from './server.ts';

export async function signInOver(context: BrowserContext, server: Server): Promise<void> {
  const response = await context.request.post(`${server.url}/fn/login`, {
    form: OWNER,
    headers: { origin: server.url },
  });
  expect(response.ok(), await response.text()).toBe(true);
}
