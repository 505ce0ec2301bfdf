// The whole way through the dashboard with curl and a cookie jar: pages are
// whole as HTML, and forms work without anything that a browser adds.

import { Curl, type Answered } from '../support/curl.ts';
import { OWNER } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const ALERT = 'role="alert"';
// What refreshes itself while an agent works, and nothing else does.
const LIVE_PART = 'live-frame';

test('setup, login, a task, its run, a cancel', async ({ server }) => {
  const curl = new Curl(server.url, server.data);

  const first = await curl.get('/');
  expect(first).toMatchObject({ status: 200, url: '/setup' });
  expect(form(first, '/fn/setup')).toContain('name="password"');
  expect(await curl.form('/fn/setup', OWNER)).toMatchObject({ status: 200, url: '/' });

  expect(await curl.form('/fn/logout', {})).toMatchObject({ status: 200, url: '/login' });
  expect(await curl.get('/chat')).toMatchObject({ status: 200, url: '/login?next=/chat' });
  const wrong = await curl.form('/fn/login', {
    ...OWNER,
    password: 'wrong horse 42',
    next: '/chat',
  });
  expect(wrong).toMatchObject({ status: 200, url: '/login?next=/chat' });
  expect(missing(wrong, ALERT, 'value="ada"', 'wrong horse')).toEqual(['wrong horse']);
  const right = await curl.form('/fn/login', { ...OWNER, next: '/chat' });
  expect(right).toMatchObject({ status: 200, url: '/chat' });
  expect(form(right, '/fn/send')).toContain('name="message"');

  const task = { agent: 'guide', message: 'write hello to notes.txt' };
  const chat = await curl.form('/fn/send', task);
  expect(chat.url).toMatch(/^\/chat\/ses_\w+$/);
  expect(missing(chat, task.message)).toEqual([]);
  // Read again until the work is done.
  let page = chat;
  await expect(async () => {
    page = await curl.get(chat.url);
    const whole = [task.message, 'fs.write', 'Done. The tool says', LIVE_PART];
    expect(missing(page, ...whole)).toEqual([LIVE_PART]);
  }).toPass();
  const run = page.body.match(/href="(\/runs\/run_\w+)"/)![1]!;
  const record = await curl.get(run);
  expect(record).toMatchObject({ status: 200, url: run });
  expect(missing(record, task.message, 'fs.write', 'Step 2', 'Done')).toEqual([]);

  const session = chat.url.replace('/chat/', '');
  const long = await curl.form('/fn/send', { session, message: 'slow long work in 20 steps' });
  expect(long).toMatchObject({ status: 200, url: chat.url });
  expect(missing(long, LIVE_PART)).toEqual([]);
  const working = long.body.match(/name="run" value="(run_\w+)"/)![1]!;
  const cancelled = await curl.form('/fn/cancel', { run: working, page: `/runs/${working}` });
  expect(cancelled).toMatchObject({ status: 200, url: `/runs/${working}` });
  await expect(async () => {
    expect(missing(await curl.get('/runs?status=cancelled'), working)).toEqual([]);
  }).toPass();
  expect(missing(await curl.get('/runs?status=done'), working)).toEqual([working]);

  const empty = await curl.form('/fn/send', { session, message: ' ' });
  expect(empty).toMatchObject({ status: 200, url: chat.url });
  expect(missing(empty, ALERT)).toEqual([]);
});

test('what does not come from a page of this server is refused', async ({ server, owner }) => {
  const curl = new Curl(server.url, server.data);
  const ways: [string[], string][] = [
    [[], 'origin.missing'],
    [['Origin: http://evil.test'], 'origin.foreign'],
    [['Origin: null'], 'origin.foreign'],
  ];
  for (const [headers, code] of ways) {
    const refused = await curl.form('/fn/login', OWNER, headers);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body).error.code).toBe(code);
  }
  await curl.form('/fn/login', OWNER);
  for (const [headers, code] of ways) {
    const refused = await curl.form('/fn/send', { message: 'what time is it' }, headers);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body).error.code).toBe(code);
  }
  expect(await owner.runs()).toEqual([]);
});

test('what cannot be read is a fault of the asker', async ({ server }) => {
  await server.addOwner();
  const curl = new Curl(server.url, server.data);
  await curl.form('/fn/login', OWNER);
  const refused = await curl.get('/fn/turn?run=nope', 'Accept: application/json');
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.body).error.code).toBe('request.invalid_input');
  const unknown = await curl.get('/chat/ses_nope');
  expect(unknown.status).toBe(404);
});

/** The form of a page that is sent to this function. */
function form(page: Answered, action: string): string {
  const forms = page.body.match(/<form[^]*?<\/form>/g) ?? [];
  return forms.find((each) => each.includes(`action="${action}"`)) ?? '';
}

/** Which of these texts do not stand in a page. */
function missing(page: Answered, ...parts: string[]): string[] {
  return parts.filter((part) => !page.body.includes(part));
}
