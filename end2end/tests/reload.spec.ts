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

test('who leaves the chat and comes back finds everything', async ({
  page,
  owner,
  otherBrowser,
}) => {
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

  // Another browser finds the same by its address.
  const other = await otherBrowser.newPage();
  await open(other, new URL(page.url()).pathname);
  await expect(questions(other)).toHaveText([TASK, 'what time is it']);
  await expect(answers(other)).toHaveCount(2);
});

test('no turn stands twice, however often the line breaks', async ({ page, owner, troubles }) => {
  // The browser notes each stream that the server ends.
  troubles.allow(/\/v1\/events/);
  await page.addInitScript(() => {
    const doubled: string[] = [];
    Object.assign(window, { doubled });
    const look = () => {
      const ids = [...document.querySelectorAll('[id^="turn-"]')].map((each) => each.id);
      doubled.push(...ids.filter((id, index) => ids.indexOf(id) !== index));
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true });
  });
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'eventsource') streams.push(request.url());
  });
  await open(page, '/chat');
  await say(page, TASK);
  await expect(answers(page)).toContainText('1 2 3');
  for (const point of ['20', '50']) {
    await expect(answers(page)).toContainText(` ${point} `);
    // A newer stream under the tab's name ends the one that the page has.
    const before = streams.length;
    await page.evaluate((url) => {
      const newer = new EventSource(url);
      newer.onopen = () => newer.close();
    }, streams.at(-1)!);
    // That one, and then the page's own again.
    await expect.poll(() => streams.length).toBeGreaterThanOrEqual(before + 2);
  }
  // A second message from elsewhere joins once.
  await owner.say('what time is it', idIn(page));
  await expect(questions(page)).toHaveText([TASK, 'what time is it']);
  await expect(answers(page).nth(1)).toContainText('clock');
  await expect(answers(page).first().locator('.prose')).toHaveText(/^1 2 3 .* 99 100$/);
  await expect(answers(page)).toHaveCount(2);
  const doubled = await page.evaluate(() => (window as unknown as { doubled: string[] }).doubled);
  expect(doubled).toEqual([]);
});
