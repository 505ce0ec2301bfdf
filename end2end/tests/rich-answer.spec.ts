// An answer is shown with its headings, tables and code. It runs nothing and
// loads nothing, whatever the model wrote; the watch over the browser would see.

import { LAST_LINES, testWith, textLine } from '../support/models.ts';
import { answers, open, say, state } from '../support/page.ts';
import { expect } from '../support/test.ts';

const ANSWER = `# A heading

| name | count |
|:-----|------:|
| one  |     1 |

\`\`\`html
<script>document.title = 'run from code'</script>
\`\`\`

<script>document.title = 'run from a script'</script>
<img src="/nowhere.png" onerror="document.title = 'run from an image'">
<iframe src="http://127.0.0.2/frame"></iframe>
<style>body { display: none }</style>
<p style="position: fixed; inset: 0" onclick="document.title = 'run from a click'">marked up</p>

![a picture](http://127.0.0.2/picture.png)
[a link](javascript:document.title='run from a link')
[another](https://example.com/page)
`;

const test = testWith(async (response) => {
  // A few characters at a time, so that every half of a tag is seen alone.
  for (const part of ANSWER.match(/[^]{1,7}/g)!) {
    response.write(`${textLine(part)}\n\n`);
    await new Promise(setImmediate);
  }
  response.end(`${LAST_LINES.join('\n\n')}\n\n`);
});

test('an answer is shown and does nothing', async ({ page, owner }) => {
  await open(page, '/chat');
  await say(page, 'show off');
  await expect(state(page)).toHaveText('Done');
  const run = (await owner.runs())[0]!;
  expect(run.answer).toBe(ANSWER);

  const prose = answers(page).locator('.prose');
  const check = async () => {
    await expect(prose.getByRole('cell', { name: 'one' })).toBeVisible();
    await expect(prose.getByRole('heading', { name: 'A heading' })).toBeVisible();
    await expect(prose.locator('pre')).toContainText("document.title = 'run from code'");
    await expect(prose.locator('script, style, iframe, [style], [onclick], [onerror]')).toHaveCount(
      0,
    );
    await expect(prose.locator('[href^="javascript:"]')).toHaveCount(0);
    const link = prose.getByRole('link', { name: 'another' });
    await expect(link).toHaveAttribute('href', 'https://example.com/page');
    await prose.getByText('a link').click();
    await expect(page).toHaveTitle(/^show off/);
  };
  await check();
  const streamed = await prose.innerHTML();
  await page.reload();
  await check();
  expect(plain(await prose.innerHTML())).toBe(plain(streamed));
  await open(page, `/runs/${run.id}`);
  await expect(page.locator('.prose').getByRole('cell', { name: 'one' })).toBeVisible();
});

/** Without the marks that rendering leaves between elements. */
function plain(html: string): string {
  return html.replace(/<!--.*?-->|<!>/g, '');
}
