// The watch over the browser is itself watched: it must see each kind of trouble.

import { expect, test } from '../support/test.ts';
import { open } from '../support/page.ts';

const KINDS = {
  'a console error': {
    cause: () => console.error('told on purpose'),
    shows: /told on purpose/,
  },
  'a page error': {
    cause: () =>
      void setTimeout(() => {
        throw new Error('thrown on purpose');
      }),
    shows: /thrown on purpose/,
  },
  'a failed request': {
    cause: () => void fetch('/pkg/nothing-here.js').catch(() => {}),
    shows: /status 404.*nothing-here/,
  },
  'a violation of the content security policy': {
    cause: () => {
      const image = new Image();
      image.src = 'http://127.0.0.2/elsewhere.png';
    },
    shows: /Content Security Policy/,
  },
};

for (const [kind, { cause, shows }] of Object.entries(KINDS)) {
  test(`the watch sees ${kind}`, async ({ page, owner: _, troubles }) => {
    await open(page, '/');
    await page.evaluate(cause);
    await expect.poll(() => troubles.unexpected.join('\n')).toMatch(shows);
    troubles.allow(/./);
  });
}
