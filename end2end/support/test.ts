// What every test gets: a server, a browser that is watched, an owner if asked for.

import { test as base, expect, type BrowserContext } from '@playwright/test';

import type { Program } from './program.ts';
import { Server } from './server.ts';
import { signInOver } from './sign-in.ts';
import { Troubles } from './troubles.ts';

interface Fixtures {
  /** More arguments for `openclawssy serve`. */
  serverArgs: string[];
  server: Server;
  /** The owner's program; with it the owner exists and is signed in. */
  owner: Program;
  troubles: Troubles;
  /** Another browser of the owner. */
  otherBrowser: BrowserContext;
}

export const test = base.extend<Fixtures>({
  serverArgs: [[], { option: true }],

  server: async ({ serverArgs }, use, testInfo) => {
    const server = await Server.start(serverArgs);
    await use(server);
    const ended = await server.stop();
    await server.removeData();
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server log', { body: server.log, contentType: 'text/plain' });
    }
    expect(ended?.code ?? 0, 'exit code of the server').toBe(0);
    expect(server.log, 'the server log').not.toMatch(/ ERROR |panicked/);
  },

  baseURL: async ({ server }, use) => use(server.url),

  troubles: async ({}, use) => {
    const troubles = new Troubles();
    await use(troubles);
    troubles.check();
  },

  context: async ({ context, troubles }, use) => {
    await watchTakeover(context);
    const stop = troubles.watch(context);
    await use(context);
    stop();
  },

  owner: async ({ server, context }, use) => {
    const owner = await server.addOwner();
    await signInOver(context, server);
    await use(owner);
  },

  otherBrowser: async ({ browser, baseURL, server, troubles, owner: _ }, use) => {
    const context = await browser.newContext({ baseURL });
    await watchTakeover(context);
    await signInOver(context, server);
    const stop = troubles.watch(context);
    await use(context);
    stop();
    await context.close();
  },
});

export { expect };

/** Lets a test see when the scripts have taken over a page: the router listens, and all forms. */
export async function watchTakeover(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const add = EventTarget.prototype.addEventListener;
    const taken = new WeakSet<EventTarget>();
    EventTarget.prototype.addEventListener = function (kind, ...rest) {
      if (kind === 'submit' || kind === 'popstate') taken.add(this ?? window);
      return add.call(this, kind, ...rest);
    };
    const all = () => [window, ...document.forms];
    Object.assign(window, { scriptsTookOver: () => all().every((each) => taken.has(each)) });
  });
}
