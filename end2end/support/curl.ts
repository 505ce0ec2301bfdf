// A person with curl and a cookie jar.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

// By this the server knows that whatever it answers will be shown.
const PAGE = ['--header', 'Accept: text/html,application/xhtml+xml'];

const execute = promisify(execFile);

export interface Answered {
  status: number;
  /** Where it ended, after all redirects. */
  url: string;
  body: string;
}

export class Curl {
  private readonly jar: string;

  constructor(
    private readonly url: string,
    folder: string,
  ) {
    this.jar = join(folder, 'cookies.txt');
  }

  get(path: string, ...headers: string[]): Promise<Answered> {
    return this.call(
      path,
      headers.flatMap((header) => ['--header', header]),
    );
  }

  /** Sends a form as a browser without scripts does, and follows where it leads. */
  form(path: string, fields: Record<string, string>, headers = [`Origin: ${this.url}`]) {
    return this.call(path, [
      '--data',
      '',
      ...Object.entries(fields).flatMap(([name, value]) => [
        '--data-urlencode',
        `${name}=${value}`,
      ]),
      ...headers.flatMap((header) => ['--header', header]),
    ]);
  }

  private async call(path: string, args: string[]): Promise<Answered> {
    const { stdout } = await execute('curl', [
      '--silent',
      '--show-error',
      '--location',
      '--noproxy',
      '*',
      '--max-time',
      '20',
      '--cookie',
      this.jar,
      '--cookie-jar',
      this.jar,
      '--write-out',
      '\n%{http_code} %{url_effective}',
      ...(args.some((arg) => arg.startsWith('Accept:')) ? [] : PAGE),
      ...args,
      this.url + path,
    ]);
    const [, body, status, url] = stdout.match(/^([^]*)\n(\d+) (\S+)$/)!;
    return { status: Number(status), url: url!.replace(this.url, ''), body: body! };
  }
}
