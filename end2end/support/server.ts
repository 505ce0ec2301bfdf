// A server of its own for a test, with data of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command, type Ended } from './command.ts';
import { Program } from './program.ts';

export const OWNER = { name: 'ada', password: 'correct horse 42' };

export class Server {
  /** What all its processes wrote to standard error. */
  log = '';
  private command: Command | undefined;

  private constructor(
    readonly data: string,
    private readonly args: string[],
    public url: string,
  ) {}

  static async start(args: string[]): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'openclawssy-'));
    const server = new Server(data, args, 'http://127.0.0.1:0');
    await server.start();
    return server;
  }

  /** Starts it, on the port it had before if it had one. */
  async start(): Promise<void> {
    const addr = this.url.replace('http://', '');
    this.command = new Command(['serve', '--addr', addr, '--data', this.data, ...this.args]);
    try {
      const [, url] = await this.command.says('stderr', /Openclawssy is at (http:\S+)/);
      this.url = url!;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<Ended | undefined> {
    return this.end('SIGTERM');
  }

  /** Takes it away without a word. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<Ended | undefined> {
    const ended = await this.command?.endedBy(signal);
    this.log += ended?.stderr ?? '';
    this.command = undefined;
    return ended;
  }

  async removeData(): Promise<void> {
    await rm(this.data, { recursive: true, force: true });
  }

  /** Begins another command on the same data. */
  begin(args: string[], input?: string): Command {
    return new Command([...args, '--data', this.data], input);
  }

  /** Another command on the same data that should just work; what it printed. */
  async run(args: string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.begin(args, input).ended();
    if (code !== 0) throw new Error(`openclawssy ${args.join(' ')} failed:\n${stderr}`);
    return stdout.trim();
  }

  /** Makes the owner, and a program with the owner's rights. */
  async addOwner(): Promise<Program> {
    await this.run(['users', 'add', OWNER.name, '--role', 'owner'], `${OWNER.password}\n`);
    return new Program(this, await this.run(['token', 'end2end']));
  }
}
