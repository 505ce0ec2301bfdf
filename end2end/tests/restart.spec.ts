// The server is taken away in the middle of a run, under an open page.

import { answers, open, questions, say, state } from '../support/page.ts';
import { expect, test } from '../support/test.ts';

// While there is no server, the page's tries to reach its stream fail. Nothing
// else may.
const STREAM = '/v1/(runs/\\w+/)?events\\b';
const LOST = [
  new RegExp(`^console error: Failed to load resource: net::ERR_\\w+ \\(\\S*${STREAM}`),
  new RegExp(`^request failed: GET \\S*${STREAM}\\S* net::ERR_`),
];

test('kill -9 in the middle of a run', async ({ page, owner, server, troubles }) => {
  // A reload may come while the scripts are still on their way.
  troubles.allow(...LOST, /\.wasm net::ERR_ABORTED$/, /^page error: $/);
  await open(page, '/chat');
  await say(page, 'slow long work in 20 steps');
  await expect(page.getByText(/^Step [2-9], /)).toBeVisible();
  const run = (await owner.runs())[0]!;
  const lost = page.getByText('The connection is lost.');

  await server.kill();
  await expect(lost).toBeVisible();
  await page.getByLabel('Message', { exact: true }).fill('what time is it');

  await server.start();
  await expect(state(page)).toHaveText('Interrupted');
  await expect(lost).toBeHidden();
  // The draft is still there, and goes out as the next message.
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(questions(page)).toHaveText(['slow long work in 20 steps', 'what time is it']);
  await expect(answers(page).nth(1)).toContainText('The clock of this server says');
  await expect(state(page)).toHaveText('Done');

  // The page shows of the dead run what is stored, with every call closed.
  const events = await owner.events(run.id);
  const of = (kind: string) => events.filter((event) => event.type === kind);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(
    of('tool.end')
      .map((end) => end.tool_call_id)
      .sort(),
  ).toEqual(
    of('tool.start')
      .map((start) => start.tool_call_id)
      .sort(),
  );
  expect(events.at(-1)).toMatchObject({ type: 'run.end', status: 'interrupted' });
  const before = await answers(page).first().textContent();
  await page.reload();
  await expect(answers(page).first()).toHaveText(before!);

  await open(page, `/runs/${run.id}`);
  await expect(state(page)).toHaveText('Interrupted');
});

test('the page of a run gets its line back too', async ({ page, owner, server, troubles }) => {
  troubles.allow(...LOST);
  const { id } = await owner.say('slow long work in 20 steps');
  await open(page, `/runs/${id}`);
  await expect(page.getByRole('heading', { name: 'Step 2', exact: true })).toBeVisible();
  await server.kill();
  await expect(page.getByText('The connection is lost.')).toBeVisible();
  await server.start();
  await expect(state(page)).toHaveText('Interrupted');
  await expect(page.getByText('The connection is lost.')).toBeHidden();
});
