// Stop ends the work, wherever it is pressed and however early.

import { LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, open, say, state } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'count to 100, slowly';

test('another browser of the same person stops the run', async ({ page, owner, otherBrowser }) => {
  await open(page, '/chat');
  await say(page, TASK);
  await expect(answers(page)).toContainText('1 2 3');

  const other = await otherBrowser.newPage();
  await open(other, new URL(page.url()).pathname);
  await expect(answers(other)).toContainText('1 2 3');
  await other.getByRole('button', { name: 'Stop' }).click();

  for (const each of [page, other]) {
    await expect(state(each)).toHaveText('Cancelled');
    await expect(answers(each)).toContainText('Stopped.');
    await expect(each.getByRole('button', { name: 'Stop' })).toBeHidden();
  }
  const run = (await owner.runs())[0]!;
  expect(run.status).toBe('cancelled');
  // What was written by then is kept, and both pages show it.
  expect(run.answer).toMatch(/^1 2 3/);
  expect(run.answer).not.toMatch(/100$/);
  for (const each of [page, other]) {
    await expect(answers(each).locator('.prose')).toHaveText(run.answer!.trim());
  }
});

/** When the program closed its newest connection to the model, if it did. */
let closedAt: number | undefined;

const testWithSilence = testWith(async (response, asked) => {
  if (asked === 'go on') {
    response.end([textLine('Here I am.'), ...LAST_LINES, ''].join('\n\n'));
    return;
  }
  response.on('close', () => (closedAt = Date.now()));
  response.flushHeaders();
});

testWithSilence(
  'before the first word, the model is let go within a second',
  async ({ page, owner }) => {
    closedAt = undefined;
    await open(page, '/chat');
    await say(page, 'think for long');
    await expect(page.getByText('Step 1, 0 calls done')).toBeVisible();
    const asked = page.waitForRequest(/\/fn\/cancel$/);
    await page.getByRole('button', { name: 'Stop' }).click();
    await asked;
    const askedAt = Date.now();
    await expect.poll(() => closedAt).toBeDefined();
    expect(closedAt! - askedAt).toBeLessThan(1_000);
    await expect(state(page)).toHaveText('Cancelled');

    await say(page, 'go on');
    await expect(answers(page).nth(1)).toContainText('Here I am.');
    await expect(state(page)).toHaveText('Done');
    expect((await owner.runs()).map((run) => run.status)).toEqual(['done', 'cancelled']);
  },
);
