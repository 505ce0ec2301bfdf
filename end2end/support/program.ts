// A program that uses the API with a token.

import type { Server } from './server.ts';

export interface Run {
  id: string;
  session_id: string;
  agent: string;
  status: string;
  answer: string | null;
  model: string | null;
  source: string;
  message: string;
  steps: number;
  calls: number;
  failed_calls: number;
  error: { code: string; message: string } | null;
}

export interface RunEvent {
  seq: number;
  type: string;
  step?: number;
  text?: string;
  status?: string;
  tool?: string;
  tool_call_id?: string;
  output?: string;
}

const ENDS = ['done', 'failed', 'cancelled', 'interrupted'];

export class Program {
  constructor(
    private readonly server: Server,
    private readonly token: string,
  ) {}

  async get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  async say(message: string, session?: string): Promise<Run> {
    return this.call('POST', '/v1/chat/messages', { message, session_id: session });
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.call('POST', path, body);
  }

  async patch<T>(path: string, body: unknown, headers: Record<string, string>): Promise<T> {
    const response = await this.fetch('PATCH', path, body, headers);
    return (await response.json()) as T;
  }

  async cancel(id: string): Promise<void> {
    await this.call('POST', `/v1/runs/${id}/cancel`);
  }

  run(id: string): Promise<Run> {
    return this.get(`/v1/runs/${id}`);
  }

  /** All runs, newest first. */
  async runs(query = ''): Promise<Run[]> {
    const page = await this.get<{ items: Run[] }>(`/v1/runs?limit=200${query}`);
    return page.items;
  }

  /** Everything that happened in a run so far. */
  async events(id: string): Promise<RunEvent[]> {
    const all: RunEvent[] = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? 0;
      const path = `/v1/runs/${id}/events?limit=200&after=${after}`;
      const { events } = await this.get<{ events: RunEvent[] }>(path);
      if (events.length === 0) return all;
      all.push(...events);
    }
  }

  /** Reads a run's stream to the end of the run. */
  async stream(id: string): Promise<RunEvent[]> {
    const response = await this.fetch('GET', `/v1/runs/${id}/events`, undefined, {
      accept: 'text/event-stream',
    });
    const events: RunEvent[] = [];
    const text = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    const reader = response.body!.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended before the run');
      const frames = (rest + text.decode(value, { stream: true })).split('\n\n');
      rest = frames.pop()!;
      for (const frame of frames) {
        const data = frame.split('\n').find((line) => line.startsWith('data:'));
        const event = JSON.parse(data?.slice(5) ?? '{}') as RunEvent;
        if (event.seq) events.push(event);
        if (event.type === 'run.end') {
          await reader.cancel();
          return events;
        }
      }
    }
  }

  /** The run once it ended. */
  async ended(id: string): Promise<Run> {
    await this.stream(id);
    const run = await this.run(id);
    if (!ENDS.includes(run.status)) throw new Error(`the run is ${run.status} at its end`);
    return run;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body);
    return (await response.json()) as T;
  }

  private async fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** The text that a run's events carry, joined as a reader joins it. */
export function written(events: RunEvent[]): string {
  return events
    .filter((event) => event.type === 'text.delta')
    .map((event) => event.text)
    .join('');
}
