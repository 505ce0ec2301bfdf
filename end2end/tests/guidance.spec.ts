// An agent that does not know how to go on asks, and the next message of its
// session is the answer, with scripts and without.

import { callLines, LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, open, ready, say, waitForState } from '../support/page.ts';
import { expect } from '../support/test.ts';

let calls = 0;

const test = testWith(async (response, asked) => {
  calls += 1;
  const lines = asked.endsWith('Leave it, please')
    ? [textLine('Then I leave it.'), ...LAST_LINES]
    : callLines(`call_${calls}`, 'fs_read', { path: `missing-${calls}.txt` });
  response.end([...lines, ''].join('\n\n'));
});

test('five failures ask, and the answer goes on', async ({ page, owner }) => {
  await open(page, '/chat');
  await say(page, 'Mend the report');
  await waitForState(page, 'Needs guidance');
  await ready(page);
  await expect(page.locator('.dock')).toContainText('Your next message is the answer');
  const field = page.getByLabel('Message', { exact: true });
  await expect(field).toHaveAttribute('placeholder', 'Say how to go on');
  const { id } = (await owner.runs())[0]!;

  const session = new URL(page.url()).pathname;
  await open(page, '/approvals');
  await expect(page.getByRole('heading', { name: 'Asks how to go on' })).toBeVisible();
  await page.getByRole('link', { name: 'Answer', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(session));

  await ready(page);
  await say(page, 'Leave it, please');
  await waitForState(page, 'Done');
  await expect(answers(page)).toContainText('Then I leave it.');
  const runs = await owner.runs();
  expect(runs.map((run) => [run.id, run.status])).toEqual([[id, 'done']]);
});
