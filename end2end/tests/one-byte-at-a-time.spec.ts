// Characters of several bytes arrive whole, however a model's answer is cut.

import { LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, open, say, waitForState } from '../support/page.ts';
import { written } from '../support/program.ts';
import { collectShown } from '../support/shown.ts';
import { expect } from '../support/test.ts';

const TEXT = '那🙂é';

const test = testWith(async (response, asked) => {
  const end = asked.includes('CRLF') ? '\r\n\r\n' : '\n\n';
  const lines = [...[...TEXT].map(textLine), textLine(TEXT), ...LAST_LINES];
  for (const byte of Buffer.from(lines.map((line) => line + end).join(''))) {
    response.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  response.end();
});

for (const ends of ['LF', 'CRLF']) {
  test(`a body sent one byte at a time, lines end in ${ends}`, async ({ page, owner }) => {
    const shown = await collectShown(page, 'article.turn .prose');
    await open(page, '/chat');
    await say(page, `lines end in ${ends}`);
    await waitForState(page, 'Done');
    await expect(answers(page).locator('.prose')).toHaveText(TEXT + TEXT);
    expect([...shown].filter((text) => !(TEXT + TEXT).startsWith(text))).toEqual([]);
    await page.reload();
    await expect(answers(page).locator('.prose')).toHaveText(TEXT + TEXT);

    const run = (await owner.runs())[0]!;
    expect(run.answer).toBe(TEXT + TEXT);
    const [streamed, stored] = [await owner.stream(run.id), await owner.events(run.id)];
    expect(written(streamed)).toBe(TEXT + TEXT);
    expect(written(stored)).toBe(TEXT + TEXT);
    expect(JSON.stringify([streamed, stored])).not.toContain('\uFFFD');
  });
}
