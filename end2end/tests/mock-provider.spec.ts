// A run through a provider that nobody here wrote, @copilotkit/aimock.

import { createRequire } from 'node:module';

import type { ChatMessage, LLMock } from '@copilotkit/aimock';

import { answers, open, say, state } from '../support/page.ts';
import { written } from '../support/program.ts';
import { collectShown } from '../support/shown.ts';
import { expect, test as base } from '../support/test.ts';

// Its other build does not load in Node 18.
const aimock: typeof import('@copilotkit/aimock') = createRequire(import.meta.url)(
  '@copilotkit/aimock',
);

const NOTE = '那🙂é, written by a mock';
const ANSWER = 'I wrote a note, looked at the clock and read the note again. '.repeat(4).trim();

const test = base.extend<{ mock: LLMock }>({
  mock: async ({}, use) => {
    const mock = new aimock.LLMock({ port: 0, host: '127.0.0.1', chunkSize: 8, latency: 20 });
    await mock.start();
    await use(mock);
    await mock.stop();
  },
  serverArgs: async ({ mock }, use) => {
    await use(['--model', 'openai/gpt-4o', '--openai-url', `${mock.url}/v1`]);
  },
});

test('three tool calls in two steps, streamed', async ({ page, owner, mock }) => {
  mock.onToolResult('call_read', { content: ANSWER });
  mock.onToolResult('call_clock', {
    content: 'Now I read it again.',
    toolCalls: [{ id: 'call_read', name: 'fs_read', arguments: '{"path":"note.md"}' }],
  });
  mock.onMessage('make a note', {
    content: 'I write the note and look at the clock.',
    toolCalls: [
      {
        id: 'call_write',
        name: 'fs_write',
        arguments: JSON.stringify({ path: 'note.md', content: NOTE }),
      },
      { id: 'call_clock', name: 'time_now', arguments: '{}' },
    ],
  });

  const shown = await collectShown(page, '.step:nth-of-type(3) .prose');
  await open(page, '/chat');
  await say(page, 'make a note');
  await expect(state(page)).toHaveText('Done');
  await expect(answers(page).locator('.step').nth(2).locator('.prose')).toHaveText(ANSWER);
  // The last step was seen while it was written.
  const partly = [...shown].filter((text) => text && text !== ANSWER);
  expect(partly.length).toBeGreaterThan(2);
  expect(partly.filter((text) => !ANSWER.startsWith(text))).toEqual([]);
  await expect(page.locator('details.call .call-n')).toHaveText([
    'fs.write',
    'time.now',
    'fs.read',
  ]);
  await expect(page.locator('details.call', { hasText: 'fs.read' })).toContainText(NOTE);

  const run = (await owner.runs())[0]!;
  expect(run).toMatchObject({
    status: 'done',
    answer: ANSWER,
    calls: 3,
    failed_calls: 0,
    steps: 3,
  });
  const events = await owner.events(run.id);
  const deltas = events.filter((event) => event.type === 'text.delta' && event.step === 3);
  expect(written(deltas)).toBe(ANSWER);
  expect(deltas.length).toBeGreaterThan(3);

  const bodies = mock.getRequests().map((request) => request.body);
  expect(bodies).toHaveLength(3);
  for (const body of bodies) {
    if (!aimock.isChatCompletionBody(body)) throw new Error('not a chat completion');
    expect(body).toMatchObject({ model: 'gpt-4o', stream: true });
    const tools = body.tools!.map((tool) => tool.function.name);
    expect(tools).toEqual(expect.arrayContaining(['fs_list', 'fs_read', 'fs_write', 'time_now']));
    expectPaired(body.messages);
  }
  const { messages } = bodies[2] as { messages: ChatMessage[] };
  const results = messages.filter((message) => message.role === 'tool');
  expect(results.map((message) => message.tool_call_id)).toEqual([
    'call_write',
    'call_clock',
    'call_read',
  ]);
  expect(results[2]!.content).toContain(NOTE);
});

/** Right after each message with calls stand the results of these calls, once each. */
function expectPaired(messages: ChatMessage[]): void {
  const open: string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      expect(open).toContain(message.tool_call_id);
      open.splice(open.indexOf(message.tool_call_id!), 1);
      continue;
    }
    expect(open).toEqual([]);
    open.push(...(message.tool_calls ?? []).map((call) => call.id));
  }
  expect(open).toEqual([]);
}
