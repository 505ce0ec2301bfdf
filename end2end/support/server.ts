// The real program as a process of its own, with data of its own.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BINARY = process.env.OPENCLAWSSY_BIN ?? resolve('..', 'target', 'debug', 'openclawssy');

/// Longer than this nothing takes to start or to stop.
const PATIENCE = 20_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class Command {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  private readonly end: Promise<Ended>;

  constructor(args: string[], input = '', extra: NodeJS.ProcessEnv = {}) {
    this.child = spawn(BINARY, args, { env: environment(extra), stdio: 'pipe' });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // A program that ends without reading its input is no fault here.
    this.child.stdin!.on('error', () => {});
    this.child.stdin!.end(input);
    this.end = new Promise((ended, failed) => {
      this.child.once('error', failed);
      this.child.once('close', (code) =>
        ended({ code, stdout: this.stdout, stderr: this.stderr }),
      );
    });
  }

  /// How it ended; it is killed if it does not.
  async ended(): Promise<Ended> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    try {
      return await this.end;
    } finally {
      clearTimeout(timer);
    }
  }

  /// Waits until its standard error fits; fails if it ends before.
  async says(what: RegExp): Promise<RegExpMatchArray> {
    const deadline = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const found = this.stderr.match(what);
      if (found) return found;
      if (this.child.exitCode !== null) throw new Error(`ended without ${what}:\n${this.stderr}`);
      const more = once(this.child.stderr!, 'data', { signal: deadline });
      await Promise.race([more, once(this.child, 'close', { signal: deadline })]);
    }
  }
}

/// Nothing of the developer's own settings reaches the program under test.
function environment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(OPENCLAWSSY_|OPENAI_|RUST_LOG|.*_proxy$)/i.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1', ...extra };
}

export class Server {
  readonly url: string;
  readonly data: string;
  private readonly command: Command;
  private readonly args: string[];
  private stopped = false;

  private constructor(command: Command, url: string, data: string, args: string[]) {
    this.command = command;
    this.url = url;
    this.data = data;
    this.args = args;
  }

  static async start(args: string[] = []): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'openclawssy-'));
    return Server.on(data, '127.0.0.1:0', args);
  }

  private static async on(data: string, addr: string, args: string[]): Promise<Server> {
    const command = new Command(['serve', '--addr', addr, '--data', data, ...args]);
    const [, url] = await command.says(/Openclawssy is at (http:\S+)/);
    return new Server(command, url!, data, args);
  }

  get log(): string {
    return this.command.stderr;
  }

  /// Asks it to stop, as a service manager does, and returns how it ended.
  async stop(): Promise<Ended> {
    this.stopped = true;
    this.command.child.kill('SIGTERM');
    return this.command.ended();
  }

  /// Takes it away without a word.
  async kill(): Promise<void> {
    this.stopped = true;
    this.command.child.kill('SIGKILL');
    await this.command.ended();
  }

  /// Another one on the same data and the same port.
  again(): Promise<Server> {
    return Server.on(this.data, new URL(this.url).host, this.args);
  }

  /// For the end of a test: how it ended, if it was still there.
  async close(): Promise<Ended | undefined> {
    return this.stopped ? undefined : this.stop();
  }

  async removeData(): Promise<void> {
    await rm(this.data, { recursive: true, force: true });
  }

  /// Another command on the same data.
  run(args: string[], input = ''): Command {
    return new Command([...args, '--data', this.data], input);
  }

  /// Another command on the same data that should just work; its output.
  async command_(args: string[], input = ''): Promise<string> {
    const ended = await this.run(args, input).ended();
    if (ended.code !== 0) throw new Error(`${args.join(' ')} failed:\n${ended.stderr}`);
    return ended.stdout.trim();
  }
}
