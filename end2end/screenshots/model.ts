// A model for the pictures: it answers well, fails, or never comes to an end,
// by what it is asked.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { callLines, LAST_LINES, textLine } from '../support/models.ts';

/** A model server of its own, and how to end it. */
export interface Model {
  url: string;
  end(): void;
}

export async function startModel(): Promise<Model> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.url?.endsWith('/models')) {
      const names = ['quick-8b', 'quick-70b', 'careful-120b-instruct-2026-10'];
      response.end(JSON.stringify({ data: names.map((id) => ({ id })) }));
      return;
    }
    const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
    const asked = messages.filter(isSaid).at(-1)?.content ?? '';
    answer(response, asked, messages.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/v1`, end };
}

/** Whether a person said it: what the engine itself says stands in brackets. */
function isSaid({ role, content }: { role: string; content: string }): boolean {
  return role === 'user' && !content.startsWith('[');
}

function answer(response: ServerResponse, asked: string, messages: number): void {
  if (asked.includes('invoice')) {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"no"}}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (asked.includes('archive')) {
    // The rest never comes.
    response.write(`${textLine(HALF)}\n\n`);
    return;
  }
  if (asked.includes('ledger')) {
    const path = `ledgers/2026-${messages}/summary.csv`;
    response.end([...callLines(`call_${messages}`, 'fs_read', { path }), ''].join('\n\n'));
    return;
  }
  const text = asked.includes('releases') ? LONG : 'Noted. Nothing else is open there.';
  response.end([textLine(text), ...LAST_LINES, ''].join('\n\n'));
}

const HALF = `I read the folder first. So far:

1. \`2024/\` holds 118 files, all of them older than a year.
2. \`2025/\` holds 342 files; `;

const LONG = `## What changed between the releases

The **queue** keeps its promise under load now, and reading is faster. Three things need your attention before you upgrade:

1. The setting \`workers\` counts per process.
2. Leases last 20 s instead of 60 s.
3. Old tokens stay valid for 30 days, see [the notes](https://example.com/notes).

| measure | 1.3 | 1.4 | change |
|:--------|----:|----:|-------:|
| turn, p50 | 6.7 ms | 2.9 ms | −57 % |
| turn, p99 | 21.4 ms | 9.8 ms | −54 % |
| turns per second at 10 sessions | 178 | 356 | +100 % |
| CPU seconds per 100 turns | 0.80 | 0.47 | −41 % |

\`\`\`rust
/// The longest a claim may go without a sign of life, in milliseconds. A worker that is late loses it.
const LEASE: Duration = Duration::from_secs(20);

fn claim(queue: &Queue, now: Instant) -> Option<Lease> {
    queue.oldest().filter(|run| run.is_free(now)).map(|run| run.lease(now + LEASE))
}
\`\`\`

> Upgrade the server before its workers: a new worker on an old server finds no leases.

- [x] read both change logs
- [ ] run the upgrade on a copy
`;
