// What a page shows of an answer is always a beginning of what is stored,
// however often it is loaded again, and in the end it is the whole of it.

import { answers, idIn, open, questions, ready, say, state } from '../support/page.ts';
import { written } from '../support/program.ts';
import { collectShown } from '../support/shown.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'count to 100';
const ANSWER = 'article.turn .prose';

test('reloads at five points of a stream', async ({ page, owner }) => {
  const shown = await collectShown(page, ANSWER);
  await open(page, '/chat');
  await say(page, TASK);
  const prose = answers(page).locator('.prose');
  const count = async () => Number((await prose.textContent())?.trim().split(' ').at(-1));

  for (const point of [10, 25, 40, 60, 80]) {
    await expect.poll(count).toBeGreaterThanOrEqual(point);
    await page.reload();
    // At once more than before, without waiting for scripts.
    expect(await count()).toBeGreaterThanOrEqual(point);
    await expect(questions(page)).toHaveText([TASK]);
  }
  await expect(state(page)).toHaveText('Done');

  const run = (await owner.runs())[0]!;
  const stored = run.answer!;
  expect(stored).toMatch(/^1 2 3 .* 99 100$/);
  expect(written(await owner.events(run.id))).toBe(stored);
  await expect(prose).toHaveText(stored);
  const strays = [...shown].filter((text) => !stored.startsWith(text));
  expect(strays).toEqual([]);
  // The stream really was seen growing, between the reloads too.
  expect(shown.size).toBeGreaterThan(15);
  await expect(answers(page)).toHaveCount(1);
  await expect(questions(page)).toHaveCount(1);
});

test('who leaves the chat and comes back finds everything', async ({ page, owner }) => {
  const shown = await collectShown(page, ANSWER);
  await owner.ended((await owner.say('what time is it')).id);
  await open(page, '/chat');
  await say(page, TASK);
  await expect(answers(page)).toContainText('1 2 3');
  const session = idIn(page);
  await ready(page);

  // By links inside the page, first away, then back by the list of sessions.
  await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
  await page.locator('.pane-sessions').getByRole('link', { name: TASK }).click();
  expect(idIn(page)).toBe(session);
  await expect(answers(page)).toContainText('1 2 3');
  await expect(questions(page)).toHaveText([TASK]);

  // By another session, and back by the browser's button.
  await page.locator('.pane-sessions').getByRole('link', { name: 'what time is it' }).click();
  await expect(questions(page)).toHaveText(['what time is it']);
  await page.goBack();
  await expect(questions(page)).toHaveText([TASK]);

  // The next message waits its turn and stands once.
  await say(page, 'what time is it');
  await expect(questions(page)).toHaveText([TASK, 'what time is it']);
  await expect(answers(page).nth(1)).toContainText('The clock of this server says');
  await expect(answers(page).first()).toContainText('98 99 100');
  await page.reload();
  await expect(questions(page)).toHaveText([TASK, 'what time is it']);
  await expect(answers(page)).toHaveCount(2);
  expect((await owner.runs()).map((run) => run.status)).toEqual(['done', 'done', 'done']);
  expect([...shown].filter((text) => /\+ 1 2/.test(text))).toEqual([]);
});
