// Models behind the OpenAI form, on sockets of our own.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { test as base } from './test.ts';

/** Answers one request; `asked` is the last message in it. */
export type Answer = (response: ServerResponse, asked: string) => Promise<void>;

/** A test whose server uses a model that answers like this. */
export function testWith(answer: Answer) {
  return base.extend<{ upstream: string }>({
    upstream: async ({}, use) => {
      const server = createServer(async (request, response) => {
        let body = '';
        for await (const part of request) body += part;
        const { messages } = JSON.parse(body) as { messages: { content: string }[] };
        response.socket?.setNoDelay(true);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        await answer(response, messages.at(-1)!.content);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await use(`http://127.0.0.1:${port}/v1`);
      server.closeAllConnections();
      server.close();
    },
    serverArgs: async ({ upstream }, use) => {
      await use(['--model', 'openai/x', '--openai-url', upstream]);
    },
  });
}

/** The line that carries some text. */
export function textLine(text: string): string {
  return line({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
}

/** The lines of a reply that calls one tool, by its name on the wire. */
export function callLines(id: string, name: string, given: object): string[] {
  const called = { name, arguments: JSON.stringify(given) };
  const delta = { tool_calls: [{ index: 0, id, type: 'function', function: called }] };
  return [
    line({ choices: [{ index: 0, delta, finish_reason: null }] }),
    line({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }),
    'data: [DONE]',
  ];
}

/** The lines after the last text. */
export const LAST_LINES = [
  line({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  'data: [DONE]',
];

function line(chunk: object): string {
  return `data: ${JSON.stringify({ object: 'chat.completion.chunk', ...chunk })}`;
}
