// Pictures with a message: chosen, pasted and dropped; seen before and after.

import type { Page } from '@playwright/test';

import { LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, hasScripts, open, say, waitForState } from '../support/page.ts';
import { expect } from '../support/test.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const test = testWith(async (response, asked) => {
  // With pictures the content comes in parts.
  const parts: { type: string }[] = typeof asked === 'string' ? [] : asked;
  const pictures = parts.filter((part) => part.type === 'image_url').length;
  for (const line of [textLine(`I see ${pictures}.`), ...LAST_LINES]) response.write(line + '\n\n');
  response.end();
});

const png = (name: string) => ({ name, mimeType: 'image/png', buffer: PNG });

test('a picture goes with a message and is seen by the agent and by people', async ({
  page,
  owner,
}) => {
  await open(page, '/chat');
  await page.locator('#picture').setInputFiles([png('one.png'), png('two.png')]);
  if (hasScripts()) await expect(thumbnails(page)).toHaveCount(2);
  await say(page, 'what is on these?');
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('I see 2.');
  const shown = page.locator('.turn-user .pictures img');
  await expect(shown).toHaveCount(2);
  await expect(shown.first()).toHaveAttribute('alt', 'one.png, 1 by 1 pixels');
  expect(await shown.first().evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1);
  if (hasScripts()) await expect(thumbnails(page)).toHaveCount(0);
  const run = (await owner.runs())[0]!;
  await open(page, `/runs/${run.id}`);
  await expect(page.locator('.timeline .pictures img')).toHaveCount(2);
});

test('a refusal says what is wrong', async ({ page, owner: _ }) => {
  await open(page, '/chat');
  const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
  await page.locator('#picture').setInputFiles(text);
  if (!hasScripts()) {
    await say(page, 'what is on this?');
    await expect(page.getByLabel('Message', { exact: true })).toHaveValue('what is on this?');
    await expect(page.getByText('Choose the pictures again')).toBeVisible();
  }
  await expect(page.getByRole('alert')).toContainText('notes.txt is no picture');
});

test('pictures are pasted, dropped, removed, and kept when the message is refused', async ({
  page,
  owner: _,
  troubles,
}) => {
  test.skip(!hasScripts(), 'a browser without scripts has its own field alone');
  await open(page, '/chat');
  const field = page.getByLabel('Message', { exact: true });
  for (const kind of ['paste', 'drop']) {
    await field.evaluate(
      (element, [kind, base64]) => {
        const bytes = Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${kind}.png`, { type: 'image/png' }));
        const given = { bubbles: true, cancelable: true };
        const event =
          kind === 'paste'
            ? new ClipboardEvent('paste', { ...given, clipboardData: data })
            : new DragEvent('drop', { ...given, dataTransfer: data });
        element.dispatchEvent(event);
      },
      [kind, PNG.toString('base64')],
    );
  }
  await expect(thumbnails(page)).toHaveCount(2);
  // The browser itself notes every refused request.
  troubles.allow(/\b400\b.*\/fn\/send\)?$/);
  await say(page, '   ');
  await expect(page.getByRole('alert')).toContainText('Write a message first.');
  await expect(thumbnails(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Remove paste.png' }).click();
  await expect(thumbnails(page)).toHaveCount(1);
  await say(page, 'what is on this?');
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('I see 1.');
  await expect(page.locator('.turn-user .pictures img')).toHaveAttribute(
    'alt',
    'drop.png, 1 by 1 pixels',
  );
});

function thumbnails(page: Page) {
  return page.getByRole('list', { name: 'Pictures for this message' }).getByRole('img');
}
