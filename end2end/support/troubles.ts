// Keeps watch over browsers: whatever goes wrong there fails the test.

import { expect, type BrowserContext, type Request } from '@playwright/test';

export class Troubles {
  private readonly seen: string[] = [];
  private readonly allowed: RegExp[] = [];

  /** From now on, trouble of this context counts. Returns how to end that. */
  watch(context: BrowserContext): () => void {
    let watching = true;
    const note = (text: string) => {
      if (watching) this.seen.push(text);
    };
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => note(`page error: ${error.error().stack}`));
    context.on('requestfailed', (request) => {
      if (!isLeaving(request)) note(`request failed: ${name(request)}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) {
        note(`status ${response.status()}: ${name(response.request())}`);
      }
    });
    return () => {
      watching = false;
    };
  }

  /** Trouble that fits is part of what the test is about. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns);
  }

  get unexpected(): string[] {
    return this.seen.filter((text) => !this.allowed.some((pattern) => pattern.test(text)));
  }

  check(): void {
    expect(this.unexpected, 'trouble in the browser').toEqual([]);
  }
}

function name(request: Request): string {
  const why = request.failure()?.errorText;
  return `${request.method()} ${request.url()}${why ? ` ${why}` : ''}`;
}

// A page that is left, or that refreshes itself, ends its live stream and gives
// up what it was reading, and the browser the icon that it was fetching.
function isLeaving(request: Request): boolean {
  const aborted = request.failure()?.errorText === 'net::ERR_ABORTED';
  const path = new URL(request.url()).pathname;
  const reading =
    request.method() === 'GET' &&
    (path.startsWith('/fn/') || path === '/favicon.svg' || /^\/chat\/\w+\/live$/.test(path));
  return aborted && (reading || request.resourceType() === 'eventsource');
}
