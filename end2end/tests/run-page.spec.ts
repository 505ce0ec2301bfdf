// A run in which everything happens that can happen beside text and calls, as
// its page shows it: while it works, after a reload, and as its trace.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Page } from '@playwright/test';

import { answers, open, state } from '../support/page.ts';
import type { Run } from '../support/program.ts';
import { expect, test as base } from '../support/test.ts';

/** One answer of the model: a status that is no answer, or text and calls. */
interface Answer {
  status?: number;
  text?: string;
  calls?: [tool: string, args: string][];
  /** Waits until the test says so. */
  held?: Promise<void>;
}

const NOTE = '{"path": "note.md", "content": "那🙂é"}';

const missing = (...names: number[]): [string, string][] =>
  names.map((name) => ['fs_read', JSON.stringify({ path: `missing-${name}.md` })]);

let letGo = () => {};
const told = new Promise<void>((resolve) => {
  letGo = resolve;
});

const SCRIPT: Answer[] = [
  { status: 429 },
  {},
  { text: 'I look around.', calls: [['fs_list', '{}'], ...missing(1, 2)] },
  {
    text: 'The same once more, and a note.',
    // The brackets do not close.
    calls: [['fs_list', '{}'], ['fs_write', NOTE.slice(0, -1)], ['time_now', '{}'], ['fs_read', '{"path": "note.md"}']],
  },
  { text: 'I go on.', calls: missing(3, 4, 5, 6, 7), held: told },
  { text: 'Then it is **done**: `note.md` is there.' },
];

const test = base.extend<{ upstream: string }>({
  upstream: async ({}, use) => {
    const left = [...SCRIPT];
    let asked = 0;
    const server = createServer(async (request, response) => {
      for await (const _ of request);
      asked += 1;
      await give(response, left.shift() ?? { status: 400 }, asked);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    server.closeAllConnections();
    server.close();
  },
  serverArgs: async ({ upstream }, use) => {
    await use(['--model', 'openai/gpt-4o', '--openai-url', upstream]);
  },
});

async function give(response: ServerResponse, answer: Answer, asked: number): Promise<void> {
  if (answer.status) {
    response.writeHead(answer.status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end('{"error": {"message": "slow down"}}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choice: object, rest: object = {}) =>
    response.write(
      `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }], ...rest })}\n\n`,
    );
  if (answer.text) send({ delta: { content: answer.text } });
  await answer.held;
  answer.calls?.forEach(([name, args], index) => {
    const call = { index, id: `call_${asked}_${index}`, function: { name, arguments: args } };
    send({ delta: { tool_calls: [call] } });
  });
  send(
    { delta: {}, finish_reason: answer.calls ? 'tool_calls' : 'stop' },
    { usage: { prompt_tokens: 1000 * asked, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 512 } } },
  );
  response.end('data: [DONE]\n\n');
}

/** What a page says about the run, without what the clock changes. */
async function said(page: Page): Promise<string[]> {
  const parts = page.locator('.note, .note-said, .note-asked, details.call > summary, .prose');
  const texts = await parts.evaluateAll((all) => all.map((one) => one.textContent ?? ''));
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

test('every kind of note, live, reloaded and as a trace', async ({ page, owner, otherBrowser }) => {
  const { id, session_id } = await owner.say('Look around and leave a note.');
  await open(page, `/runs/${id}`);
  const chat = await otherBrowser.newPage();
  await open(chat, `/chat/${session_id}`);

  await expect(page.getByText('I go on.')).toBeVisible();
  await owner.post('/v1/chat/messages', {
    message: 'In French, please.',
    session_id,
    delivery: 'steer',
  });
  letGo();
  await expect(page.locator('.note-asked')).toContainText('missing-7.md');
  await expect(chat.locator('.note-asked')).toContainText('missing-7.md');
  await owner.say('Leave the missing files.', session_id);
  await expect(state(page)).toHaveText('Done');
  await expect(state(chat)).toHaveText('Done');

  const notes = page.locator('[data-note]');
  const kinds = await notes.evaluateAll((all) => all.map((one) => one.getAttribute('data-note')));
  for (const kind of ['fault', 'nudge', 'recovery', 'said', 'asked']) expect(kinds).toContain(kind);
  await expect(page.locator('details.call .tag', { hasText: 'reused' })).toHaveCount(1);
  await expect(page.locator('details.call .tag', { hasText: 'mended' })).toHaveCount(1);
  await expect(page.locator('.note-said')).toHaveText([/Leave the missing/, /In French/]);
  const tools = page.getByRole('table', { name: /Tools/ });
  await expect(tools.getByRole('row', { name: /fs\.read/ })).toContainText('8');

  // A page that is loaded says what a page that was watched said.
  for (const each of [page, chat]) {
    const live = await said(each);
    expect(live.length).toBeGreaterThan(15);
    await each.reload();
    expect(await said(each)).toEqual(live);
  }
  await expect(answers(chat)).toHaveCount(1);

  const trace = await owner.get<{
    run: Run;
    steps: { calls: unknown[]; notes: { type: string }[]; spent: { cost: number } }[];
    end: { tools: { tool: string; calls: number; failures: number; reused: number }[] };
  }>(`/v1/runs/${id}/trace`);
  expect(trace.run.id).toBe(id);
  expect(trace.steps.map((step) => step.calls.length)).toEqual([0, 3, 4, 5, 0]);
  expect(trace.steps.every((step) => step.spent.cost > 0)).toBe(true);
  expect(trace.end.tools.find((tool) => tool.tool === 'fs.read')).toMatchObject({
    calls: 8,
    failures: 7,
  });
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download the trace' }).click();
  expect((await download).suggestedFilename()).toBe(`${id}.trace.json`);
});
