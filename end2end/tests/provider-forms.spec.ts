// Each form of provider against one that nobody here wrote, @copilotkit/aimock.

import { createRequire } from 'node:module';

import type { LLMock } from '@copilotkit/aimock';

import { written } from '../support/program.ts';
import { expect, test as base } from '../support/test.ts';

// Its other build does not load in Node 18.
const aimock: typeof import('@copilotkit/aimock') = createRequire(import.meta.url)(
  '@copilotkit/aimock',
);

const NOTE = '那🙂é, written by a mock';
const ANSWER = 'I wrote a note and looked at the clock. '.repeat(4).trim();

/** The forms, and where each begins below the mock's address. */
const FORMS = [
  ['openai_chat', '/v1'],
  ['openai_responses', '/v1'],
  ['anthropic', '/v1'],
  ['gemini', '/v1beta'],
  ['ollama', ''],
] as const;

const test = base.extend<{ mock: LLMock }>({
  mock: async ({}, use) => {
    const mock = new aimock.LLMock({ port: 0, host: '127.0.0.1', chunkSize: 8 });
    await mock.start();
    await use(mock);
    await mock.stop();
  },
});

for (const [form, path] of FORMS) {
  test(`${form}: two calls at once, then the answer`, async ({ owner, mock }) => {
    mock.on({ userMessage: 'make a note', hasToolResult: true }, { content: ANSWER });
    mock.on(
      { userMessage: 'make a note', hasToolResult: false },
      {
        content: 'I write the note.',
        toolCalls: [
          { name: 'fs_write', arguments: JSON.stringify({ path: 'note.md', content: NOTE }) },
          { name: 'time_now', arguments: '{}' },
        ],
      },
    );
    await owner.post('/api/admin/providers', {
      name: 'mock',
      form,
      base_url: mock.url + path,
      key: 'sk-mock',
    });
    // The mock has no list of Google's models.
    if (form !== 'gemini') {
      const check = await owner.post<{ outcome: string; message: string }>(
        '/api/admin/providers/test',
        { name: 'mock' },
      );
      expect(check.outcome, check.message).toBe('ok');
    }
    const { etag } = await owner.get<{ etag: string }>('/api/admin/config');
    await owner.patch('/api/admin/config', { default_model: 'mock/small-1' }, { 'if-match': etag });

    const run = await owner.ended((await owner.say('make a note')).id);
    expect(run).toMatchObject({ status: 'done', answer: ANSWER, calls: 2, failed_calls: 0 });
    const events = await owner.events(run.id);
    const texts = events.filter((event) => event.type === 'text.delta' && event.step === 2);
    expect(written(texts)).toBe(ANSWER);
    const called = events.filter((event) => event.type === 'tool.start');
    expect(called.map((event) => event.tool)).toEqual(['fs.write', 'time.now']);
  });

  test(`${form}: a refusal is told as what it is`, async ({ owner, mock }) => {
    mock.onMessage('hello', {
      error: { message: 'slow down', type: 'rate_limit_error' },
      status: 401,
    });
    await owner.post('/api/admin/providers', { name: 'mock', form, base_url: mock.url + path });
    const { etag } = await owner.get<{ etag: string }>('/api/admin/config');
    await owner.patch('/api/admin/config', { default_model: 'mock/small-1' }, { 'if-match': etag });
    const run = await owner.ended((await owner.say('hello')).id);
    expect(run.status).toBe('failed');
    expect(run.error).toMatchObject({ code: 'provider.error' });
    expect(run.error!.message).toContain('refused the key');
  });
}
