// Stop ends the work, wherever it is pressed and however early.

import { LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, open, say, state } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'count to 100';

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

/** When each connection of the program to the model began and was closed by it. */
const calls: { began: number; closed?: number }[] = [];

testWith(async (response, asked) => {
  if (asked === 'go on') {
    response.end([textLine('Here I am.'), ...LAST_LINES].join('\n\n') + '\n\n');
    return;
  }
  const call: (typeof calls)[number] = { began: Date.now() };
  calls.push(call);
  response.on('close', () => (call.closed = Date.now()));
  response.flushHeaders();
})('before the first word, the connection to the model closes within a second', async ({
  page,
  owner,
}) => {
  await open(page, '/chat');
  await say(page, 'think for long');
  await expect(state(page)).toHaveText('Running');
  await expect.poll(() => calls.length).toBe(1);
  const pressed = Date.now();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => calls[0]!.closed).toBeDefined();
  expect(calls[0]!.closed! - pressed).toBeLessThan(1_000);
  await expect(state(page)).toHaveText('Cancelled');

  await say(page, 'go on');
  await expect(answers(page).nth(1)).toContainText('Here I am.');
  await expect(state(page)).toHaveText('Done');
  expect((await owner.runs()).map((run) => run.status)).toEqual(['done', 'cancelled']);
});
